// Badges beside the cells that gave a run.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { mlopsIcon } from '../icons';
import { folderOf } from '../model/place';
import type { KeptRun } from '../text/badges';
import { Commands, DOMAIN, IMlops } from '../tokens';
import { NotebookBadges } from '../ui/badges/NotebookBadges';
import { addCommand } from '../ui/ourCommand';
import { tellShortly } from '../ui/tellProblem';

const ID = 'jupyter-mlops:badges';
const SHOWN = 'showBadges';

export const badges: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows beside a cell the run it gave, and whether it was edited since or its inputs changed.',
  autoStart: true,
  requires: [IMlops],
  optional: [ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    mlops: IMlops,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { notebooks } = mlops;
    const shown = new Map<NotebookPanel, NotebookBadges>();
    let isOn = false;

    const open = async (panel: NotebookPanel, run: KeptRun): Promise<void> => {
      // Names repeat: by its name an older run would be found.
      if (!run.id && notebooks.live(panel).runsWaiting > 0) {
        Notification.info(trans.__('This run is on its way to MLflow. Try again in a moment.'), { autoClose: 5000 });
        return;
      }
      const which = run.id ? { id: run.id } : { name: run.name };
      await app.commands.execute(Commands.showRun, { ...which, folder: folderOf(panel) }).catch((error: Error) =>
        tellShortly(trans.__('The run cannot be shown: %1.', error.message))
      );
    };
    const add = (panel: NotebookPanel): void => {
      shown.set(panel, new NotebookBadges(panel, notebooks.live(panel), trans, run => void open(panel, run)));
      panel.disposed.connect(remove);
    };
    const remove = (panel: NotebookPanel): void => {
      panel.disposed.disconnect(remove);
      shown.get(panel)?.dispose();
      shown.delete(panel);
    };
    const turn = (on: boolean): void => {
      if (on !== isOn) {
        isOn = on;
        if (on) {
          notebooks.tracker.forEach(add);
        } else {
          [...shown.keys()].forEach(remove);
        }
        app.commands.notifyCommandChanged(Commands.toggleBadges);
      }
    };
    notebooks.tracker.widgetAdded.connect((_, panel) => {
      if (isOn) {
        add(panel);
      }
    });
    const settings = registry?.load(ID).catch(() => null) ?? Promise.resolve(null);
    void settings.then(found => {
      const follow = (): void => turn(found?.get(SHOWN).composite !== false);
      found?.changed.connect(follow);
      follow();
    });

    const ofCell = (): { panel: NotebookPanel; run: KeptRun } | null => {
      const panel = notebooks.current;
      const run = panel && shown.get(panel)?.runOf(panel.content.activeCell);
      return panel && run ? { panel, run } : null;
    };
    addCommand(app, palette, Commands.showCellRun, {
      label: trans.__('Show the Run of This Cell'),
      caption: trans.__('Open the run that the selected cell gave'),
      icon: mlopsIcon,
      isEnabled: () => ofCell() !== null,
      execute: async () => {
        const found = ofCell();
        await (found && open(found.panel, found.run));
      }
    });
    addCommand(app, palette, Commands.toggleBadges, {
      label: trans.__('Toggle Cell Badges'),
      caption: trans.__('Show beside each cell the run it gave, or stop that'),
      icon: mlopsIcon,
      isToggleable: true,
      isToggled: () => isOn,
      execute: async () => {
        const found = await settings;
        await (found ? found.set(SHOWN, !isOn) : turn(!isOn));
      }
    });
  }
};
