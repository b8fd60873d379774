// What to promote, as what, and to which alias.

import * as React from 'react';

import { nameProblem } from '../../text/promotion';
import { Step, StepButton } from '../jobs/Step';
import { Field } from './Field';
import type { Alias, PromoteFlow } from './PromoteFlow';

export function AskStep({ flow, onClose }: { flow: PromoteFlow; onClose: () => void }): JSX.Element {
  const { trans, wanted } = flow;
  const [name, setName] = React.useState(flow.name);
  const [alias, setAlias] = React.useState<Alias>(flow.alias);
  const [wasTried, setTried] = React.useState(false);
  const problem = wanted.model ? null : nameProblem(name, trans);
  const submit = (): void => {
    setTried(true);
    if (!problem) {
      Object.assign(flow, { name, alias });
      flow.start();
    }
  };
  const aliases: [Alias, string][] = [
    ['champion', trans.__('champion: moves only if no gate fails, or by a typed reason')],
    ['challenger', trans.__('challenger: moves without asking, to be tried beside the champion')]
  ];
  return (
    <Step
      onSubmit={submit}
      buttons={
        <>
          <StepButton onClick={onClose}>{trans.__('Close')}</StepButton>
          <StepButton kind="accept" type="submit" {...(wanted.model ? { first: true } : {})}>
            {trans.__('Promote')}
          </StepButton>
        </>
      }
    >
      {wanted.model ? (
        <p>{trans.__('%1 is registered already: it is judged by today’s gates, and nothing is trained.', wanted.model)}</p>
      ) : (
        <>
          <Field label={trans.__('Run')}>
            {id => (
              <select id={id} value={flow.runId} onChange={event => flow.choose(event.target.value)}>
                {flow.runs.map(each => (
                  <option key={each.id} value={each.id}>
                    {each.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field
            label={trans.__('Name of the model')}
            hint={trans.__('A known name gets a new version.')}
            problem={wasTried ? problem : null}
          >
            {(id, aria) => (
              <>
                <input
                  id={id}
                  {...aria}
                  data-first
                  list={`${id}-names`}
                  autoComplete="off"
                  spellCheck={false}
                  value={name}
                  onChange={event => setName(event.target.value)}
                />
                <datalist id={`${id}-names`}>
                  {flow.names.map(each => (
                    <option key={each} value={each} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
        </>
      )}
      <fieldset className="jp-mlops-Choices">
        <legend>{trans.__('Alias')}</legend>
        {aliases.map(([value, words]) => (
          <label key={value}>
            <input type="radio" name="alias" checked={alias === value} onChange={() => setAlias(value)} />
            <span>{words}</span>
          </label>
        ))}
      </fieldset>
    </Step>
  );
}
