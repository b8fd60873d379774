// The bundle that was made: where it is, what it is, and how to serve it, also at once.

import * as React from 'react';

import { webAddress } from '../../text/addresses';
import { commandOf, engineWords, sizeWords } from '../../text/bundles';
import { Copied } from '../jobs/Copied';
import { ProblemNote } from '../jobs/ProblemNote';
import { Step, StepButton } from '../jobs/Step';
import { JobProgress } from '../JobProgress';
import { ServedNote } from '../serve/ServedNote';
import type { ExportFlow } from './ExportFlow';

export function ExportedStep({ flow, onClose }: { flow: ExportFlow; onClose: () => void }): JSX.Element {
  const { trans, exported: bundle, followed, served } = flow;
  if (!bundle) {
    return <></>;
  }
  return (
    <Step buttons={<Buttons flow={flow} onClose={onClose} />}>
      <p role="status" className="jp-mlops-Good">
        {trans.__('✓ %1 version %2 is exported.', bundle.name, bundle.version)}
      </p>
      <dl className="jp-mlops-Facts">
        <dt>{trans.__('Folder')}</dt>
        <dd>
          <Copied text={bundle.folder} what={trans.__('the path')} trans={trans} />
        </dd>
        <dt>{trans.__('SHA-256')}</dt>
        <dd>
          <Copied text={bundle.digest} what={trans.__('the digest')} trans={trans} />
        </dd>
        <dt>{trans.__('Size')}</dt>
        <dd>{sizeWords(bundle.size_bytes, bundle.files.length, trans)}</dd>
        <dt>{trans.__('Engine')}</dt>
        <dd>{engineWords(bundle, trans)}</dd>
        <dt>{trans.__('Serve it')}</dt>
        <dd>
          <Copied text={commandOf(bundle.folder)} what={trans.__('the command')} trans={trans} />
        </dd>
      </dl>
      {followed && flow.isRunning && <JobProgress followed={followed} title={trans.__('Starting the server')} trans={trans} />}
      {flow.problem && <ProblemNote problem={flow.problem} />}
      {served && <ServedNote served={served} trans={trans} />}
    </Step>
  );
}

function Buttons({ flow, onClose }: { flow: ExportFlow; onClose: () => void }): JSX.Element {
  const { trans, served, followed } = flow;
  const address = served && webAddress(served.url);
  const main = flow.isRunning ? (
    <StepButton key="cancel" aria-disabled={followed?.isStopping} onClick={() => followed?.cancel()}>{trans.__('Cancel')}</StepButton>
  ) : address ? (
    <StepButton kind="accept" key="open" first onClick={() => window.open(address, '_blank', 'noopener')}>
      {trans.__('Open')}
    </StepButton>
  ) : (
    <StepButton kind="accept" key="serve" first onClick={() => flow.serve()}>
      {trans.__('Serve Now')}
    </StepButton>
  );
  return (
    <>
      {flow.versions.length > 1 && !flow.isRunning && (
        <StepButton onClick={() => flow.choose()}>{trans.__('Another Version…')}</StepButton>
      )}
      <StepButton first={flow.isRunning} onClick={onClose}>{flow.isRunning ? trans.__('Continue in Background') : trans.__('Close')}</StepButton>
      {main}
    </>
  );
}
