// What plots are made of before anything is drawn: axes, their choice, brushes, colours, fronts and series.

import assert from "node:assert/strict";
import { test } from "node:test";

import { axisOf, placeText, tickText } from "../../jupyter_mlops/widgets/plot_axes.js";
import { besides, chosenAxes, mainOf, plottable, strength } from "../../jupyter_mlops/widgets/plot_choice.js";
import { bestRows, insideAll, paretoFront, shadesOf } from "../../jupyter_mlops/widgets/plot_rows.js";
import { bestSoFar, lineOf, nearestAt, smoothed } from "../../jupyter_mlops/widgets/plot_series.js";
import { logTicks, scaleOf } from "../../jupyter_mlops/widgets/scales.js";
import { numbers, words } from "./columns.js";

const upTo = (count) => Array.from({ length: count }, (_, at) => at);
const names = (columns) => columns.map((column) => column.name);

test("a numeric parameter is an axis of numbers; what is infinite or absent is missing", () => {
  const axis = axisOf(words("params", "lr", ["0.1", null, "1e-3", "inf"], true), upTo(4));
  assert.deepEqual([...axis.values], [0.1, NaN, 0.001, NaN]);
  assert.deepEqual([axis.low, axis.high, axis.missing, axis.canLog], [0.001, 0.1, 2, true]);
  assert.equal(axisOf(numbers("metrics", "r2", [0, 1]), [0, 1]).canLog, false);
});

test("words are levels, and beyond twenty the rarest share the last one", () => {
  const values = ["b", "b", ...upTo(30).map((at) => `w${String(at).padStart(2, "0")}`), null];
  const axis = axisOf(words("params", "model", values), upTo(values.length));
  assert.equal(axis.levels.length, 20);
  assert.equal(axis.levels[0], "b", "the most frequent stay");
  assert.equal(axis.levels.at(-1), "12 others");
  assert.equal(axis.missing, 1);
  assert.equal(placeText(axis, axis.values[values.length - 2]), "12 others");
  assert.equal(placeText(axis, NaN), "none");
});

test("a scale and its way back agree, and the ends come back exactly, also on a logarithmic scale", () => {
  const axis = { low: 0.0003, high: 0.7 };
  for (const isLog of [false, true]) {
    const scale = scaleOf(axis, isLog, 300, 20);
    assert.deepEqual([scale.back(300), scale.back(20), scale.back(999), scale.back(-5)], [0.0003, 0.7, 0.0003, 0.7]);
    assert.ok(Math.abs(scale.back(scale(0.02)) - 0.02) < 1e-12);
  }
  assert.equal(scaleOf({ low: 2, high: 2 }, false, 0, 10)(2), 5);
});

test("ticks of a logarithmic scale are powers of ten, and more where there is room", () => {
  assert.deepEqual(logTicks(0.0002, 0.5, 5), [0.001, 0.01, 0.1]);
  assert.deepEqual(logTicks(1, 20, 6), [1, 2, 5, 10, 20]);
  assert.ok(logTicks(1e-300, 1e300, 5).length < 12);
  assert.deepEqual([0.00010223, 0.5, 12345.6, 0, -2e300].map(tickText), ["1.02e-4", "0.5", "12,350", "0", "-2e300"]);
});

test("an optimum in the middle is seen where a parameter has few values, and a value for each run says nothing", () => {
  const rows = upTo(90);
  const score = numbers("metrics", "score", rows.map((row) => row / 1000 - ((row % 3) - 1) ** 2));
  const three = words("params", "depth", rows.map((row) => String(row % 3)), true);
  const unique = words("params", "path", rows.map((row) => `file ${row}`));
  assert.ok(strength(three, score, rows) > 0.8);
  assert.equal(strength(unique, score, rows), 0);
});

test("axes are the parameters that go with the metric, metrics that say something else, and the metric last", () => {
  const rows = upTo(60);
  const auc = numbers("metrics", "auc", rows);
  const twin = numbers("metrics", "auc_again", rows.map((row) => 2 * row));
  const time = numbers("metrics", "seconds", rows.map((row) => (row * 37) % 60), { lower: true });
  const telling = words("params", "lr", rows.map((row) => String(100 + row)), true);
  const noise = words("params", "seed", rows.map((row) => String((row * 23) % 7)), true);
  const same = words("params", "folds", rows.map(() => "5"), true);
  const run = words("run", "name", rows.map(String));
  const candidates = plottable([run, auc, twin, time, noise, same, telling], rows);
  assert.deepEqual(names(candidates), ["auc", "auc_again", "seconds", "seed", "lr"]);
  assert.equal(mainOf(candidates, run), auc);
  assert.equal(mainOf(candidates, time), time);
  assert.deepEqual(names(chosenAxes(candidates, rows, auc, 4)), ["lr", "seed", "seconds", "auc"]);
});

