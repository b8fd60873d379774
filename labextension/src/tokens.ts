// What the plugins of this extension share.

import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Client } from './api/client';
import type { Job } from './api/rest';
import type { Alarms } from './model/alarms';
import type { Jobs } from './model/jobs';
import type { Notebooks } from './model/notebooks';
import type { PanelState } from './model/panelState';

/** The server's client, the open notebooks, long work, and alarms. */
export interface IMlops {
  readonly client: Client;
  readonly notebooks: Notebooks;
  readonly jobs: Jobs;
  /** Emitted when any job of this page has ended. */
  readonly jobsChanged: ISignal<Jobs, Job>;
  /** What running servers said last about their data; nobody asks for it but the panel. */
  readonly alarms: Alarms;
}

export const IMlops = new Token<IMlops>('jupyter-mlops:IMlops', 'The client of the server and the open notebooks.');

/** What the left panel remembers: its runs' cursor and selection, for commands. */
export type IPanelState = PanelState;

export const IPanelState = new Token<IPanelState>('jupyter-mlops:IPanelState', 'What the left panel remembers.');

/** The domain of this extension's texts. */
export const DOMAIN = 'jupyter_mlops';

/** Ids of the commands. */
export const Commands = {
  track: 'jupyter-mlops:track',
  exportBundle: 'jupyter-mlops:export-bundle',
  promote: 'jupyter-mlops:promote',
  rollback: 'jupyter-mlops:rollback',
  showRun: 'jupyter-mlops:show-run',
  compare: 'jupyter-mlops:compare',
  insertRun: 'jupyter-mlops:insert-run',
  promoteRun: 'jupyter-mlops:promote-run',
  openPanel: 'jupyter-mlops:open-panel',
  serve: 'jupyter-mlops:serve',
  stopServer: 'jupyter-mlops:stop-server',
  openServer: 'jupyter-mlops:open-server',
  showLog: 'jupyter-mlops:show-log',
  showCellRun: 'jupyter-mlops:show-cell-run',
  toggleBadges: 'jupyter-mlops:toggle-badges'
} as const;

/** JupyterLab's own command; Notebook's page of one notebook has no file browser, and not this either. */
export const REVEAL = 'filebrowser:go-to-path';
