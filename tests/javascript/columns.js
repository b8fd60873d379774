// Columns of a comparison for the tests, as compare_columns.js unpacks them; words are in order, as Python packs them.

export function numbers(group, name, values, { lower = false, whole = false } = {}) {
  return { group, name, lower, whole, numbers: Float64Array.from(values) };
}

/** `values` with null where a run has none. */
export function words(group, name, values, numeric = false) {
  const known = [...new Set(values.filter((value) => value !== null))].sort();
  return { group, name, numeric, words: known, codes: Int32Array.from(values, (value) => known.indexOf(value)) };
}
