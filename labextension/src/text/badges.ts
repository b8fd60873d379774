// What a cell's badge says, and the one line of the cell's metadata that it comes back from.

import type { TranslationBundle } from '@jupyterlab/translation';

/** A cell's run as the notebook's file keeps it: one string, so it is one line in a diff. */
export interface KeptRun {
  id: string;
  name: string;
  metric: string;
  source: string;
}

const MOST = 60;
const SPLIT = ' | ';

/**
 * 53 bits of a text (cyrb53 by bryc, public domain): tells whether a source is the one that ran. The kernel has the
 * same (jupyter_mlops/tracking/source_hash.py), without the line breaks at the end, which IPython does not keep.
 */
export function hashOf(source: string): string {
  const text = source.replace(/\n+$/, '');
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return (4294967296 * (2097151 & two) + (one >>> 0)).toString(36);
}

/** The line of metadata: at most about 170 characters. */
export const written = (run: KeptRun): string =>
  [run.id, plain(run.name) || '?', plain(run.metric), run.source].join(SPLIT);

/** The inverse; null for what is no such line. */
export function read(value: unknown): KeptRun | null {
  const parts = typeof value === 'string' ? value.split(SPLIT) : [];
  if (parts.length !== 4 || !parts[1]) {
    return null;
  }
  const [id, name, metric, source] = parts;
  return { id: /^[0-9a-f]{32}$/.test(id) ? id : '', name, metric, source };
}

/** What fits beside a cell: the number of the execution stands above it already. */
export const shortName = (name: string): string => name.replace(/^In\[\d+\] (?=\S)/, '');

/** What fits beside a cell: of `accuracy 0.97` the number; its name is in the title. */
export const shortMetric = (metric: string): string => metric.slice(metric.lastIndexOf(' ') + 1);

/** In words: what the badge is about, for its title and for screen readers. */
export function badgeTitle(
  run: KeptRun,
  isEdited: boolean,
  stale: readonly string[],
  trans: TranslationBundle
): string {
  const lines = [trans.__('Run %1', run.metric ? `${run.name}: ${run.metric}` : run.name)];
  if (isEdited) {
    lines.push(trans.__('Edited since: the source differs from what ran.'));
  }
  if (stale.length) {
    lines.push(trans.__('Stale: %1 changed since it ran.', stale.join(', ')));
  }
  return lines.join('\n');
}

/** On one line, without the mark that splits the parts, its middle cut between whole characters. */
function plain(text: string): string {
  const line = text.replace(/[\s\u0000-\u001f\u2028\u2029]+/g, ' ').replace(/\|/g, '¦').trim();
  const letters = Array.from(line, letter => (/^[\ud800-\udfff]$/.test(letter) ? '\ufffd' : letter));
  const kept = letters.length <= MOST ? letters : [...letters.slice(0, 38), '…', ...letters.slice(-20)];
  return kept.join('');
}
