// The lines of code that the sidebar puts into a notebook.

import type { Run } from '../api/rest';

type Named = Pick<Run, 'id' | 'name'>;

const ID = 12; // characters of an id: enough to mean one run
const LONGEST = 80;
// What cannot be seen in a cell, or would end the line.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * How a line names a run: by its name, if that means this run and no other, else by the beginning of its id.
 *
 * Names that cells give by themselves, such as `In[6] Ridge`, come back with the next kernel.
 *
 * @param others runs that are known beside it.
 */
export function referenceOf(run: Named, others: Iterable<Named> = []): string {
  const isPlain =
    run.name === run.name.trim() &&
    run.name.length <= LONGEST &&
    !UNSEEN.test(run.name) &&
    !/^(-.*|In\[\d+\].*|last|)$/.test(run.name);
  if (isPlain && ![...others].some(other => other.name === run.name && other.id !== run.id)) {
    return run.name;
  }
  return run.id.slice(0, ID);
}

export const showLine = (reference: string): string => `%mlops show ${quoted(reference)}`;

export const compareLine = (references: readonly string[]): string =>
  `%mlops compare ${references.map(quoted).join(' ')}`;

/** In double quotes, as the kernel reads a line (shlex). */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
