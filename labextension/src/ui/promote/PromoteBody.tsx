// The dialog of a promotion, step by step.

import * as React from 'react';

import { EndedStep } from '../jobs/EndedStep';
import { LookingStep } from '../jobs/LookingStep';
import { RunningStep } from '../jobs/RunningStep';
import { Step, StepButton } from '../jobs/Step';
import { AnswerStep } from './AnswerStep';
import { AskStep } from './AskStep';
import type { PromoteFlow } from './PromoteFlow';

interface Props {
  flow: PromoteFlow;
  close: () => void;
  /** Opens the dialog that exports what was promoted. */
  onExport: (model: string) => void;
}

export function PromoteBody({ flow, close, onExport }: Props): JSX.Element {
  const { trans, followed, promoted } = flow;
  switch (flow.step) {
    case 'looking':
      return <LookingStep key="looking" words={trans.__('Looking for the runs of this notebook…')} trans={trans} onClose={close} />;
    case 'nothing':
      return (
        <Step
          key="nothing"
          buttons={
            <StepButton first onClick={close}>
              {trans.__('Close')}
            </StepButton>
          }
        >
          <p role="status">{trans.__('This notebook has no runs yet.')}</p>
          <p>{trans.__('Turn on tracking in the toolbar and run a cell that fits a model.')}</p>
        </Step>
      );
    case 'asking':
      return <AskStep key="asking" flow={flow} onClose={close} />;
    case 'promoting':
      return <>{followed && <RunningStep key="running" followed={followed} title={flow.title} trans={trans} onClose={close} />}</>;
    case 'answered':
      return (
        <>
          {promoted && (
            <AnswerStep
              key={`${followed?.job.id}`}
              flow={flow}
              promoted={promoted}
              onClose={close}
              onExport={() => onExport(`${promoted.name}/${promoted.version}`)}
            />
          )}
        </>
      );
    default:
      return <EndedStep key="ended" problem={flow.problem} trans={trans} onClose={close} onAgain={() => void flow.look()} />;
  }
}
