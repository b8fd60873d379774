// What a step back would change, and why it is done, typed.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Version } from '../../../api/rest';
import { metricChanges } from '../../../text/models';
import { reasonProblem } from '../../../text/promotion';
import { plain } from '../../../text/runs';
import { Step, StepButton } from '../../jobs/Step';
import { Field } from '../../promote/Field';

interface RollbackBodyProps {
  name: string;
  back: { before: string; after: string };
  versions: readonly Version[];
  trans: TranslationBundle;
  onCancel: () => void;
  onReason: (reason: string) => void;
}

export function RollbackBody({ name, back, versions, trans, onCancel, onReason }: RollbackBodyProps): JSX.Element {
  const [reason, setReason] = React.useState('');
  const [wasTried, setTried] = React.useState(false);
  const trouble = reasonProblem(reason, trans);
  const of = (version: string): Version | undefined =>
    versions.find(each => each.name === name && each.version === version);
  const [before, after] = [of(back.before), of(back.after)];
  const changes = metricChanges(before, after);
  const submit = (): void => {
    setTried(true);
    if (!trouble) {
      onReason(reason.trim());
    }
  };
  const buttons = (
    <>
      <StepButton onClick={onCancel}>{trans.__('Cancel')}</StepButton>
      <StepButton kind="accept" type="submit">
        {trans.__('Roll Back')}
      </StepButton>
    </>
  );
  return (
    <Step buttons={buttons} onSubmit={submit}>
      <p>{trans.__('The champion of %1 becomes an older version again:', plain(name))}</p>
      <dl className="jp-mlops-step">
        <dt>{trans.__('From')}</dt>
        <dd>{told(back.before, before, trans)}</dd>
        <dt>{trans.__('To')}</dt>
        <dd>{told(back.after, after, trans)}</dd>
        {changes.length > 0 && (
          <>
            <dt>{trans.__('Changes')}</dt>
            <dd>{changes.join(', ')}</dd>
          </>
        )}
      </dl>
      <p>{trans.__('Servers that run keep what they serve: start another one for the older version.')}</p>
      <Field
        label={trans.__('Why?')}
        hint={trans.__('A few words; they stay in the history of the model.')}
        problem={wasTried ? trouble : null}
      >
        {(id, aria) => (
          <input
            id={id}
            {...aria}
            data-first
            type="text"
            maxLength={2000}
            autoComplete="off"
            value={reason}
            onChange={event => setReason(event.target.value)}
          />
        )}
      </Field>
    </Step>
  );
}

const told = (number: string, version: Version | undefined, trans: TranslationBundle): string =>
  version?.run ? trans.__('version %1, of the run %2', number, plain(version.run)) : trans.__('version %1', number);
