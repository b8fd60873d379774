// A diff without a kernel: what the columns in the page tell of runs, in the form the kernel answers.

import { textOf } from "./compare_columns.js";
import { allEqual } from "./compare_diff_words.js";

const ELSEWHERE = "Only the kernel knows it: run the cell again to see it.";

export function diffOf(columns, rows) {
  const of = (group) => columns.filter((column) => column.group === group);
  const [names] = of("run");
  const values = (column) => rows.map((row) => textOf(column, row) || null);
  const item = (column) => ({ name: column.name, values: values(column), same: allEqual(values(column)) });
  const present = (column) => rows.some((row) => textOf(column, row));
  return {
    runs: rows.map((row) => ({ name: textOf(names, row) })),
    params: of("params").filter(present).map(item),
    metrics: of("metrics").filter(present).map((column) => metric(column, rows)),
    data: [],
    code: { statements: [], note: ELSEWHERE },
    environment: { packages: [], facts: of("info").filter(present).map(item), note: "" },
  };
}

function metric(column, rows) {
  const values = rows.map((row) => (Number.isFinite(column.numbers[row]) ? column.numbers[row] : null));
  const note = "no interval without the kernel";
  const differences = values.slice(1).map((value) => ({
    value: value === null || values[0] === null ? null : value - values[0], low: null, high: null, rows: null, note,
  }));
  return { name: column.name, values, lower_is_better: column.lower, differences };
}

/** The first metric that tells rows apart, and `rows` in its order, best first; as they are without one. */
export function bestFirst(columns, rows) {
  const telling = columns.find((column) => column.group === "metrics" && rows.some((row) => Number.isFinite(column.numbers[row])));
  if (!telling) return { name: "", rows };
  const known = rows.filter((row) => Number.isFinite(telling.numbers[row]));
  const sign = telling.lower ? 1 : -1;
  return { name: telling.name, rows: known.sort((a, b) => sign * (telling.numbers[a] - telling.numbers[b])) };
}
