// Which registered version a notebook means: pure, from lists that the server gave.

import type { Version } from '../api/rest';

/** The versions of a notebook in the order to offer them, and the one to take without asking. */
export interface Choice {
  versions: Version[];
  /** Null if a person has to choose. */
  pick: Version | null;
}

/**
 * The versions whose runs are among these; all if null.
 *
 * Champions come first, then other promoted ones, then those that gates held back; the newest of each first.
 */
export function chooseVersion(all: readonly Version[], runIds: ReadonlySet<string> | null): Choice {
  const versions = all.filter(version => runIds === null || runIds.has(version.run_id)).sort(inOrder);
  const champions = versions.filter(isChampion);
  const promoted = champions.length ? champions : versions.filter(version => version.aliases.length > 0);
  const names = new Set(versions.filter(version => version.aliases.length > 0).map(version => version.name));
  return { versions, pick: promoted.length > 0 && names.size === 1 ? promoted[0] : null };
}

export const isChampion = (version: Version): boolean => version.aliases.includes('champion');

/** `income/4` */
export const referenceOf = (version: { name: string; version: string }): string => `${version.name}/${version.version}`;

/** The name to offer for the next model of a notebook: that of its newest version, else of its file. */
export function suggestName(versions: readonly Version[], path: string): string {
  const [newest] = [...versions].sort(byAge);
  return newest?.name ?? plainName(path.split('/').pop() ?? '');
}

/** A file's name without its ending and without characters that a model's name may not have. */
function plainName(file: string): string {
  const stem = file.replace(/\.[^.]*$/, '').replace(/[@/:%?\\"'\u0000-\u001f]+/g, '-');
  return stem.replace(/^[\s.-]+|[\s.-]+$/g, '').slice(0, 60) || 'model';
}

function inOrder(a: Version, b: Version): number {
  return rank(a) - rank(b) || byAge(a, b);
}

const rank = (version: Version): number => (isChampion(version) ? 0 : version.aliases.length ? 1 : 2);

const byAge = (a: Version, b: Version): number =>
  b.created.localeCompare(a.created) || Number(b.version) - Number(a.version);
