// The list of runs: only the rows in view are in the page, and all of them can be reached by keys.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Run } from '../../api/rest';
import type { RunChoice } from '../../model/runChoice';
import type { RunList } from '../../model/runList';
import type { RowWindow } from '../../model/rowWindow';
import { rowAfter, rowsIn, scrolledTo } from '../../model/rowWindow';
import { referenceOf, showLine } from '../../text/lines';
import { plain } from '../../text/runs';
import { dragRun } from './dragRun';
import { ROW, rowId, RunRow } from './RunRow';

interface RunRowsProps {
  list: RunList;
  choice: RunChoice;
  /** Another one starts at the top. */
  question: string;
  isLate: boolean;
  trans: TranslationBundle;
  onLook: (rows: RowWindow) => void;
  onOpen: (run: Run) => void;
}

export function RunRows({ list, choice, question, isLate, trans, onLook, onOpen }: RunRowsProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const [shown, setShown] = React.useState<RowWindow>({ first: 0, last: 0 });
  const [at, setAt] = React.useState(-1);
  const press = React.useRef<{ readonly isDrag: () => boolean } | null>(null);
  useSignal(choice);

  const measure = React.useCallback((): void => {
    const node = box.current;
    if (node) {
      const rows = rowsIn(node.scrollTop, node.clientHeight, ROW, list.total);
      setShown(old => (old.first === rows.first && old.last === rows.last ? old : rows));
    }
  }, [list.total]);

  React.useLayoutEffect(() => {
    const node = box.current;
    if (!node) {
      return;
    }
    measure();
    const size = new ResizeObserver(measure);
    size.observe(node);
    return () => size.disconnect();
  }, [measure]);

  React.useLayoutEffect(() => {
    box.current?.scrollTo({ top: 0 });
    setAt(-1);
  }, [question]);

  // What flies by while somebody scrolls is not asked for.
  React.useEffect(() => {
    const timer = window.setTimeout(() => onLook(shown), 60);
    return () => window.clearTimeout(timer);
  }, [shown, list, onLook]);

  // The cursor stays on its run when new ones come in front of it.
  const active = choice.active;
  const row = active && list.runs[at]?.id !== active.id ? list.runs.findIndex(run => run?.id === active.id) : at;

  const go = (to: number): void => {
    const node = box.current;
    if (node) {
      node.scrollTop = scrolledTo(to, node.scrollTop, node.clientHeight, ROW);
    }
    setAt(to);
    choice.setActive(list.runs[to] ?? null);
  };

  const onKey = (event: React.KeyboardEvent): void => {
    const run = list.runs[row];
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? ROW) / ROW) - 1);
    const to = rowAfter(event.key, row, list.total, page);
    if (to !== null) {
      go(to);
    } else if (event.key === 'Enter' && run) {
      onOpen(run);
    } else if (event.key === ' ' && run) {
      choice.tick(run);
    } else if (event.key === 'Escape' && choice.ticked.length) {
      choice.untick();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const onClick = (event: React.MouseEvent): void => {
    const clicked = rowOf(event);
    const run = clicked === null ? undefined : list.runs[clicked];
    if (clicked === null || !run || press.current?.isDrag()) {
      return;
    }
    const isTick = (event.target as HTMLElement).closest('.jp-mlops-tick') !== null;
    if (event.shiftKey && row >= 0) {
      for (const each of list.runs.slice(Math.min(row, clicked), Math.max(row, clicked) + 1)) {
        if (each) {
          choice.tick(each, true);
        }
      }
    } else if (isTick || event.ctrlKey || event.metaKey) {
      choice.tick(run);
    } else {
      onOpen(run);
    }
    setAt(clicked);
    choice.setActive(run);
  };

  const onPress = (event: React.PointerEvent): void => {
    const pressed = rowOf(event);
    const run = pressed === null ? undefined : list.runs[pressed];
    press.current = null;
    if (pressed === null || !run) {
      choice.setActive(null); // a menu here is about no run
      return;
    }
    if (event.button === 0 && event.pointerType !== 'touch') {
      const line = showLine(referenceOf(run, known(list)));
      press.current = dragRun(event.nativeEvent, plain(run.name, 40), line);
    } else if (event.button === 2) {
      setAt(pressed);
      choice.setActive(run); // the context menu is about it
    }
  };

  const rows = [];
  for (let each = shown.first; each < Math.min(shown.last, list.total); each++) {
    const run = list.runs[each];
    rows.push(
      <RunRow
        key={each}
        run={run}
        at={each}
        total={list.total}
        isActive={each === row}
        isTicked={run !== undefined && choice.isTicked(run)}
        trans={trans}
      />
    );
  }
  const isActiveShown = row >= shown.first && row < shown.last;
  return (
    <div
      ref={box}
      className="jp-mlops-runs"
      role="listbox"
      tabIndex={0}
      aria-label={trans.__('Runs, newest first')}
      aria-multiselectable="true"
      aria-activedescendant={isActiveShown ? rowId(row) : undefined}
      aria-busy={isLate}
      onScroll={measure}
      onKeyDown={onKey}
      onClick={onClick}
      onPointerDown={onPress}
      onFocus={() => row < 0 && list.total > 0 && box.current?.matches(':focus-visible') && go(0)}
    >
      <div role="presentation" style={{ height: list.total * ROW }}>
        <div role="presentation" style={{ transform: `translateY(${shown.first * ROW}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}

const known = (list: RunList): Run[] => list.runs.filter((run): run is Run => run !== undefined);

function rowOf(event: React.SyntheticEvent): number | null {
  const node = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
  return node ? Number(node.dataset.row) : null;
}

/** Draw again when the choice changes. */
function useSignal(choice: RunChoice): void {
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    choice.changed.connect(draw);
    return () => {
      choice.changed.disconnect(draw);
    };
  }, [choice]);
}
