// One run in the list: its name, first metrics, state and age.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Run } from '../../api/rest';
import { age, metricsText, plain, statusSign, statusWord } from '../../text/runs';

/** In pixels; the style sheet has the same. */
export const ROW = 44;

interface RunRowProps {
  run: Run | undefined;
  at: number;
  total: number;
  isActive: boolean;
  isTicked: boolean;
  trans: TranslationBundle;
}

export const rowId = (at: number): string => `jp-mlops-run-${at}`;

export function RunRow({ run, at, total, isActive, isTicked, trans }: RunRowProps): JSX.Element {
  const place = {
    id: rowId(at),
    role: 'option',
    'aria-setsize': total,
    'aria-posinset': at + 1,
    'aria-selected': isTicked,
    'data-row': at
  };
  if (!run) {
    return (
      <div {...place} className="jp-mlops-run" data-loading="true">
        {trans.__('Loading…')}
      </div>
    );
  }
  const now = Date.now() / 1000;
  const isDone = run.status === 'finished';
  const metrics = metricsText(run.metrics);
  const word = statusWord(run.status, trans);
  const title = [plain(run.name, 300), run.hypothesis && plain(run.hypothesis, 300), when(run)];
  return (
    <div {...place} className="jp-mlops-run" data-active={isActive} title={title.filter(Boolean).join('\n')}>
      <span className="jp-mlops-tick" data-on={isTicked} aria-hidden="true" />
      <span className="jp-mlops-run-name">{plain(run.name)}</span>
      <span className="jp-mlops-run-age">{age(run.started, now, trans)}</span>
      <span className="jp-mlops-run-figures">
        <span className="jp-mlops-status" data-status={run.status}>
          <span aria-hidden="true">{statusSign(run.status)} </span>
          <span className={isDone ? 'jp-mlops-unseen' : undefined}>{word}</span>
        </span>
        {metrics && <span className="jp-mlops-run-metrics">{isDone ? metrics : ` · ${metrics}`}</span>}
      </span>
    </div>
  );
}

const when = (run: Run): string => new Date(run.started * 1000).toLocaleString();
