// Jobs in words: what runs, and how it ended.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job, Problem } from '../api/rest';
import { plain } from './runs';

/** What it is, for a page that did not start it. */
export function jobTitle({ verb, about }: Job, trans: TranslationBundle): string {
  const name = plain(about);
  switch (verb) {
    case 'export':
      return trans.__('Export %1', name);
    case 'promote':
      return trans.__('Promote %1', name);
    case 'serve':
      return trans.__('Serve %1', name);
    case 'rollback':
      return trans.__('Roll %1 back', name);
    case 'reproduce':
      return trans.__('Reproduce %1', name);
  }
}

/** What it does now, for people who see the bar and those who hear it. */
export function progressWords(job: Job, isStopping: boolean, trans: TranslationBundle): string {
  if (isStopping) {
    return trans.__('Stopping…');
  }
  if (job.status === 'waiting') {
    return trans.__('Waiting to start…');
  }
  return job.said ? sentence(job.said) : trans.__('Starting a process for it…');
}

/** How it ended, in one line for a notification. */
export function endWords(job: Job, title: string, trans: TranslationBundle): string {
  switch (job.status) {
    case 'done':
      return trans.__('%1: done.', title);
    case 'refused':
      return trans.__('%1: the answer is no; look at the reasons.', title);
    case 'cancelled':
      return trans.__('%1: cancelled.', title);
    default:
      return `${title}: ${job.problem ? problemWords(job.problem) : trans.__('it failed.')}`;
  }
}

/** A problem in one line: what happened, and what to do. */
export function problemWords(problem: Problem): string {
  const what = sentence(problem.what);
  return `${what}${/[.!?]$/.test(what) ? '' : '.'} ${problem.fix}`.trim();
}

/** Its share as whole percents; null where it is not known. */
export const percentOf = (job: Job): number | null =>
  job.share === null ? null : Math.round(100 * Math.min(1, Math.max(0, job.share)));

/** With a capital in front. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
