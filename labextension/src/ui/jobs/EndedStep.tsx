// The step after a job that gave nothing: it failed, or was cancelled.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Problem } from '../../api/rest';
import { ProblemNote } from './ProblemNote';
import { Step, StepButton } from './Step';

interface Props {
  /** Null if it was cancelled. */
  problem: Problem | null;
  trans: TranslationBundle;
  onAgain: () => void;
  onClose: () => void;
}

export function EndedStep({ problem, trans, onAgain, onClose }: Props): JSX.Element {
  return (
    <Step
      buttons={
        <>
          <StepButton onClick={onAgain}>{trans.__('Try Again')}</StepButton>
          <StepButton first onClick={onClose}>
            {trans.__('Close')}
          </StepButton>
        </>
      }
    >
      {problem ? <ProblemNote problem={problem} /> : <p role="status">{trans.__('Cancelled.')}</p>}
    </Step>
  );
}