test("a metric that no run has together with the main one is not drawn against it", () => {
  const auc = numbers("metrics", "auc", [0.8, 0.9, 0.7, NaN, NaN]);
  const loss = numbers("metrics", "loss", [NaN, NaN, NaN, 0.2, 0.1]);
  const once = numbers("metrics", "seconds", [3, NaN, NaN, 1, 2]);
  const depth = words("params", "depth", ["3", null, "4", null, null], true);
  const model = words("params", "model", ["forest", "line", null, "line", null]);
  assert.deepEqual(names(besides([auc, loss, once, depth, model], auc, upTo(5))), ["auc", "depth", "model"]);
});

test("at most so many runs are drawn, the best of them, and ticked ones first", () => {
  const loss = numbers("metrics", "loss", [3, 1, NaN, 2, 0], { lower: true });
  assert.deepEqual(bestRows(upTo(5), loss, 2, new Set()), [4, 1]);
  assert.deepEqual(bestRows(upTo(5), loss, 2, new Set([2])), [2, 4]);
  assert.deepEqual(bestRows(upTo(5), loss, 9, new Set([2])), [4, 1, 3, 0, 2]);
});

test("a brush keeps what lies inside all of them, ends included, and nobody without a value", () => {
  const x = axisOf(numbers("metrics", "x", [1, 2, 3, NaN]), upTo(4));
  const y = axisOf(numbers("metrics", "y", [9, 8, 7, 6]), upTo(4));
  assert.deepEqual(insideAll(upTo(4), [[x, { low: 1, high: 3 }]]), [0, 1, 2]);
  assert.deepEqual(insideAll(upTo(4), [[x, { low: 2, high: 3 }], [y, { low: 8, high: 9 }]]), [1]);
});

test("colours span the middle nine tenths, run from worse to better, and a run without a value has none", () => {
  const values = [...upTo(100), 1e9, NaN];
  const loss = axisOf(numbers("metrics", "loss", values, { lower: true }), upTo(102));
  const { shade, isCutHigh } = shadesOf(loss, upTo(102));
  assert.ok(isCutHigh);
  assert.deepEqual([shade(0), shade(50), shade(100), shade(101)], [8, 4, 0, -1]);
});

test("on a Pareto front no run is better on one axis and as good on the other, in either direction", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) % 20;
  const rows = upTo(300);
  const [xs, ys] = [rows.map((row) => (row === 5 ? NaN : random())), rows.map(random)];
  for (const [lowX, lowY] of [[true, true], [false, true], [false, false]]) {
    const front = paretoFront(rows, { lower: lowX, values: xs }, { lower: lowY, values: ys });
    const cost = (row) => [lowX ? xs[row] : -xs[row], lowY ? ys[row] : -ys[row]];
    const beats = (a, b) => a[0] <= b[0] && a[1] <= b[1] && (a[0] < b[0] || a[1] < b[1]);
    const expected = rows.filter((row) => row !== 5 && !rows.some((other) => beats(cost(other), cost(row))));
    assert.deepEqual([...front].sort((a, b) => a - b), expected);
  }
});

test("a smoothed series starts at its first value, skips what is missing, and is the series itself without weight", () => {
  assert.deepEqual(smoothed([1, NaN, 3], 0), [1, NaN, 3]);
  const [first, absent, last] = smoothed([1, NaN, 3], 0.5);
  assert.deepEqual([first, absent], [1, NaN]);
  assert.ok(Math.abs(last - (0.5 * 0.5 * 1 + 0.5 * 3) / 0.75) < 1e-12);
});

test("a history is in order of steps or of seconds since its first value, and gaps stay gaps", () => {
  const run = { row: 4, steps: [2, 0, 1], values: [0.3, 0.1, null], times: [9000, 5000, 6000] };
  assert.deepEqual(lineOf(run, false, 0).x, [0, 1, 2]);
  assert.deepEqual(lineOf(run, false, 0).values, [0.1, NaN, 0.3]);
  assert.deepEqual(lineOf(run, true, 0).x, [0, 1, 4]);
});

test("the best so far follows the direction, and what is nearest is found at both ends", () => {
  assert.deepEqual(bestSoFar([NaN, 2, 3, 1], false), [NaN, 2, 3, 3]);
  assert.deepEqual(bestSoFar([2, NaN, 3, 1], true), [2, 2, 2, 1]);
  assert.deepEqual([-5, 4, 6, 99].map((value) => nearestAt([0, 4, 9], value)), [0, 1, 1, 2]);
  assert.equal(nearestAt([], 1), -1);
});
