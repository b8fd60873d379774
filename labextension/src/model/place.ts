// Where a notebook is: its folder decides which project is meant.

import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** A notebook's path without the name of a drive, relative to the server's root. */
export function pathOf(panel: NotebookPanel): string {
  const path = panel.context.path;
  const drive = path.indexOf(':');
  return drive >= 0 ? path.slice(drive + 1) : path;
}

/** Its folder; empty for the root. */
export const folderOf = (panel: NotebookPanel): string => PathExt.dirname(pathOf(panel));
