// Registered models in words, and the order they are shown in. Nothing here needs a page.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Gate, Move, Version } from '../api/rest';
import { figure, plain } from './runs';

/** One registered model: its versions, the newest first. */
export interface Model {
  name: string;
  versions: Version[];
  champion: Version | null;
}

/** How much of a reason a narrow panel shows. */
export const LONG = 400;

const ORDER: Gate['outcome'][] = ['failed', 'warned', 'passed', 'skipped'];

/** Versions by model; models with the newest version first. */
export function modelsOf(versions: readonly Version[]): Model[] {
  const found = new Map<string, Version[]>();
  for (const version of versions) {
    found.set(version.name, [...(found.get(version.name) ?? []), version]);
  }
  const models = [...found].map(([name, own]) => {
    const newest = [...own].sort((one, two) => Number(two.version) - Number(one.version));
    return { name, versions: newest, champion: newest.find(each => each.aliases.includes('champion')) ?? null };
  });
  const made = (model: Model): number => Math.max(...model.versions.map(each => Date.parse(each.created)));
  return models.sort((one, two) => made(two) - made(one));
}

/** The newest `most` versions, and those with an alias wherever they are; the order stays. */
export const shortly = (versions: readonly Version[], most: number): Version[] =>
  versions.filter((version, at) => at < most || version.aliases.length > 0);

/** A version as commands and people name it. */
export const fullName = (version: Pick<Version, 'name' | 'version'>): string => `${version.name}/${version.version}`;

/** What an alias means, for its chip's title. */
export function aliasMeaning(alias: string, trans: TranslationBundle): string {
  switch (alias) {
    case 'champion':
      return trans.__('Champion: the version in use');
    case 'challenger':
      return trans.__('Challenger: tried against the champion');
    default:
      return trans.__('Alias %1', alias);
  }
}

/** `1 failed, 8 passed`; empty where no gate is known. */
export const gateCounts = (gates: Version['gates'], trans: TranslationBundle): string =>
  ORDER.filter(outcome => gates[outcome])
    .map(outcome => `${gates[outcome]} ${outcomeWord(outcome, trans)}`)
    .join(', ');

/** As `mlops models` says it. */
export function outcomeWord(outcome: Gate['outcome'], trans: TranslationBundle): string {
  const words = {
    failed: trans.__('failed'),
    warned: trans.__('warned'),
    passed: trans.__('passed'),
    skipped: trans.__('skipped')
  };
  return words[outcome];
}

/** What needs a look comes first. */
export function urgentFirst(gates: readonly Gate[]): Gate[] {
  return [...gates].sort((one, two) => ORDER.indexOf(one.outcome) - ORDER.indexOf(two.outcome));
}

/** A move of an alias: `champion: version 1 → 2`. */
export function moveWords(move: Pick<Move, 'alias' | 'before' | 'after'>, trans: TranslationBundle): string {
  return move.before === null
    ? trans.__('%1: version %2', move.alias, move.after)
    : trans.__('%1: version %2 → %3', move.alias, move.before, move.after);
}

/** What metrics a step from one version to another changes, each on a line of its own; equal ones are left out. */
export function metricChanges(before: Version | undefined, after: Version | undefined): string[] {
  return Object.entries(before?.metrics ?? {}).flatMap(([name, old]) => {
    const now = after?.metrics[name];
    if (old === null || now === null || now === undefined) {
      return [];
    }
    return figure(old) === figure(now) ? [] : [`${plain(name)} ${figure(old)} → ${figure(now)}`];
  });
}

/** Why it was promoted, as it was typed; whether a gate had failed. Empty where nobody typed anything. */
export function reasonWords(version: Pick<Version, 'gates' | 'reason'>, trans: TranslationBundle): string {
  if (!version.reason) {
    return '';
  }
  const reason = plain(version.reason, LONG);
  return version.gates['failed']
    ? trans.__('Promoted in spite of a failed gate: “%1”', reason)
    : trans.__('Reason: “%1”', reason);
}
