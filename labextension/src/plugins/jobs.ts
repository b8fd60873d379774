// Jobs that went on while the page was loaded again: told of as if their dialogs had been closed.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { jobTitle } from '../text/jobs';
import { DOMAIN, IMlops } from '../tokens';
import { tellOfJob } from '../ui/jobs/followJob';

export const jobs: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:jobs',
  description: 'Tells of the jobs that went on while the page was loaded again.',
  autoStart: true,
  requires: [IMlops],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, mlops: IMlops, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const tell = async (): Promise<void> => {
      for (const followed of await mlops.jobs.resume()) {
        tellOfJob(followed, jobTitle(followed.job, trans), trans);
      }
    };
    void app.restored.then(tell);
  }
};
