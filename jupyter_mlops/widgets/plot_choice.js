// Which columns a plot begins with: what goes with the metric in question, and metrics that say something else.

import { agrees } from "./compare_columns.js";
import { MOST_LEVELS, isWorded, numbersOf } from "./plot_axes.js";

const SAMPLE = 1000; // runs, evenly taken, that decide
const PARTS = 8; // of the runs, by a column with many values
const FEW = 3; // runs with both values, below which nothing is said

/** The columns that can be an axis: metrics, parameters and short information in which `rows` differ. */
export function plottable(columns, rows) {
  return columns.filter((column) => {
    if (column.group === "run" || agrees(rows, column)) return false;
    if (!isWorded(column)) return rows.some((row) => Number.isFinite(numbersOf(column)[row]));
    const levels = new Set(rows.map((row) => column.codes[row])).size;
    return column.group === "params" ? levels < Math.max(MOST_LEVELS, rows.length / 2) : levels <= MOST_LEVELS;
  });
}

/** The metric a plot is about: the sorted one, or the first; any other number where no metric differs. */
export function mainOf(candidates, sorted) {
  const numbers = candidates.filter((column) => !isWorded(column));
  if (numbers.includes(sorted)) return sorted;
  return numbers.find((column) => column.group === "metrics") ?? numbers[0];
}

/** Those of `columns` that can be drawn against `main`: at least two of `rows` have a value of both. */
export function besides(columns, main, rows) {
  const has = (column) => (row) => (isWorded(column) ? column.codes[row] >= 0 : Number.isFinite(numbersOf(column)[row]));
  const present = rows.filter(has(main));
  return columns.filter((column) => present.filter(has(column)).length > 1);
}

/**
 * At most `count` columns, from left to right: parameters by how much the main metric goes with them, metrics that
 * go least with those already there, and the main metric last.
 */
export function chosenAxes(candidates, rows, main, count) {
  const sample = sampleOf(rows, SAMPLE);
  const params = candidates.filter((column) => column.group === "params" && column !== main);
  const told = new Map(params.map((column) => [column, main ? strength(column, main, sample) : 0]));
  params.sort((a, b) => told.get(b) - told.get(a));
  const metrics = candidates.filter((column) => column.group === "metrics" && column !== main);
  const forMetrics = Math.min(metrics.length, Math.max(Math.floor(count / 3), count - params.length - 1));
  const others = unlike(metrics, main ? [main] : [], sample, forMetrics);
  const room = Math.max(0, count - others.length - (main ? 1 : 0));
  return [...params.slice(0, room), ...others, ...(main ? [main] : [])];
}

/** `count` of `columns`, each the one that goes least with those taken before. */
function unlike(columns, taken, sample, count) {
  const near = new Map(columns.map((column) => [column, Math.max(0, ...taken.map((each) => strength(column, each, sample)))]));
  const found = [];
  while (found.length < count) {
    const next = [...near.keys()].reduce((best, column) => (near.get(column) < near.get(best) ? column : best));
    near.delete(next);
    found.push(next);
    for (const column of near.keys()) near.set(column, Math.max(near.get(column), strength(column, next, sample)));
  }
  return found;
}

/**
 * How much the numbers of `target` go with `column`, from 0 to 1: Spearman's rank correlation without its sign, or
 * the square root of epsilon squared (Kelley 1935) of their ranks by the column's values (by eighths of its runs
 * where it has more than 20), which also sees an optimum in the middle; the greater of both.
 */
export function strength(column, target, rows) {
  const [values, targets] = [column.words ? column.codes : column.numbers, numbersOf(target)];
  const numbers = isWorded(column) ? null : numbersOf(column);
  const present = rows.filter((row) => Number.isFinite(targets[row]) && (numbers ? Number.isFinite(numbers[row]) : values[row] >= 0));
  if (present.length < FEW) return 0;
  const ranks = ranksOf(present.map((row) => targets[row]));
  const own = numbers && ranksOf(present.map((row) => numbers[row]));
  const isFew = new Set(present.map((row) => values[row])).size <= MOST_LEVELS;
  if (!isFew && !own) return 0;
  const keys = present.map((row, at) => (isFew ? values[row] : Math.floor((PARTS * own[at]) / present.length)));
  return Math.max(epsilon(grouped(ranks, keys), ranks), own ? Math.abs(correlation(own, ranks)) : 0);
}

function grouped(values, keys) {
  const groups = new Map();
  values.forEach((value, at) => {
    if (!groups.has(keys[at])) groups.set(keys[at], []);
    groups.get(keys[at]).push(value);
  });
  return [...groups.values()];
}

function epsilon(groups, ranks) {
  const within = groups.reduce((sum, group) => sum + squares(group), 0) / (ranks.length - groups.length);
  const whole = squares(ranks) / (ranks.length - 1);
  return groups.length < ranks.length && whole > 0 ? Math.sqrt(Math.max(0, 1 - within / whole)) : 0;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function squares(values) {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}

function correlation(a, b) {
  const [meanA, meanB] = [mean(a), mean(b)];
  const size = Math.sqrt(squares(a) * squares(b));
  return size > 0 ? a.reduce((sum, value, at) => sum + (value - meanA) * (b[at] - meanB), 0) / size : 0;
}

/** Ranks from 0; equals share the middle of theirs. */
function ranksOf(values) {
  const order = values.map((_, at) => at).sort((a, b) => values[a] - values[b]);
  const ranks = new Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end += 1;
    for (let at = start; at < end; at++) ranks[order[at]] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

function sampleOf(rows, most) {
  if (rows.length <= most) return rows;
  return Array.from({ length: most }, (_, at) => rows[Math.floor((at * rows.length) / most)]);
}
