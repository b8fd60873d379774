// What went wrong in a section, what to do about it, and a button that tries again.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ProblemError } from '../../api/client';

interface TroubleProps {
  problem: Error;
  onAgain: () => void;
  trans: TranslationBundle;
}

export function Trouble({ problem, onAgain, trans }: TroubleProps): JSX.Element {
  const fix = problem instanceof ProblemError ? problem.fix : '';
  return (
    <div className="jp-mlops-trouble" role="alert">
      <p className="jp-mlops-trouble-what">{sentence(problem.message)}</p>
      {fix && <p>{fix}</p>}
      <button type="button" className="jp-mlops-button" onClick={onAgain}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** Problems are told in lower case and without a full stop, to stand after other words. */
const sentence = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
