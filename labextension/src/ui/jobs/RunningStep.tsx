// The step of a dialog while its job runs.

import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { FollowedJob } from '../../model/jobs';
import { JobProgress } from '../JobProgress';
import { Step, StepButton } from './Step';

interface Props {
  followed: FollowedJob;
  title: string;
  trans: TranslationBundle;
  onClose: () => void;
}

export function RunningStep({ followed, title, trans, onClose }: Props): JSX.Element {
  const cancel = (
    <UseSignal signal={followed.changed}>
      {() => (
        <StepButton aria-disabled={followed.isStopping} onClick={() => followed.cancel()}>
          {trans.__('Cancel')}
        </StepButton>
      )}
    </UseSignal>
  );
  const buttons = (
    <>
      {cancel}
      <StepButton kind="accept" first onClick={onClose}>
        {trans.__('Continue in Background')}
      </StepButton>
    </>
  );
  return (
    <Step buttons={buttons}>
      <JobProgress followed={followed} title={title} trans={trans} />
    </Step>
  );
}
