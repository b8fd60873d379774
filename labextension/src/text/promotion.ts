// A promotion in words: gates as a checklist, what became of the alias, and whether a reason is one.

import type { TranslationBundle } from '@jupyterlab/translation';

export type Outcome = 'passed' | 'warned' | 'failed' | 'skipped';

export interface Gate {
  name: string;
  outcome: Outcome;
  figure: string;
  details: Record<string, unknown>;
}

/** What `mlops promote --json` prints. */
export interface Promoted {
  name: string;
  version: string;
  alias: string;
  moved: boolean;
  before: string | null;
  run: string | null;
  metrics: Record<string, number | null>;
  checks?: { what: string; outcome: Outcome; figure: string }[];
  gates: Gate[];
}

/** A row of the checklist. */
export interface Row {
  outcome: Outcome;
  what: string;
  figure: string;
}

/** What the comparison with the champion measured, so that better is to the right. */
export interface Difference {
  metric: string;
  value: number;
  champion: number;
  difference: number;
  low: number;
  high: number;
  /** How much worse is allowed, as a difference; null where it must be better. */
  allowed: number | null;
  higherIsBetter: boolean;
}

const ORDER: Outcome[] = ['failed', 'warned', 'passed', 'skipped'];
const LEAST_WORDS = 3;
const LEAST_LETTERS = 10;

/** The gates that count, the failed ones first. */
export function gateRows(promoted: Promoted, trans: TranslationBundle): Row[] {
  const shown = promoted.gates.filter(gate => gate.details['applies'] !== false);
  const rows = shown.map(gate => ({ outcome: gate.outcome, what: gateTitle(gate.name, trans), figure: figureOf(gate, trans) }));
  return ORDER.flatMap(outcome => rows.filter(row => row.outcome === outcome));
}

/** What was compared when the code ran again. */
export const checkRows = (promoted: Promoted): Row[] => promoted.checks ?? [];

export const failedGates = (promoted: Promoted): Gate[] => promoted.gates.filter(gate => gate.outcome === 'failed');

/** True if a person's approval is what is missing. */
export const needsApproval = (promoted: Promoted): boolean =>
  failedGates(promoted).some(gate => gate.name === 'approval');

/** True if gates failed that only a reason can override. */
export const needsReason = (promoted: Promoted): boolean =>
  failedGates(promoted).some(gate => gate.name !== 'approval');

/** What became of the alias, in one sentence. */
export function headline(promoted: Promoted, trans: TranslationBundle): string {
  const { name, version, alias, before } = promoted;
  if (promoted.moved) {
    return trans.__('%1 version %2 is now %3.', name, version, alias);
  }
  const failed = failedGates(promoted).length;
  const why = trans._n('%1 gate failed', '%1 gates failed', failed);
  return before
    ? trans.__('%1 version %2 is registered; %3 stays version %4: %5.', name, version, alias, before, why)
    : trans.__('%1 version %2 is registered, but it is not %3: %4.', name, version, alias, why);
}

/** Beside the word, never alone. */
export const outcomeSign = (outcome: Outcome): string => ({ passed: '✓', warned: '!', failed: '✗', skipped: '–' })[outcome];

/** Why a text is no reason yet; null if it is one. A reason says something: three different words or more. */
export function reasonProblem(text: string, trans: TranslationBundle): string | null {
  const unspaced = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu) ?? [];
  const words = new Set(text.toLocaleLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const letters = [...words].join('').length;
  if (unspaced.length >= LEAST_LETTERS || (words.size >= LEAST_WORDS && letters >= LEAST_LETTERS)) {
    return null;
  }
  return text.trim()
    ? trans.__('Say it in a few words, so that others understand it later.')
    : trans.__('Type why; it stays in the history.');
}

/** Why a text is no name of a model; null if it is one. The server has the last word. */
export function nameProblem(text: string, trans: TranslationBundle): string | null {
  const name = text.trim();
  if (!name.replace(/[. ]/g, '')) {
    return trans.__('Type a name.');
  }
  return /[@/:%?\\"']/.test(name) || name.length > 200
    ? trans.__('At most 200 characters, and none of @ / \\ : ? % or a quote.')
    : null;
}

/** The measured difference to the champion; null where none was measured. */
export function differenceOf(promoted: Promoted): Difference | null {
  const details = promoted.gates.find(gate => gate.name === 'champion')?.details ?? {};
  const [value, champion, low, high] = ['value', 'champion', 'low', 'high'].map(key => details[key]);
  if (typeof value !== 'number' || typeof champion !== 'number' || typeof low !== 'number' || typeof high !== 'number') {
    return null;
  }
  const higherIsBetter = details['higher_is_better'] !== false;
  const margin = details['not_worse_by'];
  return {
    metric: String(details['metric']),
    value,
    champion,
    difference: value - champion,
    low,
    high,
    allowed: typeof margin === 'number' ? (higherIsBetter ? -margin : margin) : null,
    higherIsBetter
  };
}

/** A number for people: four digits, a true minus. */
export const numberWords = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : String(Number(value.toPrecision(4))).replace('-', '−');

export const signedWords = (value: number): string => (value > 0 ? '+' : '') + numberWords(value);

function figureOf(gate: Gate, trans: TranslationBundle): string {
  return gate.name === 'approval' && gate.outcome === 'failed' ? trans.__('nobody has approved it yet') : gate.figure;
}

export function gateTitle(name: string, trans: TranslationBundle): string {
  const titles: Record<string, string> = {
    reproduced: trans.__('Made again by its code'),
    champion: trans.__('Against the champion'),
    slices: trans.__('Worst groups of rows'),
    fairness: trans.__('Groups of people'),
    drift: trans.__('Drift of training data'),
    'target leak': trans.__('Answer among the features'),
    'single feature': trans.__('One feature alone'),
    'duplicate rows': trans.__('Rows on both sides'),
    'different answers': trans.__('Different answers'),
    'training gap': trans.__('Training against hold-out'),
    latency: trans.__('Prediction time'),
    size: trans.__('Size of files'),
    approval: trans.__('Approval')
  };
  return Object.prototype.hasOwnProperty.call(titles, name) ? titles[name] : name;
}
