// The step of a dialog while the server is asked something short.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Step, StepButton } from './Step';

interface Props {
  words: string;
  trans: TranslationBundle;
  onClose: () => void;
}

export function LookingStep({ words, trans, onClose }: Props): JSX.Element {
  return (
    <Step
      buttons={
        <StepButton first onClick={onClose}>
          {trans.__('Close')}
        </StepButton>
      }
    >
      <p role="status">{words}</p>
    </Step>
  );
}
