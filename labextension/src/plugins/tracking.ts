// Tracking a notebook by a click: the toolbar's switch and a command.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { trackIcon } from '../icons';
import { Commands, DOMAIN, IMlops } from '../tokens';
import { addCommand } from '../ui/ourCommand';
import { tellShortly } from '../ui/tellProblem';
import { TrackingSwitch } from '../ui/TrackingSwitch';

export const tracking: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:tracking',
  description: 'A switch in the notebook toolbar that tracks the notebook.',
  autoStart: true,
  requires: [IMlops],
  optional: [IToolbarWidgetRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    mlops: IMlops,
    toolbar: IToolbarWidgetRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const failed = (error: Error): void => tellShortly(trans.__('Tracking did not start: %1.', error.message));
    toolbar?.addFactory<NotebookPanel>(
      'Notebook',
      'mlops-tracking',
      panel => new TrackingSwitch(mlops.notebooks.live(panel), trans, failed)
    );
    addCommand(app, palette, Commands.track, {
      label: trans.__('Track This Notebook'),
      caption: trans.__('Cells that fit or measure a model become MLflow runs'),
      icon: trackIcon,
      isToggleable: true,
      isEnabled: () => mlops.notebooks.current !== null,
      isToggled: () => {
        const panel = mlops.notebooks.current;
        return panel !== null && ['on', 'catching up'].includes(mlops.notebooks.live(panel).tracking);
      },
      execute: async () => {
        const panel = mlops.notebooks.current;
        const model = panel && mlops.notebooks.live(panel);
        await model?.turn(model.tracking === 'off').catch(failed);
      }
    });
  }
};
