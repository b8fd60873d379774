// What servers say about the data they see, in words. Nothing here needs a page.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Alarm } from '../api/rest';
import { plain } from './runs';

const ORDER: Alarm['verdict'][] = ['drift', 'watch', 'unknown', 'ok'];

/** A mark and a word for a verdict: the mark is for eyes, the word for everybody. */
export function verdictWord(verdict: Alarm['verdict'], trans: TranslationBundle): { mark: string; word: string } {
  switch (verdict) {
    case 'drift':
      return { mark: '▲', word: trans.__('drift') };
    case 'watch':
      return { mark: '●', word: trans.__('watch') };
    case 'ok':
      return { mark: '✓', word: trans.__('ok') };
    default:
      return { mark: '?', word: trans.__('unknown') };
  }
}

/** Those that need a look come first. */
export const worstFirst = (alarms: readonly Alarm[]): Alarm[] =>
  [...alarms].sort((one, two) => ORDER.indexOf(one.verdict) - ORDER.indexOf(two.verdict));

/** For the section's heading: `1 drift, 2 watch`; `ok` if nothing needs a look, undefined without servers. */
export function alarmCount(alarms: readonly Alarm[], trans: TranslationBundle): string | undefined {
  const told = ORDER.slice(0, 3).flatMap(verdict => {
    const count = alarms.filter(alarm => alarm.verdict === verdict).length;
    return count ? [`${count} ${verdictWord(verdict, trans).word}`] : [];
  });
  return told.join(', ') || (alarms.length ? verdictWord('ok', trans).word : undefined);
}

/** The columns that drift, at most `most` by name. */
export function columnWords(columns: readonly string[], most: number, trans: TranslationBundle): string {
  const named = columns
    .slice(0, most)
    .map(column => plain(column, 60))
    .join(', ');
  const left = columns.length - most;
  return left > 0 ? trans._n('%2 and %1 more', '%2 and %1 more', left, named) : named;
}
