// A view of ours beside the notebook.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

/** Add and show it: in the main area, or where that holds one document only (Notebook 7), beside it. */
export function addToMain(shell: JupyterFrontEnd.IShell, view: Widget): void {
  shell.add(view, 'main');
  if (!view.isAttached) {
    shell.add(view, 'right');
  }
  shell.activateById(view.id);
}
