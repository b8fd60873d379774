// What is done with registered models from the panel: the step back, and the context menu of versions.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, ICommandPalette, InputDialog, Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { copyIcon, undoIcon } from '@jupyterlab/ui-components';

import { exportIcon, promoteIcon, serveIcon } from '../icons';
import { modelsOf } from '../text/models';
import { plain } from '../text/runs';
import { Commands, DOMAIN, IMlops } from '../tokens';
import { addHere } from '../ui/hereCommands';
import { addCommand, folderIn, takesFolder, textOf } from '../ui/ourCommand';
import { askRollback } from '../ui/sidebar/models/askRollback';
import { followJob } from '../ui/jobs/followJob';
import { tellProblem } from '../ui/tellProblem';

export const models: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:models',
  description: 'Rolls a model back, and gives versions a context menu.',
  autoStart: true,
  requires: [IMlops],
  optional: [ICommandPalette, ITranslator],
  activate: (app: JupyterFrontEnd, mlops: IMlops, palette: ICommandPalette | null, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;

    const choose = async (folder: string): Promise<string | null> => {
      const found = modelsOf((await mlops.client.models(folder)).versions).filter(model => model.champion);
      if (found.length < 2) {
        return found[0]?.name ?? null;
      }
      const items = found.map(model => model.name);
      return (await InputDialog.getItem({ title: trans.__('Which model?'), items })).value;
    };

    const rollback = async (folder: string, model: string): Promise<void> => {
      const title = trans.__('Roll %1 back', plain(model));
      const [{ back }, { versions }] = await Promise.all([mlops.client.moves(folder, model), mlops.client.models(folder)]);
      if (!back) {
        Notification.info(trans.__('%1 had no champion before the present one: there is nothing to go back to.', plain(model)), {
          autoClose: 8000
        });
        return;
      }
      const reason = await askRollback(title, model, back, versions, trans);
      if (reason === null) {
        return;
      }
      const job = await followJob(mlops, folder, { verb: 'rollback', model, to: Number(back.after), reason }, title, trans);
      if (job?.status === 'done') {
        // Somebody may have moved it since the dialog was read: what it was is the job's to say.
        const { before } = job.result as { before: string };
        Notification.success(
          trans.__('Version %1 is the champion of %2 again, no longer version %3.', back.after, plain(model), before),
          { autoClose: 8000 }
        );
      }
    };

    addCommand(app, palette, Commands.rollback, {
      label: trans.__('Roll a Model Back…'),
      caption: trans.__('Make the champion before the present one the champion again'),
      icon: undoIcon,
      takes: {
        model: { type: 'string', description: trans.__('The name of the registered model') },
        ...takesFolder(trans)
      },
      execute: async args => {
        const folder = folderIn(args, mlops);
        try {
          const model = textOf(args.model) ?? (await choose(folder));
          if (model !== null) {
            await rollback(folder, model);
          }
        } catch (error) {
          await tellProblem(trans.__('No step back'), error);
        }
      }
    });

    const entries = [
      { of: Commands.promote, label: trans.__('Promote This Version…'), icon: promoteIcon },
      { of: Commands.exportBundle, label: trans.__('Export as a Bundle…'), icon: exportIcon },
      { of: Commands.serve, label: trans.__('Serve…'), icon: serveIcon }
    ];
    entries.forEach(({ of, label, icon }, at) =>
      addHere(app, { id: `${of}-of-version`, kind: 'version', label, icon, rank: at, execute: args => commands.execute(of, args) })
    );
    addHere(app, {
      id: 'jupyter-mlops:copy-version',
      kind: 'version',
      label: trans.__('Copy Name and Version'),
      icon: copyIcon,
      rank: 3,
      execute: args => Clipboard.copyToSystem(args.model as string)
    });
    addHere(app, {
      id: `${Commands.rollback}-of-model`,
      kind: 'model',
      label: trans.__('Roll This Model Back…'),
      icon: undoIcon,
      rank: 10,
      execute: args => commands.execute(Commands.rollback, args)
    });
  }
};
