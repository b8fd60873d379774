// The small histogram in a column's header: where all runs lie, faint, and of them the runs that are shown.

import { textOf } from "./compare_columns.js";
import { draw } from "./svg.js";

const BINS = 20;
const NONE = 255;
const HEIGHT = 16;

/** Per run its bin (255: none) and what the bins are; found once per column. Null where one bin would do. */
export function binsOf(column) {
  column.bins ??= { of: column.words && !column.numeric ? wordBins(column) : numberBins(column) };
  return column.bins.of;
}

function numberBins(column) {
  const values = column.words ? Float64Array.from(column.codes, (code) => (code < 0 ? NaN : Number(column.words[code]))) : column.numbers;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low < high)) return null;
  const size = (high - low) / BINS;
  const at = Uint8Array.from(values, (value) => (Number.isFinite(value) ? Math.min(BINS - 1, Math.floor((value - low) / size)) : NONE));
  const edge = (i) => Number((low + i * size).toPrecision(3));
  return { at, count: BINS, name: (i) => `${edge(i)} to ${edge(i + 1)}`, range: `${edge(0)} to ${edge(BINS)}` };
}

/** A bar for each word; more words than bars would tell nothing. */
function wordBins(column) {
  const { words, codes } = column;
  if (words.length < 2 || words.length > BINS) return null;
  const at = Uint8Array.from(codes, (code) => (code < 0 ? NONE : code));
  return { at, count: words.length, name: (i) => words[i], range: `${words.length} values` };
}

/** How many of `rows` are in each bin. */
export function countsOf(bins, rows) {
  const counts = new Uint32Array(bins.count);
  for (const row of rows) if (bins.at[row] !== NONE) counts[bins.at[row]] += 1;
  return counts;
}

/** The picture, hidden from screen readers, and its sentence; null where there is nothing to see. */
export function histogram(column, all, shown) {
  const bins = binsOf(column);
  if (!bins) return null;
  const every = countsOf(bins, all);
  const some = shown.length === all.length ? every : countsOf(bins, shown);
  const most = Math.max(...every, 1);
  const svg = draw("svg", {
    class: "mlops-spread",
    viewBox: `0 0 ${bins.count} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  svg.append(bars(every, most, "mlops-every"), bars(some, most, "mlops-some"));
  const top = some.indexOf(Math.max(...some));
  const text = some[top] ? `${bins.range}, most shown runs at ${bins.name(top)}` : bins.range;
  return { svg, text };
}

/** One path for all bars; what is there at all is at least a pixel high. */
function bars(counts, most, className) {
  let line = "";
  counts.forEach((count, i) => {
    if (!count) return;
    const height = Math.max(1, (count / most) * HEIGHT);
    line += `M${i + 0.08} ${HEIGHT}v${-height.toFixed(2)}h.84V${HEIGHT}z`;
  });
  return draw("path", { class: className, d: line });
}

/** Least, greatest and newest value of a metric among `rows` (row numbers), as text. */
export function summaryOf(column, rows) {
  if (column.words) return ["", "", ""];
  let low = -1;
  let high = -1;
  let last = -1;
  for (const row of rows) {
    const value = column.numbers[row];
    if (Number.isNaN(value)) continue;
    if (low < 0 || value < column.numbers[low]) low = row;
    if (high < 0 || value > column.numbers[high]) high = row;
    if (row > last) last = row; // runs are numbered as they were made
  }
  return [low, high, last].map((row) => (row < 0 ? "" : textOf(column, row)));
}
