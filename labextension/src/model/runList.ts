// A long list of runs of which some pages are known, the newest first. Nothing here changes what it is given.

import type { Run, RunPage } from '../api/rest';

/** Runs that are asked for at a time. */
export const PAGE = 100;

export interface RunList {
  readonly total: number;
  /** The name of the project's folder. */
  readonly project: string;
  /** As long as `total`; undefined where nobody has looked yet. */
  readonly runs: readonly (Run | undefined)[];
  /** How many have not reached MLflow yet. */
  readonly waiting: number;
}

/**
 * The list with one more page.
 *
 * Runs that came at the front move what is known; of any other change only this page is kept, as what was
 * known may stand elsewhere now.
 */
export function withPage(list: RunList | null, page: RunPage): RunList {
  const known = list ? moved(list, page) : null;
  const runs: (Run | undefined)[] = known ?? new Array<undefined>(page.total).fill(undefined);
  page.runs.forEach((run, at) => {
    runs[page.offset + at] = run;
  });
  return { total: page.total, project: page.project, runs, waiting: page.waiting ?? 0 };
}

/** Where the pages begin that are needed to show the rows `first` to `last` (exclusive). */
export function missing(list: RunList, first: number, last: number): number[] {
  const found = new Set<number>();
  for (let row = Math.max(0, first); row < Math.min(last, list.total); row++) {
    if (!list.runs[row]) {
      found.add(row - (row % PAGE));
    }
  }
  return [...found];
}

/** What is known, in its places beside this page; null if nobody can tell. */
function moved(list: RunList, page: RunPage): (Run | undefined)[] | null {
  const came = page.total - list.total;
  const first = list.runs[page.offset];
  if (came === 0) {
    const isSame = !first || first.id === page.runs[0]?.id;
    return isSame ? [...list.runs] : null;
  }
  const isInFront = came > 0 && page.offset === 0 && first && page.runs[came]?.id === first.id;
  return isInFront ? [...new Array<undefined>(came).fill(undefined), ...list.runs] : null;
}
