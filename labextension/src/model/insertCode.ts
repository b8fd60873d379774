// Code put into a notebook by a click.

import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';

// Says nothing if it is loaded, and nothing where it is not installed: then the cell says it.
const LOAD = 'get_ipython().run_line_magic("load_ext", "jupyter_mlops")';

/** A new code cell below the active one, which becomes the active one. */
export function insertCode(panel: NotebookPanel, source: string): void {
  const notebook = panel.content;
  const at = notebook.activeCellIndex + 1;
  // As Lab's own new cells: made by the user, so what it shows is trusted.
  notebook.model?.sharedModel.insertCell(at, { cell_type: 'code', source, metadata: { trusted: true } });
  notebook.deselectAll();
  notebook.activeCellIndex = at;
  void notebook.scrollToItem(at);
}

/** The same, and run it, in a kernel that has our magics. */
export async function runCode(panel: NotebookPanel, source: string): Promise<void> {
  insertCode(panel, source);
  const kernel = panel.sessionContext.session?.kernel;
  kernel?.requestExecute({ code: LOAD, silent: true, store_history: false, stop_on_error: false });
  await NotebookActions.run(panel.content, panel.sessionContext);
}
