// A card in the launcher that opens the panel.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Commands, DOMAIN } from '../tokens';

export const launcher: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:launcher',
  description: 'A card in the launcher.',
  autoStart: true,
  optional: [ILauncher, ITranslator], // Notebook 7 has none
  activate: (_: JupyterFrontEnd, cards: ILauncher | null, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    // The launcher's own word for its last category.
    cards?.add({ command: Commands.openPanel, category: trans.__('Other'), rank: 10, args: { isLauncher: true } });
  }
};
