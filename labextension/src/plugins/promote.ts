// Promoting a run or a version by a command.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { promoteIcon } from '../icons';
import { Commands, DOMAIN, IMlops } from '../tokens';
import { openPromote } from '../ui/dialogs';
import { addCommand, takesFolder, textOf } from '../ui/ourCommand';

export const promote: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:promote',
  description: 'A dialog that promotes a model, with its gates as a checklist.',
  autoStart: true,
  requires: [IMlops],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    mlops: IMlops,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    addCommand(app, palette, Commands.promote, {
      label: trans.__('Promote…'),
      caption: trans.__('Run the code of a model again, judge it by the gates, and register it'),
      icon: promoteIcon,
      takes: {
        run: { type: 'string', description: trans.__('The id of a run; that of the selected cell if left out') },
        model: { type: 'string', description: trans.__('A registered version, NAME/VERSION, to judge again') },
        ...takesFolder(trans)
      },
      isEnabled: args => mlops.notebooks.current !== null || 'run' in args || 'model' in args,
      execute: args => openPromote(mlops, trans, { folder: textOf(args.folder), model: textOf(args.model), run: textOf(args.run) })
    });
    mlops.notebooks.currentChanged.connect(() => app.commands.notifyCommandChanged(Commands.promote));
  }
};
