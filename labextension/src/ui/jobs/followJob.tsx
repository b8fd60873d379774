// One job in a dialog of its own: for what needs no questions before and no page after.

import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Job, JobRequest } from '../../api/rest';
import type { FollowedJob } from '../../model/jobs';
import { endWords } from '../../text/jobs';
import type { IMlops } from '../../tokens';
import { FlowDialog } from './FlowDialog';
import { ProblemNote } from './ProblemNote';
import { RunningStep } from './RunningStep';
import { Step, StepButton } from './Step';
import { tellLater } from './tellLater';

/**
 * Start a job and show how far it is, with a button that cancels it.
 *
 * The dialog stays for a job that failed, to say why and what to do, and closes by itself for one that did not.
 * Closed by the user it leaves the job alone: a notification tells its end.
 *
 * @returns the ended job; null if the dialog was closed before.
 */
export async function followJob(
  mlops: IMlops,
  folder: string,
  request: JobRequest,
  title: string,
  trans: TranslationBundle
): Promise<Job | null> {
  const followed = mlops.jobs.start(folder, request);
  await showJob(followed, title, trans);
  return followed.isOver ? followed.job : null;
}

/** The dialog of one job: for what was started a while ago, too. */
export async function showJob(followed: FollowedJob, title: string, trans: TranslationBundle): Promise<void> {
  const close = (): void => dialog.reject();
  const body = (
    <UseSignal signal={followed.changed}>
      {() =>
        followed.job.problem ? (
          <Step
            key="problem"
            buttons={
              <StepButton first onClick={close}>
                {trans.__('Close')}
              </StepButton>
            }
          >
            <ProblemNote problem={followed.job.problem} />
          </Step>
        ) : (
          <RunningStep key="running" followed={followed} title={title} trans={trans} onClose={close} />
        )
      }
    </UseSignal>
  );
  const dialog = new FlowDialog(title, body, trans);
  void followed.ended.then(job => {
    if (!job.problem) {
      close();
    }
  });
  await dialog.show();
  if (!followed.isOver) {
    tellOfJob(followed, title, trans);
  }
}

/** A notification of a job without a page of its own: its dialog is there as long as it runs. */
export function tellOfJob(followed: FollowedJob, title: string, trans: TranslationBundle): void {
  tellLater(followed, title, trans, {
    words: job => endWords(job, title, trans),
    watch: () => void showJob(followed, title, trans)
  });
}
