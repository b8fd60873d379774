// The gates' answer; where they said no, the place to type why it should be champion all the same.

import * as React from 'react';

import { checkRows, gateRows, headline, needsApproval, needsReason, reasonProblem } from '../../text/promotion';
import type { Promoted } from '../../text/promotion';
import { ProblemNote } from '../jobs/ProblemNote';
import { Step, StepButton } from '../jobs/Step';
import { AgainstChampion } from './AgainstChampion';
import { Checklist } from './Checklist';
import { Field } from './Field';
import type { PromoteFlow } from './PromoteFlow';

interface Props {
  flow: PromoteFlow;
  promoted: Promoted;
  onClose: () => void;
  /** Opens the dialog that exports this version. */
  onExport: () => void;
}

export function AnswerStep({ flow, promoted, onClose, onExport }: Props): JSX.Element {
  const { trans } = flow;
  const [reason, setReason] = React.useState('');
  const [who, setWho] = React.useState('');
  const [wasTried, setTried] = React.useState(false);
  const isReasonWanted = needsReason(promoted);
  const reasonTrouble = isReasonWanted ? reasonProblem(reason, trans) : null;
  const whoTrouble = needsApproval(promoted) && !isReasonWanted && !who.trim() ? trans.__('Type who approves it.') : null;
  const submit = (): void => {
    setTried(true);
    if (!promoted.moved && !reasonTrouble && !whoTrouble) {
      flow.override(reason.trim(), who.trim());
    }
  };
  return (
    <Step
      onSubmit={submit}
      buttons={
        <>
          <StepButton first={promoted.moved} onClick={onClose}>
            {trans.__('Close')}
          </StepButton>
          {promoted.moved ? (
            <StepButton kind="accept" onClick={onExport}>
              {trans.__('Export Bundle')}
            </StepButton>
          ) : (
            <StepButton kind={isReasonWanted ? 'warn' : 'accept'} type="submit">
              {isReasonWanted ? trans.__('Make It Champion All the Same') : trans.__('Approve')}
            </StepButton>
          )}
        </>
      }
    >
      <p role="status" className="jp-mlops-Good">
        {promoted.moved ? '✓ ' : '✗ '}
        {headline(promoted, trans)}
      </p>
      {flow.problem && <ProblemNote problem={flow.problem} />}
      {!promoted.moved && (
        <div className="jp-mlops-Override">
          {isReasonWanted && (
            <Field
              label={trans.__('Why should it be champion all the same?')}
              hint={trans.__('A few words; they stay in the history. The gates run again, nothing is trained.')}
              problem={wasTried ? reasonTrouble : null}
            >
              {(id, aria) => (
                <textarea id={id} {...aria} data-first rows={2} maxLength={2000} value={reason} onChange={event => setReason(event.target.value)} />
              )}
            </Field>
          )}
          {needsApproval(promoted) && (
            <Field
              label={trans.__('Approved by')}
              hint={trans.__('The rules ask for a person’s approval.')}
              problem={wasTried ? whoTrouble : null}
            >
              {(id, aria) => (
                <input
                  id={id}
                  {...aria}
                  {...(isReasonWanted ? {} : { 'data-first': true })}
                  maxLength={250}
                  value={who}
                  onChange={event => setWho(event.target.value)}
                />
              )}
            </Field>
          )}
        </div>
      )}
      <Checklist title={trans.__('Gates')} rows={gateRows(promoted, trans)} trans={trans} />
      <AgainstChampion promoted={promoted} before={flow.before} trans={trans} />
      {checkRows(promoted).length > 0 && (
        <Checklist title={trans.__('Made again in a clean process')} rows={checkRows(promoted)} trans={trans} />
      )}
    </Step>
  );
}
