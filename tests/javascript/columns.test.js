// Order, agreement, the best, and text of a comparison's columns.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  agrees,
  bestOf,
  keyOf,
  ordered,
  replaceText,
  replaceValues,
  textOf,
  unpack,
} from "../../jupyter_mlops/widgets/compare_columns.js";
import { readFilter } from "../../jupyter_mlops/widgets/compare_filter.js";
import { binsOf, countsOf, summaryOf } from "../../jupyter_mlops/widgets/compare_histogram.js";
import { numbers, words } from "./columns.js";

const ROWS = [0, 1, 2, 3, 4];
const AUC = numbers("metrics", "auc", [0.7, NaN, 0.9, -Infinity, 0.9]);
const LOSS = numbers("metrics", "loss", [0.7, NaN, 0.2, Infinity, 0.2], { lower: true });
const MODEL = words("params", "model", ["b", null, "a", "c", "a"]);

test("bytes at an odd offset of a longer buffer become columns", () => {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setFloat64(3, 0.5, true);
  new DataView(bytes.buffer).setInt32(21, -1, true);
  const view = (from, length) => new DataView(bytes.buffer, from, length);
  const [auc, model] = unpack([
    { name: "auc", numbers: view(3, 8) },
    { name: "model", words: [], size: 4, codes: view(21, 4) },
  ], null, 1);
  assert.deepEqual([...auc.numbers], [0.5]);
  assert.deepEqual([...model.codes], [-1]);
});

test("a window of rows is spread over the table, and the others have no value", () => {
  const view = (array) => new DataView(array.buffer);
  const [auc, model] = unpack(
    [
      { name: "auc", single: true, numbers: view(Float32Array.of(0.1, 0.9)) },
      { name: "model", words: ["a", "b"], size: 1, codes: view(Int8Array.of(1, -1)) },
    ],
    Int32Array.of(1, 3),
    4,
  );
  assert.deepEqual([...auc.numbers], [NaN, Math.fround(0.1), NaN, Math.fround(0.9)]);
  assert.deepEqual([...model.codes], [-1, 1, -1, -1]);
  const { keep } = readFilter("auc >= 0.1 and auc != 0.9", [model, { ...auc, group: "metrics" }]);
  assert.deepEqual([0, 1, 2, 3].filter(keep), [1]);
});

test("a text that is written takes its place among the words", () => {
  const depth = words("params", "depth", ["2", "10", null, "x"]);
  depth.words = ["2", "10", "x"];
  depth.codes = Int32Array.of(0, 1, -1, 2);
  replaceText(depth, 2, "3");
  assert.deepEqual([0, 1, 2, 3].map((row) => textOf(depth, row)), ["2", "10", "3", "x"]);
  assert.deepEqual(ordered([3, 2, 1, 0], depth, false), [0, 2, 1, 3]);
  replaceText(depth, 0, "");
  assert.deepEqual(ordered([0, 1, 2, 3], depth, false), [2, 1, 3, 0]);
});

test("a column that was changed is sorted anew", () => {
  const auc = numbers("metrics", "auc", [1, 2]);
  assert.deepEqual(ordered([0, 1], auc, false), [1, 0]);
  replaceValues(auc, { numbers: Float64Array.of(2, 1) });
  assert.deepEqual(ordered([0, 1], auc, false), [0, 1]);
});

test("a header's bins count runs by value, and those without one nowhere", () => {
  const bins = binsOf(AUC);
  assert.deepEqual([...countsOf(bins, ROWS)].filter(Boolean), [1, 2]);
  assert.deepEqual([...countsOf(binsOf(MODEL), [0, 1, 2])], [1, 1, 0]);
  assert.equal(binsOf(numbers("metrics", "x", [3, 3, NaN])), null);
});

test("the foot tells least, greatest, and that of the newest run that has one", () => {
  assert.deepEqual(summaryOf(numbers("metrics", "n", [4, 9, 1, NaN], { whole: true }), [2, 3, 0, 1]), ["1", "9", "1"]);
  assert.deepEqual(summaryOf(numbers("metrics", "n", [NaN]), [0]), ["", "", ""]);
});

test("best comes first, equals stay as they were, and runs without a value are last either way", () => {
  assert.deepEqual(ordered(ROWS, AUC, false), [2, 4, 0, 3, 1]);
  assert.deepEqual(ordered(ROWS, AUC, true), [3, 0, 2, 4, 1]);
  assert.deepEqual(ordered(ROWS, LOSS, false), [2, 4, 0, 3, 1]);
  assert.deepEqual(ordered(ROWS, MODEL, false), [2, 4, 0, 3, 1]);
  assert.deepEqual(ordered(ROWS, MODEL, true), [3, 0, 2, 4, 1]);
});

test("sorting leaves the rows it was given as they are", () => {
  const rows = [...ROWS];
  ordered(rows, AUC, false);
  assert.deepEqual(rows, ROWS);
});

test("having no value is a value when runs are compared", () => {
  assert.ok(agrees([2, 4], MODEL));
  assert.ok(!agrees([1, 2], MODEL));
  assert.ok(agrees([1, 1], AUC), "NaN agrees with NaN");
  assert.ok(!agrees([0, 1], AUC));
});

test("the best is finite and among the rows asked for; where all are equal none is", () => {
  assert.equal(bestOf(ROWS, AUC), 0.9);
  assert.equal(bestOf(ROWS, LOSS), 0.2);
  assert.equal(bestOf([0, 1, 3], LOSS), NaN);
  assert.equal(bestOf([2, 4], AUC), NaN);
  assert.equal(bestOf(ROWS, MODEL), NaN);
});

test("numbers have four significant digits, whole ones all of theirs", () => {
  const shown = (value, whole) => textOf(numbers("metrics", "x", [value], { whole }), 0);
  assert.equal(shown(0.123456), "0.1235");
  assert.equal(shown(12345.678), "12346");
  assert.equal(shown(9999.96), "10000");
  assert.equal(shown(0.00001234), "1.234e-5");
  assert.equal(shown(2e12, true), "2.000e+12");
  assert.equal(shown(12, true), "12");
  assert.equal(shown(-Infinity), "−∞");
  assert.equal(shown(NaN), "");
  assert.equal(textOf(MODEL, 1), "");
  assert.equal(textOf(MODEL, 3), "c");
});

test("columns of one name are told apart by their group", () => {
  assert.notEqual(keyOf(numbers("metrics", "lr", [])), keyOf(words("params", "lr", [])));
});
