// The runs of one notebook.

import type { Client } from '../api/client';

const PAGE = 1000;
const MOST = 10;

/** Ids of the notebook's runs, at most the newest ten thousand. */
export async function runIdsOf(client: Client, folder: string, notebook: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (let page = 0; page < MOST; page++) {
    const { runs, total } = await client.runs(folder, { notebook, offset: page * PAGE, limit: PAGE });
    runs.forEach(run => found.add(run.id));
    if (!runs.length || found.size >= total) {
      break;
    }
  }
  return found;
}
