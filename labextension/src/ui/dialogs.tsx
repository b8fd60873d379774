// The dialogs that lead into each other: a promoted model can be exported, and what is to be exported promoted.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { pathOf } from '../model/place';
import { runOfCell, runsOnTheirWay } from '../model/selected';
import type { IMlops } from '../tokens';
import { ExportBody } from './export/ExportBody';
import { ExportFlow } from './export/ExportFlow';
import { openFlow } from './jobs/openFlow';
import { PromoteBody } from './promote/PromoteBody';
import { PromoteFlow } from './promote/PromoteFlow';

/** What a dialog is opened about; what is not given is taken from the current notebook. */
export interface About {
  folder?: string;
  /** `NAME/VERSION` */
  model?: string;
  /** A run's id. */
  run?: string;
}

export async function openExport(mlops: IMlops, trans: TranslationBundle, about: About): Promise<void> {
  const { folder, notebook } = placeOf(mlops, about);
  const flow = new ExportFlow(mlops, folder, trans, { model: about.model ?? null, notebook });
  await openFlow(flow, ({ close }) => (
    <ExportBody
      flow={flow}
      close={close}
      promote={() => {
        close();
        void openPromote(mlops, trans, { folder });
      }}
    />
  ));
}

export async function openPromote(mlops: IMlops, trans: TranslationBundle, about: About): Promise<void> {
  const { folder, notebook } = placeOf(mlops, about);
  const run = about.run ?? (about.model ? null : runOfCell(mlops.notebooks));
  const waiting = notebook === null ? [] : runsOnTheirWay(mlops.notebooks);
  const flow = new PromoteFlow(mlops, folder, trans, { run, model: about.model ?? null, notebook, waiting });
  await openFlow(flow, ({ close }) => (
    <PromoteBody
      flow={flow}
      close={close}
      onExport={model => {
        close();
        void openExport(mlops, trans, { folder, model });
      }}
    />
  ));
}

/** The folder that is meant, and the current notebook if it lies there. */
function placeOf(mlops: IMlops, about: About): { folder: string; notebook: string | null } {
  const { current, folder: here } = mlops.notebooks;
  const folder = about.folder ?? here;
  return { folder, notebook: current && folder === here ? pathOf(current) : null };
}
