// The client and the notebooks, for the other plugins.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { Client } from '../api/client';
import { Alarms } from '../model/alarms';
import { Jobs } from '../model/jobs';
import { Notebooks } from '../model/notebooks';
import { IMlops } from '../tokens';

export const core: JupyterFrontEndPlugin<IMlops> = {
  id: 'jupyter-mlops:core',
  description: 'Speaks with the server, and knows what the kernels of open notebooks tell.',
  autoStart: true,
  requires: [INotebookTracker],
  provides: IMlops,
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker): IMlops => {
    const client = new Client(app.serviceManager.serverSettings);
    const jobs = new Jobs(client, window.sessionStorage);
    window.addEventListener('beforeunload', () => jobs.leaving());
    window.addEventListener('pagehide', () => jobs.left());
    return { client, notebooks: new Notebooks(tracker), jobs, jobsChanged: jobs.changed, alarms: new Alarms() };
  }
};
