// How long ago something was, in words.

import type { TranslationBundle } from '@jupyterlab/translation';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * The largest unit alone is exact enough for a list.
 *
 * @param since seconds since 1970.
 * @param now seconds since 1970.
 */
export function ageWords(since: number, now: number, trans: TranslationBundle): string {
  const seconds = Math.max(0, now - since);
  const count = (unit: number): number => Math.floor(seconds / unit);
  if (seconds < MINUTE) {
    return trans.__('just now');
  }
  if (seconds < HOUR) {
    return trans._n('%1 minute ago', '%1 minutes ago', count(MINUTE));
  }
  if (seconds < DAY) {
    return trans._n('%1 hour ago', '%1 hours ago', count(HOUR));
  }
  if (seconds < YEAR) {
    return trans._n('%1 day ago', '%1 days ago', count(DAY));
  }
  return trans._n('%1 year ago', '%1 years ago', count(YEAR));
}

/** The moment in full, in the reader's own way of writing it. */
export const momentWords = (seconds: number): string => new Date(seconds * 1000).toLocaleString();
