// The filter of a comparison, held to the same cases as compare_filter.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { byReference, readFilter, readNumber } from "../../jupyter_mlops/widgets/compare_filter.js";
import { numbers, words } from "./columns.js";

const CASES = JSON.parse(readFileSync(new URL("../widgets/filter_cases.json", import.meta.url), "utf8"));
const RUNS = CASES.runs;
const COLUMNS = [
  words("run", "name", RUNS.names),
  ...Object.entries(RUNS.metrics).map(([name, values]) => numbers("metrics", name, values.map(spelled))),
  ...Object.entries(RUNS.params).map(([name, values]) => words("params", name, values)),
  ...Object.entries(RUNS.info).map(([name, values]) => words("info", name, values)),
];

function spelled(value) {
  return Number(String(value).replace("inf", "Infinity"));
}

test("a filter keeps the same runs as in Python", () => {
  for (const [text, rows] of CASES.kept) {
    const { keep, problem } = readFilter(text, COLUMNS);
    assert.deepEqual([[0, 1, 2, 3].filter(keep), problem], [rows, ""], text);
  }
});

test("a filter that cannot be read says why and keeps every run", () => {
  for (const [text, sentence] of CASES.problems) {
    const { keep, problem } = readFilter(text, COLUMNS);
    assert.notEqual(problem, "", text);
    if (sentence !== null) assert.equal(problem, sentence, text);
    assert.deepEqual([0, 1, 2, 3].filter(keep), [0, 1, 2, 3], text);
  }
});

test("a mistyped name brings the nearest one, and a far one nothing", () => {
  assert.match(readFilter("auk > 1", COLUMNS).problem, /Did you mean “auc”\?$/);
  assert.match(readFilter("temperature > 1", COLUMNS).problem, /^No column is called “temperature”\.$/);
});

test("of two columns with one name the metric comes first, and each answers to its full name", () => {
  const named = byReference(COLUMNS);
  assert.equal(named.get("lr").group, "metrics");
  assert.equal(named.get("params.lr").group, "params");
});

test("only plain decimal numbers are numbers", () => {
  for (const text of ["1", "-1.5", ".5", "2.", "1e-3", "INF", "-inf"]) assert.ok(!Number.isNaN(readNumber(text)), text);
  for (const text of ["", " ", "0x10", "1_000", "1e", "Infinity", "nan", "1 "]) assert.ok(Number.isNaN(readNumber(text)), text);
});
