// The dialog of serving: progress, then the address.

import * as React from 'react';

import { webAddress } from '../../text/addresses';
import { EndedStep } from '../jobs/EndedStep';
import { RunningStep } from '../jobs/RunningStep';
import { Step, StepButton } from '../jobs/Step';
import { ServedNote } from './ServedNote';
import type { ServeFlow } from './ServeFlow';

export function ServeBody({ flow, close }: { flow: ServeFlow; close: () => void }): JSX.Element {
  const { followed, served, trans } = flow;
  if (followed && flow.isRunning) {
    return <RunningStep key="running" followed={followed} title={flow.title} trans={trans} onClose={close} />;
  }
  if (!served) {
    return <EndedStep key="ended" problem={followed?.job.problem ?? null} trans={trans} onAgain={() => flow.start()} onClose={close} />;
  }
  const address = webAddress(served.url);
  return (
    <Step
      key="served"
      buttons={
        <>
          <StepButton onClick={close}>{trans.__('Close')}</StepButton>
          {address && (
            <StepButton kind="accept" first onClick={() => window.open(address, '_blank', 'noopener')}>
              {trans.__('Open')}
            </StepButton>
          )}
        </>
      }
    >
      <ServedNote served={served} trans={trans} />
    </Step>
  );
}
