// The columns of a comparison in the browser: unpacking, order, differences, the best, and text.
// Names come from shared stores: everything here is data, and reaches the page as textContent only.

import { readNumber } from "./compare_filter.js";

const CODES = { 1: Int8Array, 2: Int16Array, 4: Int32Array };

/**
 * Columns with one entry per run of the table, in typed arrays. `rows` are the runs that `packed` has (null: all);
 * the others have no value. Bytes arrive at any offset, and a typed array needs its own: hence the copy.
 */
export function unpack(packed, rows, total) {
  return packed.map((column) => {
    const { numbers, codes, size, ...told } = column;
    if (!column.words) {
      const values = new (column.single ? Float32Array : Float64Array)(copied(numbers));
      return { ...told, numbers: spread(values, rows, new Float64Array(total).fill(NaN)) };
    }
    return { ...told, codes: spread(new CODES[size](copied(codes)), rows, new Int32Array(total).fill(-1)) };
  });
}

/** Row numbers from bytes, or null where there are none. */
export function unpackRows(view) {
  return view ? new Int32Array(copied(view)) : null;
}

function copied(view) {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

function spread(values, rows, into) {
  if (!rows) into.set(values);
  else for (let i = 0; i < rows.length; i++) into[rows[i]] = values[i];
  return into;
}

/** Put the values of `fresh` into `column`, which others hold on to. */
export function replaceValues(column, fresh) {
  Object.assign(column, fresh, { orders: undefined, bins: undefined });
}

/** Give one run another text; `words` stay in order. No text is none. */
export function replaceText(column, row, text) {
  column.orders = column.bins = undefined;
  if (!text) {
    column.codes[row] = -1;
    return;
  }
  let at = column.words.indexOf(text);
  if (at < 0) {
    at = column.words.findIndex((word) => comesBefore(text, word));
    if (at < 0) at = column.words.length;
    column.words = column.words.toSpliced(at, 0, text);
    column.codes = column.codes.map((code) => (code >= at ? code + 1 : code));
  }
  column.codes[row] = at;
}

/** The order of texts in compare_columns.py: numbers by size, then texts in either case. */
function comesBefore(a, b) {
  const [left, right] = [a, b].map(readNumber);
  if (Number.isNaN(left) !== Number.isNaN(right)) return Number.isNaN(right);
  if (!Number.isNaN(left) && left !== right) return left < right;
  const [low, other] = [a.toLowerCase(), b.toLowerCase()];
  return low < other || (low === other && a < b);
}

/** What tells columns apart: the group and the name. */
export const keyOf = (column) => `${column.group}.${column.name}`;

/** `rows` best first (or last); equals keep their order, runs without a value come last either way. */
export function ordered(rows, column, reverse) {
  const values = column.words ? column.codes : column.numbers;
  const isKept = new Uint8Array(values.length);
  const absent = [];
  for (const row of rows) {
    if (isAbsent(column, row)) absent.push(row);
    else isKept[row] = 1;
  }
  const sorted = [];
  for (const row of orderOf(column, reverse)) if (isKept[row]) sorted.push(row);
  return sorted.concat(absent);
}

/** All rows in order, found once: each later sort and filter only walks over it. */
function orderOf(column, reverse) {
  column.orders ??= {};
  column.orders[reverse] ??= orderBy(placesOf(column), reverse !== (!column.words && !column.lower));
  return column.orders[reverse];
}

/** Per run the place of its value among all values in rising order, the same for equals; -1 where it has none. */
function placesOf(column) {
  if (column.words) return column.codes;
  const sorted = column.numbers.filter((value) => !Number.isNaN(value)).sort();
  return Int32Array.from(column.numbers, (value) => {
    if (Number.isNaN(value)) return -1;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

/** Rows by their places, equals in the order they are in: counted, which takes a tenth of comparing. */
function orderBy(places, falling) {
  let last = -1;
  let present = 0;
  for (const place of places) {
    if (place > last) last = place;
    if (place >= 0) present += 1;
  }
  const starts = new Uint32Array(last + 2);
  for (const place of places) if (place >= 0) starts[(falling ? last - place : place) + 1] += 1;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const order = new Uint32Array(present);
  for (let row = 0; row < places.length; row++) {
    if (places[row] >= 0) order[starts[falling ? last - places[row] : places[row]]++] = row;
  }
  return order;
}

function isAbsent(column, row) {
  return column.words ? column.codes[row] < 0 : Number.isNaN(column.numbers[row]);
}

/** True if `rows` agree; having no value is a value here. */
export function agrees(rows, column) {
  const values = column.words ? column.codes : column.numbers;
  return rows.every((row) => Object.is(values[row], values[rows[0]]));
}

/** The best finite value among `rows`, or NaN where all are equal: then none is best. */
export function bestOf(rows, column) {
  if (column.words) return NaN;
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    const value = column.numbers[row];
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low < high)) return NaN;
  return column.lower ? low : high;
}

/** The value as it is shown: four significant digits, whole numbers, texts; empty where there is none. */
export function textOf(column, row) {
  if (column.words) return column.codes[row] < 0 ? "" : column.words[column.codes[row]];
  const value = column.numbers[row];
  if (Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if ((column.whole || size >= 9999.5) && size < 1e9) return value.toFixed(0);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(3) : value.toPrecision(4);
}
