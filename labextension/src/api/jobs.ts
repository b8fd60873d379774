// A job followed from its start to its end.

import { ProblemError } from './client';
import type { Client } from './client';
import type { Job } from './rest';

const WAIT = 20;
const TRIES = 30;
const PAUSE = 2000; // ms
const OVER = new Set(['done', 'refused', 'failed', 'cancelled']);

export const isOver = (job: Job): boolean => OVER.has(job.status);

/** Begin a job and tell of each change until it is over; `signal` cancels it. */
export async function runJob(
  client: Client,
  begin: () => Promise<Job>,
  onChange: (job: Job) => void,
  signal?: AbortSignal
): Promise<Job> {
  let job = await begin();
  const cancel = (): void => {
    // It may have ended just now: then there is nothing to cancel.
    client.cancelJob(job.id).catch(() => undefined);
  };
  signal?.addEventListener('abort', cancel);
  if (signal?.aborted) {
    cancel();
  }
  try {
    onChange(job);
    while (!isOver(job)) {
      job = await patiently(() => client.job(job.id, WAIT, job.changes));
      onChange(job);
    }
    return job;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** A laptop may sleep and a network fail for a minute, and the job goes on: ask again before giving up. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0 || !(error instanceof ProblemError) || error.status !== 0) {
        throw error;
      }
      await new Promise(done => window.setTimeout(done, PAUSE));
    }
  }
}
