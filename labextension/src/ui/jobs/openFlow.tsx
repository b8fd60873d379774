// A flow in a dialog. Closed while its job runs, a notification tells the end and opens it again.

import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Flow } from '../../model/flow';
import { FlowDialog } from './FlowDialog';
import { tellLater } from './tellLater';

type Body<F extends Flow> = (props: { flow: F; close: () => void }) => JSX.Element;

export async function openFlow<F extends Flow>(flow: F, Body: Body<F>): Promise<void> {
  const close = (): void => dialog.reject();
  const body = <UseSignal signal={flow.changed}>{() => <Body flow={flow} close={close} />}</UseSignal>;
  const title = <UseSignal signal={flow.changed}>{() => <>{flow.title}</>}</UseSignal>;
  const dialog = new FlowDialog(title, body, flow.trans);
  await dialog.show();
  if (flow.isRunning && flow.followed) {
    tellLater(flow.followed, flow.title, flow.trans, {
      words: job => flow.endWords(job),
      show: () => void openFlow(flow, Body)
    });
  }
}
