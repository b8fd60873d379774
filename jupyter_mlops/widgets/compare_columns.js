// The columns of a comparison in the browser: unpacking, order, differences, the best, and text.
// Names come from shared stores: everything here is data, and reaches the page as textContent only.

/** Columns with typed arrays. Bytes arrive at any offset, and a typed array needs its own: hence the copy. */
export function unpack(packed) {
  const copy = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return packed.map((column) =>
    column.words
      ? { ...column, codes: new Int32Array(copy(column.codes)) }
      : { ...column, numbers: new Float64Array(copy(column.numbers)) },
  );
}

/** What tells columns apart: the group and the name. */
export const keyOf = (column) => `${column.group}.${column.name}`;

/** `rows` best first (or last); equals keep their order, runs without a value come last either way. */
export function ordered(rows, column, reverse) {
  const rank = rankOf(column);
  const sign = reverse ? -1 : 1;
  const present = rows.filter((row) => !Number.isNaN(rank(row)));
  const absent = rows.filter((row) => Number.isNaN(rank(row)));
  // Differences would be NaN between infinities; the sort is stable.
  present.sort((a, b) => sign * (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
  return present.concat(absent);
}

function rankOf(column) {
  if (column.words) return (row) => (column.codes[row] < 0 ? NaN : column.codes[row]);
  const sign = column.lower ? 1 : -1;
  return (row) => sign * column.numbers[row];
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
