// The badges of one notebook: which cell has a run, what its file keeps of it, and whether it was edited since.

import { CodeCell } from '@jupyterlab/cells';
import type { Cell, ICellModel } from '@jupyterlab/cells';
import { NotebookActions, type Notebook, type NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { CellState, LiveModel } from '../../model/live';
import { hashOf, type KeptRun, read, written } from '../../text/badges';
import { CellBadge } from './CellBadge';
import { Copies } from './copies';

const KEY = 'mlops';
const PAUSE = 250; // ms without a key before the source is compared

interface Badged {
  badge: CellBadge;
  run: KeptRun;
  onEdit: () => void;
  timer: number;
}

export class NotebookBadges implements IDisposable {
  private readonly badged = new Map<Cell, Badged>();
  private readonly copies = new Copies();
  private readonly cleared = new Map<string, string>();
  private timer = 0;
  private isLoaded = false;
  isDisposed = false;

  constructor(
    private readonly panel: NotebookPanel,
    private readonly live: LiveModel,
    private readonly trans: TranslationBundle,
    private readonly open: (run: KeptRun) => void
  ) {
    void panel.context.ready.then(() => this.begin());
  }

  /** The run of a cell that has a badge. */
  runOf(cell: Cell | null): KeptRun | null {
    return (cell && this.badged.get(cell)?.run) ?? null;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.isDisposed = true;
    window.clearTimeout(this.timer);
    this.live.cellsChanged.disconnect(this.onTold, this);
    NotebookActions.outputCleared.disconnect(this.onCleared, this);
    this.panel.content.model?.cells.changed.disconnect(this.later, this);
    for (const cell of [...this.badged.keys()]) {
      this.takeOff(cell);
    }
  }

  private begin(): void {
    const model = this.panel.content.model;
    if (this.isDisposed || this.panel.isDisposed || !model || this.panel.context.contentsModel?.writable === false) {
      return;
    }
    this.live.cellsChanged.connect(this.onTold, this);
    NotebookActions.outputCleared.connect(this.onCleared, this);
    model.cells.changed.connect(this.later, this);
    this.lookAtAll();
    this.isLoaded = true;
  }

  /** Cells came, went or moved: all that does so at once is looked at together. */
  private later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.lookAtAll(), 0);
  }

  private lookAtAll(): void {
    const cells = this.panel.content.widgets;
    const there = new Set(cells);
    for (const cell of [...this.badged.keys()].filter(each => !there.has(each))) {
      this.takeOff(cell);
    }
    for (const cell of cells.filter(each => !this.badged.has(each))) {
      this.lookAt(cell);
    }
  }

  private onTold(_: LiveModel, ids: string[]): void {
    const told = new Set(ids);
    for (const cell of this.panel.content.widgets.filter(each => told.has(each.model.id))) {
      this.lookAt(cell);
    }
  }

  /** Without its outputs a cell has no results to tell of, and its file none to keep. */
  private onCleared(_: unknown, { notebook, cell }: { notebook: Notebook; cell: Cell }): void {
    if (notebook === this.panel.content) {
      const state = this.live.cells.get(cell.model.id);
      if (state) {
        this.cleared.set(cell.model.id, nameOf(state));
      }
      keep(cell.model, null);
      this.lookAt(cell);
    }
  }

  private lookAt(cell: Cell): void {
    const run = cell instanceof CodeCell ? this.find(cell.model) : this.without(cell.model);
    if (run) {
      this.put(cell as CodeCell, run);
    } else {
      this.takeOff(cell);
    }
  }

  /** What the kernel tells of a cell; what its file says, if the kernel knows nothing of it. */
  private find(model: ICellModel): KeptRun | null {
    const state = this.live.cells.get(model.id);
    if (!state) {
      this.cleared.delete(model.id);
      return this.kept(model);
    }
    if (state.run === null || this.cleared.get(model.id) === nameOf(state)) {
      return this.without(model);
    }
    const run = { id: state.run_id ?? '', name: state.run, metric: state.metric ?? '', source: state.source ?? '' };
    const line = written(run);
    this.copies.own(line, model.id);
    keep(model, line);
    return run;
  }

  private kept(model: ICellModel): KeptRun | null {
    const line: unknown = model.getMetadata(KEY);
    const run = read(line);
    if (!run || !this.isPython) {
      return null;
    }
    const isThere = (id: string): boolean => this.panel.content.widgets.some(each => each.model.id === id);
    return this.copies.isCopy(line as string, model.id, isThere) ? this.without(model) : run;
  }

  /** No run: the line goes. Not because a notebook was opened: it would be changed by looking. */
  private without(model: ICellModel): null {
    if (this.isLoaded && read(model.getMetadata(KEY))) {
      keep(model, null);
    }
    return null;
  }

  private get isPython(): boolean {
    const { language_info: language, kernelspec } = this.panel.content.model?.sharedModel.metadata ?? {};
    const name = language?.name || kernelspec?.language; // a new notebook has an empty one at first
    return !name || name === 'python';
  }

  private put(cell: CodeCell, run: KeptRun): void {
    let found = this.badged.get(cell);
    if (!found) {
      const made: Badged = {
        badge: new CellBadge(cell, this.trans, () => this.open(made.run)),
        run,
        timer: 0,
        onEdit: () => {
          window.clearTimeout(made.timer);
          made.timer = window.setTimeout(() => this.draw(cell, made), PAUSE);
        }
      };
      cell.model.contentChanged.connect(made.onEdit);
      this.badged.set(cell, made);
      found = made;
    }
    found.run = run;
    this.draw(cell, found);
  }

  private draw(cell: Cell, { badge, run }: Badged): void {
    const isEdited = run.source !== '' && hashOf(cell.model.sharedModel.getSource()) !== run.source;
    badge.show(run, isEdited, this.live.cells.get(cell.model.id)?.stale ?? []);
  }

  private takeOff(cell: Cell): void {
    const found = this.badged.get(cell);
    if (found) {
      window.clearTimeout(found.timer);
      if (!cell.isDisposed) {
        cell.model.contentChanged.disconnect(found.onEdit);
      }
      found.badge.dispose();
      this.badged.delete(cell);
    }
  }
}

const nameOf = (state: CellState): string => `${state.serial} ${state.run}`;

/** Write the line or take it away, beside the user's own steps that can be undone. */
function keep(model: ICellModel, line: string | null): void {
  const cell = model.sharedModel;
  if (line !== (cell.getMetadata(KEY) ?? null)) {
    cell.transact(() => (line === null ? cell.deleteMetadata(KEY) : cell.setMetadata(KEY, line)), false);
  }
}
