// Which of several versions to export.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Version } from '../../api/rest';
import { referenceOf } from '../../model/choice';
import { Step, StepButton } from '../jobs/Step';
import type { ExportFlow } from './ExportFlow';

export function ChooseStep({ flow, onClose }: { flow: ExportFlow; onClose: () => void }): JSX.Element {
  const { trans, versions } = flow;
  const [chosen, choose] = React.useState(flow.model || referenceOf(versions[0]));
  return (
    <Step
      onSubmit={() => void flow.take(chosen)}
      buttons={
        <>
          <StepButton onClick={onClose}>{trans.__('Close')}</StepButton>
          <StepButton kind="accept" type="submit">
            {trans.__('Export')}
          </StepButton>
        </>
      }
    >
      <fieldset className="jp-mlops-Choices">
        <legend>{trans.__('Which version goes into the bundle?')}</legend>
        {versions.map(version => {
          const reference = referenceOf(version);
          return (
            <label key={reference}>
              <input
                type="radio"
                name="version"
                value={reference}
                checked={chosen === reference}
                onChange={() => choose(reference)}
                {...(chosen === reference ? { 'data-first': true } : {})}
              />
              <span>
                {reference} <span className="jp-mlops-Quiet">{aboutVersion(version, trans)}</span>
              </span>
            </label>
          );
        })}
      </fieldset>
    </Step>
  );
}

function aboutVersion(version: Version, trans: TranslationBundle): string {
  const aliases = version.aliases.length ? version.aliases.join(', ') : trans.__('not promoted');
  return version.run ? `${aliases} · ${version.run}` : aliases;
}
