// What to serve, asked of the user: the project's bundles and registered versions.

import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ProblemError } from '../../api/client';
import type { Client } from '../../api/client';
import { problemWords } from '../../text/jobs';

/** A bundle's folder or a version; null if nothing was chosen, or there is nothing (which is said). */
export async function askWhat(client: Client, folder: string, trans: TranslationBundle): Promise<string | null> {
  let items: string[];
  try {
    const [models, bundles] = await Promise.all([client.models(folder), client.bundles(folder)]);
    const inHand = (version: { aliases: string[] }): number => (version.aliases.includes('champion') ? 0 : 1);
    const versions = [...models.versions].sort((a, b) => inHand(a) - inHand(b));
    items = [...bundles.bundles.map(bundle => bundle.path), ...versions.map(each => `${each.name}/${each.version}`)];
  } catch (error) {
    const said = error instanceof ProblemError ? problemWords(error.problem) : String(error);
    Notification.error(said, { autoClose: 8000 });
    return null;
  }
  if (!items.length) {
    Notification.info(trans.__('There is no model to serve yet: promote one first.'), { autoClose: 8000 });
    return null;
  }
  const chosen = await InputDialog.getItem({
    title: trans.__('Serve a Model'),
    label: trans.__('A bundle or a version'),
    items,
    okLabel: trans.__('Serve')
  });
  return chosen.button.accept ? chosen.value : null;
}
