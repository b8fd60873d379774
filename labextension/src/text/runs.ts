// How runs are told in words.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Run } from '../api/rest';

const NAME = 120;
const SHOWN_METRICS = 3;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Text of a user on one line: no control characters, no change of direction; the middle of a long one is left out. */
export function plain(text: string, limit = NAME): string {
  const line = text.slice(0, 4000).replace(/(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').replace(/\s+/g, ' ').trim();
  const half = Math.floor((limit - 1) / 2);
  return line.length <= limit ? line : `${line.slice(0, half)}…${line.slice(-half)}`;
}

/** Four significant digits. */
export function figure(value: number | null): string {
  if (value === null) {
    return '–';
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** The first metrics on one line. */
export const metricsText = (metrics: Run['metrics']): string =>
  Object.entries(metrics)
    .slice(0, SHOWN_METRICS)
    .map(([name, value]) => `${plain(name, 30)} ${figure(value)}`)
    .join(' · ');

/** How long ago, in a few letters; times are seconds since 1970. */
export function age(started: number, now: number, trans: TranslationBundle): string {
  const seconds = Math.max(0, now - started);
  if (seconds < MINUTE) {
    return trans.__('now');
  }
  if (seconds < HOUR) {
    return trans.__('%1 min', Math.floor(seconds / MINUTE));
  }
  if (seconds < DAY) {
    return trans.__('%1 h', Math.floor(seconds / HOUR));
  }
  return trans.__('%1 d', Math.floor(seconds / DAY));
}

/** How long it took. */
export function duration(seconds: number, trans: TranslationBundle): string {
  if (seconds < MINUTE) {
    return trans.__('%1 s', figure(seconds));
  }
  return seconds < HOUR
    ? trans.__('%1 min %2 s', Math.floor(seconds / MINUTE), Math.round(seconds % MINUTE))
    : trans.__('%1 h %2 min', Math.floor(seconds / HOUR), Math.round((seconds % HOUR) / MINUTE));
}

/** MLflow's states, in words. */
export function statusWord(status: string, trans: TranslationBundle): string {
  switch (status) {
    case 'finished':
      return trans.__('finished');
    case 'running':
      return trans.__('running');
    case 'failed':
      return trans.__('failed');
    case 'killed':
      return trans.__('stopped');
    case 'scheduled':
      return trans.__('waiting');
    default:
      return plain(status, 20);
  }
}

/** A sign beside the word. */
export const statusSign = (status: string): string =>
  ({ finished: '✓', running: '▸', failed: '✕', killed: '■', scheduled: '○' })[status] ?? '?';
