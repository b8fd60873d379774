// The dialog before a step back.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Version } from '../../../api/rest';
import { FlowDialog } from '../../jobs/FlowDialog';
import { RollbackBody } from './RollbackBody';

/** The typed reason; null if it is not wanted after all. */
export async function askRollback(
  title: string,
  name: string,
  back: { before: string; after: string },
  versions: readonly Version[],
  trans: TranslationBundle
): Promise<string | null> {
  let reason: string | null = null;
  const close = (): void => dialog.reject();
  const take = (typed: string): void => {
    reason = typed;
    close();
  };
  const body = (
    <RollbackBody name={name} back={back} versions={versions} trans={trans} onCancel={close} onReason={take} />
  );
  const dialog = new FlowDialog(title, body, trans);
  await dialog.show();
  return reason;
}
