// Which runs a plot shows, and which of them a selection keeps. Rows are numbers; nothing here draws.

import { ordered } from "./compare_columns.js";

export const SHADES = 9;

/** At most `most` of `rows`, best by `column` first; beyond that ticked ones stay before all others. */
export function bestRows(rows, column, most, ticked) {
  const best = column ? ordered(rows, column, false) : rows;
  if (best.length <= most) return best;
  const always = best.filter((row) => ticked.has(row)).slice(0, most);
  const rest = best.filter((row) => !ticked.has(row)).slice(0, most - always.length);
  return [...always, ...rest];
}

/** The rows that lie inside every brush: `brushes` are pairs of an axis and its {low, high}, both ends included. */
export function insideAll(rows, brushes) {
  return rows.filter((row) => brushes.every(([axis, { low, high }]) => axis.values[row] >= low && axis.values[row] <= high));
}

/**
 * What a colour stands for: the range of the middle nine tenths, so that a few far away do not take all colours; by
 * decades where the values lie so.
 */
export function shadesOf(axis, rows) {
  const sorted = Float64Array.from(rows, (row) => axis.values[row]).filter(Number.isFinite).sort();
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  let [low, high] = sorted.length > 40 ? [at(0.05), at(0.95)] : [sorted[0], sorted.at(-1)];
  if (!(low < high)) [low, high] = [sorted[0], sorted.at(-1)];
  const into = axis.suggestsLog ? Math.log10 : Number;
  const size = into(high) - into(low);
  const shade = (row) => {
    const value = axis.values[row];
    if (Number.isNaN(value)) return -1;
    if (!(size > 0)) return SHADES - 1;
    const share = Math.max(0, Math.min(1, (into(value) - into(low)) / size));
    return Math.round((axis.lower ? 1 - share : share) * (SHADES - 1));
  };
  return { shade, low, high, isCutLow: low > sorted[0], isCutHigh: high < sorted.at(-1) };
}

/**
 * The rows of the Pareto front: no other run is better on one axis and at least as good on the other. By x, from
 * its better end; runs in the same place are all on it.
 */
export function paretoFront(rows, x, y) {
  const [signX, signY] = [x.lower ? 1 : -1, y.lower ? 1 : -1];
  const measured = rows.filter((row) => Number.isFinite(x.values[row]) && Number.isFinite(y.values[row]));
  const [costX, costY] = [(row) => signX * x.values[row], (row) => signY * y.values[row]];
  measured.sort((a, b) => costX(a) - costX(b) || costY(a) - costY(b));
  const front = [];
  for (const row of measured) {
    const last = front.at(-1);
    const isSame = last !== undefined && costX(row) === costX(last) && costY(row) === costY(last);
    if (last === undefined || isSame || costY(row) < costY(last)) front.push(row);
  }
  return front;
}

/** Tells whether rows, ticks or values of columns are others than when it was last asked. */
export class Changes {
  constructor() {
    this.last = [];
  }

  any(rows, ticked, columns, sorted) {
    const values = columns.map((column) => column.codes ?? column.numbers);
    const now = [rows, [...ticked], values, [sorted]];
    const isSame = now.every((list, at) => list.length === this.last[at]?.length && list.every((each, i) => each === this.last[at][i]));
    this.last = now;
    return !isSame;
  }
}
