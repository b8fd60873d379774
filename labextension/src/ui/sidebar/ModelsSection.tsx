// The registered models of the project.

import * as React from 'react';

import { modelsOf } from '../../text/models';
import { ModelGroup } from './models/ModelGroup';
import { useChanges } from './models/useChanges';
import { Section, useIsOpen } from './Section';
import type { SectionContent } from './sections';
import { Trouble } from './Trouble';
import { useAnswer } from './useAnswer';

const ID = 'models';
const EVERY = 30; // seconds
const FIRST = 20;

export function ModelsSection({ mlops, app, folder, trans, visible }: SectionContent): JSX.Element {
  const [most, setMost] = React.useState(FIRST);
  const isOpen = useIsOpen(ID);
  const { value, problem, again } = useAnswer(() => mlops.client.models(folder), folder, visible && isOpen, EVERY);
  useChanges(mlops, app, again);
  const models = React.useMemo(() => modelsOf(value?.versions ?? []), [value]);
  return (
    <Section id={ID} title={trans.__('Models')} count={value ? models.length : undefined}>
      {problem && <Trouble problem={problem} onAgain={again} trans={trans} />}
      {!value && !problem && <p className="jp-mlops-empty">{trans.__('Reading the registry…')}</p>}
      {value && models.length === 0 && (
        <p className="jp-mlops-empty">
          {trans.__('No model is registered yet. Open a run that fitted one, and promote it: it is reproduced first, then registered.')}
        </p>
      )}
      {models.slice(0, most).map(model => (
        <ModelGroup key={model.name} model={model} mlops={mlops} app={app} folder={folder} trans={trans} />
      ))}
      {models.length > most && (
        <button type="button" className="jp-mlops-fold" onClick={() => setMost(most + FIRST)}>
          {trans._n('%1 more model', '%1 more models', models.length - most)}
        </button>
      )}
    </Section>
  );
}
