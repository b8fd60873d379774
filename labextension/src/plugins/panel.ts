// The panel in the left sidebar, and the command that opens it.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { mlopsIcon } from '../icons';
import { PanelState } from '../model/panelState';
import { Commands, DOMAIN, IMlops, IPanelState } from '../tokens';
import { addCommand } from '../ui/ourCommand';
import { MlopsPanel, PANEL } from '../ui/sidebar/MlopsPanel';

const ID = 'jupyter-mlops:panel';
const RANK = 600;

export const panel: JupyterFrontEndPlugin<IPanelState> = {
  id: ID,
  description: 'A panel in the left sidebar: runs, models, servers and alarms of the project.',
  autoStart: true,
  requires: [IMlops],
  provides: IPanelState,
  optional: [ILayoutRestorer, ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    mlops: IMlops,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): IPanelState => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const state = new PanelState();
    // Without settings the panel is as it is at first, and remembers nothing.
    registry?.load(ID).then(settings => state.use(settings), () => undefined);
    const widget = new MlopsPanel(app, mlops, state, trans);
    app.shell.add(widget, 'left', { rank: RANK });
    restorer?.add(widget, PANEL);
    addCommand(app, palette, Commands.openPanel, {
      label: args => (args['isLauncher'] ? trans.__('MLOps') : trans.__('Show MLOps Panel')),
      caption: trans.__('Runs, models, servers and alarms of the notebook’s project'),
      icon: mlopsIcon,
      execute: () => app.shell.activateById(PANEL)
    });
    return state;
  }
};
