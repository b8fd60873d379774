// What can be done with a run: look at it, put it into the notebook, compare it, promote it.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { notebookIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Run } from '../api/rest';
import { mlopsIcon } from '../icons';
import { insertCode, runCode } from '../model/insertCode';
import type { RunChoice } from '../model/runChoice';
import { compareLine, referenceOf, showLine } from '../text/lines';
import { plain } from '../text/runs';
import { Commands, DOMAIN, IMlops, IPanelState } from '../tokens';
import { addToMain } from '../ui/mainArea';
import { addCommand } from '../ui/ourCommand';
import { RunView } from '../ui/sidebar/RunView';
import { tellShortly } from '../ui/tellProblem';

type Named = Pick<Run, 'id' | 'name'>;

const ONE_RUN = {
  id: { type: 'string', description: 'The id of the run.' },
  name: { type: 'string', description: 'Its name, instead.' },
  folder: { type: 'string', description: 'A folder of the project, relative to the server’s root.' }
};

export const runs: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:runs',
  description: 'Commands for runs, and the view of one.',
  autoStart: true,
  requires: [IMlops, IPanelState],
  optional: [ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    mlops: IMlops,
    { runs: choice }: IPanelState,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const tracker = new WidgetTracker<MainAreaWidget<RunView>>({ namespace: 'jupyter-mlops-runs' });
    const views = new Map<string, MainAreaWidget<RunView>>();
    const where = new WeakMap<MainAreaWidget<RunView>, ReadonlyPartialJSONObject>();

    const show = (folder: string, run: Named | Run): void => {
      const key = `${folder}\n${run.id}`;
      let view = views.get(key);
      if (view) {
        app.shell.activateById(view.id);
      } else {
        const known = 'metrics' in run ? run : null;
        const content = new RunView({ mlops, commands, choice, folder, run: run.id, known, trans });
        view = new MainAreaWidget({ content });
        view.id = `jp-mlops-run-view-${run.id}-${views.size}`;
        view.toolbar.hide();
        view.title.label = plain(run.name, 30);
        view.title.caption = trans.__('Run %1', plain(run.name));
        view.title.icon = mlopsIcon;
        view.title.closable = true;
        views.set(key, view);
        view.disposed.connect(() => views.delete(key));
        where.set(view, { id: run.id, name: run.name, folder });
        void tracker.add(view);
        addToMain(app.shell, view);
      }
    };

    addCommand(app, palette, Commands.showRun, {
      label: trans.__('Open Run'),
      caption: trans.__('What was measured, and with which parameters'),
      icon: mlopsIcon,
      takes: ONE_RUN,
      isEnabled: args => asked(args) || choice.active !== null,
      execute: async args => {
        const folder = folderOf(args, choice, mlops);
        show(folder, await found(mlops, folder, args, choice));
      }
    });

    addCommand(app, palette, Commands.insertRun, {
      label: trans.__('Insert Run into Notebook'),
      caption: trans.__('A cell that shows the run, below the active one'),
      icon: notebookIcon,
      takes: ONE_RUN,
      isEnabled: args => mlops.notebooks.current !== null && (asked(args) || choice.active !== null),
      execute: async args => {
        const panel = mlops.notebooks.current;
        const run = await found(mlops, folderOf(args, choice, mlops), args, choice);
        if (panel) {
          insertCode(panel, showLine(referenceOf(run, known(choice))));
          app.shell.activateById(panel.id);
        }
      }
    });

    addCommand(app, palette, Commands.compare, {
      label: trans.__('Compare Selected Runs'),
      caption: trans.__('A cell in the current notebook that compares them'),
      icon: mlopsIcon,
      takes: {
        runs: { type: 'array', items: { type: 'string' }, description: 'Names or ids; without, those selected in the sidebar.' },
        folder: ONE_RUN.folder
      },
      isEnabled: args => mlops.notebooks.current !== null && (Array.isArray(args['runs']) || choice.ticked.length > 1),
      execute: async args => {
        const panel = mlops.notebooks.current;
        const wanted = args['runs'] as string[] | undefined;
        const all = known(choice);
        const references = wanted
          ? wanted.map(word => {
              const run = [...choice.ticked, ...all].find(each => each.id === word);
              return run ? referenceOf(run, all) : word;
            })
          : choice.ticked.map(run => referenceOf(run, all));
        if (panel && references.length) {
          app.shell.activateById(panel.id);
          await runCode(panel, compareLine(references)).catch((error: Error) => tellShortly(error.message));
        }
      }
    });

    addCommand(app, palette, Commands.promoteRun, {
      label: trans.__('Promote Run…'),
      caption: trans.__('Make the run’s model a version, if its gates let it'),
      icon: mlopsIcon,
      isVisible: () => commands.hasCommand(Commands.promote),
      isEnabled: () => choice.active !== null,
      execute: () => commands.execute(Commands.promote, { run: choice.active?.id, folder: choice.folder })
    });

    const selector = '.jp-mlops-runs';
    [Commands.showRun, Commands.insertRun, Commands.promoteRun].forEach((command, rank) =>
      app.contextMenu.addItem({ command, selector, rank })
    );
    app.contextMenu.addItem({ type: 'separator', selector, rank: 5 });
    app.contextMenu.addItem({ command: Commands.compare, selector, rank: 6 });
    void restorer?.restore(tracker, {
      command: Commands.showRun,
      args: view => where.get(view) ?? {},
      name: view => view.id
    });
  }
};

const asked = (args: ReadonlyPartialJSONObject): boolean => Boolean(args['id'] || args['name']);

const known = (choice: RunChoice): Run[] => choice.known.filter((run): run is Run => run !== undefined);

function folderOf(args: ReadonlyPartialJSONObject, choice: RunChoice, mlops: IMlops): string {
  return (args['folder'] as string | undefined) ?? (asked(args) ? mlops.notebooks.folder : choice.folder);
}

/** The run that is meant: the one asked for, or the one the sidebar's cursor is on. */
async function found(mlops: IMlops, folder: string, args: ReadonlyPartialJSONObject, choice: RunChoice): Promise<Named | Run> {
  const [id, name] = [args['id'] as string | undefined, args['name'] as string | undefined];
  if (id) {
    const run = known(choice).find(each => each.id === id);
    return run ?? { id, name: name ?? (await mlops.client.run(folder, id)).name };
  }
  if (name) {
    const page = await mlops.client.runs(folder, { search: name });
    const run = page.runs.find(each => each.name === name);
    if (!run) {
      throw new Error(`there is no run ${name}`);
    }
    return run;
  }
  if (!choice.active) {
    throw new Error('no run is selected');
  }
  return choice.active;
}
