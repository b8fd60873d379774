// One live model a notebook, for everything on the page that shows it.

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { LiveModel } from './live';
import { folderOf } from './place';

/** The open notebooks and the one that is looked at. */
export class Notebooks {
  private readonly models = new WeakMap<NotebookPanel, LiveModel>();
  private readonly changed = new Signal<this, NotebookPanel | null>(this);

  constructor(readonly tracker: INotebookTracker) {
    tracker.currentChanged.connect((_, panel) => this.changed.emit(panel));
  }

  /** The notebook that is looked at, or was last. */
  get current(): NotebookPanel | null {
    return this.tracker.currentWidget;
  }

  get currentChanged(): ISignal<this, NotebookPanel | null> {
    return this.changed;
  }

  /** The folder of the current notebook; the server's root without one. */
  get folder(): string {
    return this.current ? folderOf(this.current) : '';
  }

  /** What the kernel of a notebook tells. */
  live(panel: NotebookPanel): LiveModel {
    let model = this.models.get(panel);
    if (!model) {
      model = new LiveModel(panel.sessionContext);
      this.models.set(panel, model);
      const made = model;
      panel.disposed.connect(() => made.dispose());
    }
    return model;
  }
}
