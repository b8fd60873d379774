// Exporting a bundle by one click in the notebook's toolbar (schema/export.json), or by a command.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { exportIcon } from '../icons';
import { Commands, DOMAIN, IMlops } from '../tokens';
import { openExport } from '../ui/dialogs';
import { addCommand, takesFolder, textOf } from '../ui/ourCommand';

export const exporting: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:export',
  description: 'A button in the notebook toolbar that exports the notebook’s model as a bundle.',
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
    addCommand(app, palette, Commands.exportBundle, {
      label: args => (args['isPalette'] ? trans.__('Export Bundle') : trans.__('Export bundle')),
      caption: trans.__('Export the promoted model of this notebook as a folder that serves it anywhere'),
      icon: exportIcon,
      takes: {
        model: { type: 'string', description: trans.__('A registered version, NAME/VERSION; that of the notebook if left out') },
        ...takesFolder(trans)
      },
      isEnabled: args => mlops.notebooks.current !== null || 'model' in args,
      execute: args => openExport(mlops, trans, { folder: textOf(args.folder), model: textOf(args.model) })
    });
    mlops.notebooks.currentChanged.connect(() => app.commands.notifyCommandChanged(Commands.exportBundle));
  }
};
