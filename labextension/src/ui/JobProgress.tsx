// How far a job is: a bar, the same in words, and a button that cancels.

import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { FollowedJob } from '../model/jobs';
import { percentOf, progressWords } from '../text/jobs';

interface Props {
  followed: FollowedJob;
  title: string;
  trans: TranslationBundle;
}

export function JobProgress({ followed, title, trans }: Props): JSX.Element {
  return (
    <UseSignal signal={followed.changed}>
      {() => {
        const words = progressWords(followed.job, followed.isStopping, trans);
        const percent = percentOf(followed.job);
        return (
          <div className="jp-mlops-Progress">
            <div
              className="jp-mlops-Progress-bar"
              role="progressbar"
              aria-label={title}
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={percent ?? undefined}
              aria-valuetext={percent === null ? words : `${percent} %: ${words}`}
            >
              <div
                className="jp-mlops-Progress-done"
                data-known={Boolean(percent)}
                style={percent ? { width: `${percent}%` } : undefined}
              />
            </div>
            <div className="jp-mlops-Progress-line">
              <span className="jp-mlops-Progress-words" role="status">
                {words}
              </span>
              <span aria-hidden="true">{percent === null ? '' : `${percent} %`}</span>
            </div>
          </div>
        );
      }}
    </UseSignal>
  );
}
