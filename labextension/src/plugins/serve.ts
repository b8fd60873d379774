// Serving a version or a bundle by a command.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { serveIcon } from '../icons';
import { Commands, DOMAIN, IMlops } from '../tokens';
import { openFlow } from '../ui/jobs/openFlow';
import { addCommand, folderIn, takesFolder, textOf } from '../ui/ourCommand';
import { askWhat } from '../ui/serve/askWhat';
import { ServeBody } from '../ui/serve/ServeBody';
import { ServeFlow } from '../ui/serve/ServeFlow';

export const serve: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:serve',
  description: 'Starts a server for a model or a bundle.',
  autoStart: true,
  requires: [IMlops],
  optional: [ICommandPalette, ITranslator],
  activate: (app: JupyterFrontEnd, mlops: IMlops, palette: ICommandPalette | null, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    addCommand(app, palette, Commands.serve, {
      label: trans.__('Serve a Model…'),
      caption: trans.__('Start a local server for a version or a bundle, and show its address'),
      icon: serveIcon,
      takes: {
        bundle: { type: 'string', description: trans.__("A bundle's folder, relative to the project's") },
        model: { type: 'string', description: trans.__('A registered version: NAME/VERSION') },
        ...takesFolder(trans)
      },
      execute: async args => {
        const folder = folderIn(args, mlops);
        const model = textOf(args.bundle ?? args.model) ?? (await askWhat(mlops.client, folder, trans));
        if (model) {
          await openFlow(new ServeFlow(mlops, folder, trans, model), ServeBody);
        }
      }
    });
  }
};
