// Tracking and drift alarms in the status bar.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Commands, DOMAIN, IMlops } from '../tokens';
import { TrackingStatus } from '../ui/TrackingStatus';

const ID = 'jupyter-mlops:status';

export const status: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Whether the current notebook is tracked, in the status bar.',
  autoStart: true,
  requires: [IMlops],
  optional: [IStatusBar, ITranslator], // Notebook 7 has none
  activate: (app: JupyterFrontEnd, mlops: IMlops, bar: IStatusBar | null, translator: ITranslator | null): void => {
    if (!bar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const open = (): void => void app.commands.execute(Commands.openPanel);
    const item = new TrackingStatus(mlops.notebooks, mlops.alarms, trans, open);
    bar.registerStatusItem(ID, {
      item,
      align: 'left',
      rank: 5,
      isActive: () => item.isActive,
      activeStateChanged: item.activeChanged
    });
  }
};
