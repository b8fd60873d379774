// The runs that the kernel of the current notebook knows, also those on their way to MLflow.

import type { CellState } from './live';
import type { Notebooks } from './notebooks';

/** By id, or by name while it has none; the selected cell's run, null if it has none. */
export function runOfCell(notebooks: Notebooks): string | null {
  const panel = notebooks.current;
  const cell = panel?.content.activeCell;
  const state = panel && cell ? notebooks.live(panel).cells.get(cell.model.id) : undefined;
  return state?.run_id ?? state?.run ?? null;
}

/** Names of the runs that no list has yet, the newest first. */
export function runsOnTheirWay(notebooks: Notebooks): string[] {
  const cells: Iterable<CellState> = notebooks.current ? notebooks.live(notebooks.current).cells.values() : [];
  const waiting = [...cells].filter(cell => cell.run !== null && cell.run_id === null);
  return waiting.sort((a, b) => b.serial - a.serial).map(cell => cell.run ?? '');
}
