// The dialog of an export, step by step.

import * as React from 'react';

import { EndedStep } from '../jobs/EndedStep';
import { LookingStep } from '../jobs/LookingStep';
import { RunningStep } from '../jobs/RunningStep';
import { Step, StepButton } from '../jobs/Step';
import { ChooseStep } from './ChooseStep';
import { ExportedStep } from './ExportedStep';
import type { ExportFlow } from './ExportFlow';

interface Props {
  flow: ExportFlow;
  close: () => void;
  /** Opens the dialog that promotes. */
  promote: () => void;
}

export function ExportBody({ flow, close, promote }: Props): JSX.Element {
  const { trans, followed } = flow;
  const closing = <StepButton onClick={close}>{trans.__('Close')}</StepButton>;
  switch (flow.step) {
    case 'looking':
      return <LookingStep key="looking" words={trans.__('Looking for the model of this notebook…')} trans={trans} onClose={close} />;
    case 'choosing':
      return <ChooseStep key="choosing" flow={flow} onClose={close} />;
    case 'nothing':
      return (
        <Step
          key="nothing"
          buttons={
            <>
              {closing}
              <StepButton kind="accept" first onClick={promote}>
                {trans.__('Promote…')}
              </StepButton>
            </>
          }
        >
          <p role="status">{trans.__('No model of this notebook is registered yet.')}</p>
          <p>{trans.__('A bundle is made of a registered version. Promote the run of the selected cell first: its code is run again in a clean process, and gates judge the model.')}</p>
        </Step>
      );
    case 'replacing':
      return (
        <Step
          key="replacing"
          buttons={
            <>
              <StepButton first onClick={close}>
                {trans.__('Keep It')}
              </StepButton>
              <StepButton kind="warn" onClick={() => flow.export(true)}>
                {trans.__('Replace')}
              </StepButton>
            </>
          }
        >
          <p role="status">{trans.__('There is a bundle in %1 already.', flow.target)}</p>
          <p>
            {trans.__('It was made on %1, with the digest %2. Replace it?', madeOn(flow.there?.made ?? 0), (flow.there?.digest ?? '').slice(0, 16))}
          </p>
        </Step>
      );
    case 'exporting':
      return <>{followed && <RunningStep key="running" followed={followed} title={flow.title} trans={trans} onClose={close} />}</>;
    case 'exported':
      return <ExportedStep key="exported" flow={flow} onClose={close} />;
    default:
      return (
        <EndedStep key="ended" problem={flow.problem} trans={trans} onClose={close} onAgain={() => (flow.model ? void flow.take(flow.model) : void flow.look())} />
      );
  }
}

const madeOn = (seconds: number): string => new Date(1000 * seconds).toLocaleString();
