// The gates of a version as a checklist with figures, asked for when somebody opens it.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Version } from '../../../api/rest';
import { LONG, outcomeWord, urgentFirst } from '../../../text/models';
import { gateTitle, outcomeSign } from '../../../text/promotion';
import { plain } from '../../../text/runs';
import type { IMlops } from '../../../tokens';
import { Trouble } from '../Trouble';
import { useOnce } from './useOnce';

interface GatesProps {
  version: Version;
  mlops: IMlops;
  folder: string;
  trans: TranslationBundle;
}

export function Gates({ version, mlops, folder, trans }: GatesProps): JSX.Element {
  const ask = React.useCallback(
    () => mlops.client.gates(folder, version.name, version.version),
    [mlops, folder, version.name, version.version]
  );
  const { value, problem, again } = useOnce(ask);
  if (problem) {
    return <Trouble problem={problem} onAgain={again} trans={trans} />;
  }
  if (!value) {
    return <div className="jp-mlops-item-line">{trans.__('Reading the gates…')}</div>;
  }
  return (
    <ul className="jp-mlops-gates" aria-label={trans.__('Gates of version %1', version.version)}>
      {urgentFirst(value.gates).map(gate => {
        return (
          <li key={gate.check} data-outcome={gate.outcome}>
            <span className="jp-mlops-mark" aria-hidden="true">
              {outcomeSign(gate.outcome)}
            </span>
            <span>
              <span className="jp-mlops-gate-check">{plain(gateTitle(gate.check, trans))}</span>
              <span className="jp-mlops-gate-word"> {outcomeWord(gate.outcome, trans)}</span>
              <span className="jp-mlops-gate-figure">{plain(gate.figure, LONG)}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
