// A column of runs as an axis of a plot: every run a number on it, also where the column holds words.

import { keyOf } from "./compare_columns.js";
import { readNumber } from "./compare_filter.js";
import { figureText, plainText } from "./words.js";

export const MOST_LEVELS = 20;
const FEW = 8;
const spelled = new WeakMap();

/** The numbers of a column by row, NaN where there is none; of a column of words only if `numeric`. */
export function numbersOf(column) {
  if (!column.words) return column.numbers;
  if (!spelled.has(column.codes)) {
    const read = column.words.map(readNumber);
    spelled.set(column.codes, Float64Array.from(column.codes, (code) => (code < 0 ? NaN : read[code])));
  }
  return spelled.get(column.codes);
}

/** True if words are what the column holds, and not numbers that are spelled. */
export const isWorded = (column) => Boolean(column.words) && !column.numeric;

/**
 * The axis of `column` for `rows`: `values` by row (finite, or NaN where the run has none), `low` and `high` of
 * them, `missing` (how many have none), `levels` (texts, where it is worded; `values` are places in these), `few`
 * (all different numbers, where these are few), `canLog` and `suggestsLog`. Beyond `most` levels the rarest share the last one.
 */
export function axisOf(column, rows, most = MOST_LEVELS) {
  const about = { key: keyOf(column), column, name: column.name, lower: column.lower };
  const axis = isWorded(column) ? worded(column, rows, most) : numbered(column, rows);
  return { ...about, ...axis, missing: rows.reduce((sum, row) => sum + Number(Number.isNaN(axis.values[row])), 0) };
}

function numbered(column, rows) {
  const values = numbersOf(column).map((value) => (Number.isFinite(value) ? value : NaN));
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    if (values[row] < low) low = values[row];
    if (values[row] > high) high = values[row];
  }
  if (low > high) [low, high] = [0, 0];
  const canLog = low > 0 && high > low;
  return { values, low, high, levels: null, few: fewOf(values, rows), canLog, suggestsLog: canLog && isSkewed(values, rows, low, high) };
}

/** The different values in order if they are few, so that an axis can name each of them. */
function fewOf(values, rows) {
  const found = new Set();
  for (const row of rows) {
    if (!Number.isNaN(values[row])) found.add(values[row]);
    if (found.size > FEW) return null;
  }
  return [...found].sort((a, b) => a - b);
}

/** True where values lie over two decades or more, and most of them near the low end. */
function isSkewed(values, rows, low, high) {
  if (high < 100 * low) return false;
  const below = rows.filter((row) => values[row] < (low + high) / 4).length;
  return below > rows.length / 2;
}

function worded(column, rows, most) {
  const counts = new Map();
  for (const row of rows) {
    const code = column.codes[row];
    if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const isFolded = counts.size > most;
  const frequent = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || a - b);
  const kept = (isFolded ? frequent.slice(0, most - 1) : frequent).sort((a, b) => a - b);
  const levels = kept.map((code) => plainText(column.words[code]));
  if (isFolded) levels.push(`${figureText(counts.size - kept.length)} others`);
  const place = new Map(kept.map((code, at) => [code, at]));
  const values = Float64Array.from(column.codes, (code) => (code < 0 ? NaN : (place.get(code) ?? kept.length)));
  return { values, low: -0.5, high: Math.max(0, levels.length - 1) + 0.5, levels, few: null, canLog: false, suggestsLog: false };
}

/** A number beside an axis: three significant digits, short also where it is small or large. */
export function tickText(value) {
  const size = Math.abs(value);
  const isFar = size !== 0 && (size < 1e-3 || size >= 1e7);
  return isFar ? value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e") : figureText(Number(value.toPrecision(size < 1000 ? 3 : 4)));
}

/** A place on the axis in words. */
export function placeText(axis, value) {
  if (Number.isNaN(value)) return "none";
  if (!axis.levels) return figureText(value);
  return axis.levels[Math.max(0, Math.min(axis.levels.length - 1, Math.round(value)))] ?? "none";
}
