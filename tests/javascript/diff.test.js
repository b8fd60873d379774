// What a diff says in words, and which words of two statements differ.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bestFirst, diffOf } from "../../jupyter_mlops/widgets/compare_diff_local.js";
import { inRuns, judged, signed, wordDiff } from "../../jupyter_mlops/widgets/compare_diff_words.js";

const marked = (pieces) => pieces.map(({ text, changed }) => (changed ? `[${text}]` : text)).join("");

test("changed words are found on both sides, names in one piece", () => {
  const [before, after] = wordDiff("fit(C=0.5, n_jobs=1)", "fit(C=1.25, n_jobs=1)");
  assert.equal(marked(before), "fit(C=[0.5], n_jobs=1)");
  assert.equal(marked(after), "fit(C=[1.25], n_jobs=1)");
  assert.equal(marked(wordDiff("model.fit(X)", "tree.fit(X, y)")[1]), "[tree].fit(X[, y])");
  assert.equal(marked(wordDiff("f(x)", "f(🦊, x)")[1]), "f([🦊,] x)");
});

test("equal texts have nothing changed, and texts give back every letter", () => {
  assert.deepEqual(wordDiff("a = 1", "a = 1"), [[{ text: "a = 1", changed: false }], [{ text: "a = 1", changed: false }]]);
  const texts = ["x = [1,\n  2]", `y = ${"w + ".repeat(2000)}\t"é"`];
  wordDiff(...texts).forEach((pieces, at) => assert.equal(pieces.map(({ text }) => text).join(""), texts[at]));
});

test("a difference is better or worse by the metric's direction, and chance where its interval holds zero", () => {
  assert.deepEqual(judged({ value: 0.1, low: 0.05, high: 0.2 }, false), { arrow: "▲", word: "better", tone: "better" });
  assert.deepEqual(judged({ value: 0.1, low: null, high: null }, true), { arrow: "▲", word: "worse", tone: "worse" });
  assert.deepEqual(judged({ value: -0.1, low: -0.3, high: 0.1 }, true), { arrow: "▼", word: "better, may be chance", tone: "none" });
  assert.equal(judged({ value: 0, low: null, high: null }, true).word, "equal");
  assert.equal(judged({ value: null, low: null, high: null }, true).word, "");
  assert.deepEqual([0.25, -3, 0, null].map(signed), ["+0.25", "−3", "0", "–"]);
});

test("neighbours of a kind stand together", () => {
  const runs = inRuns([1, 1, 2, 1], (item) => item === 1);
  assert.deepEqual(runs.map(({ equal, items }) => [equal, items.length]), [[true, 2], [false, 1], [true, 1]]);
});

test("without a kernel the columns tell parameters and metrics, and which runs are best", () => {
  const words = (group, name, list) => ({ group, name, words: list.filter(Boolean), codes: Int32Array.from(list, (text) => list.filter(Boolean).indexOf(text)) });
  const columns = [
    words("run", "name", ["a", "b", "c"]),
    { group: "metrics", name: "loss", lower: true, numbers: Float64Array.of(0.5, NaN, 0.25) },
    words("params", "depth", [null, "6", "8"]),
  ];
  assert.deepEqual(bestFirst(columns, [0, 1, 2]), { name: "loss", rows: [2, 0] });
  const { params, metrics } = diffOf(columns, [2, 0]);
  assert.deepEqual(params, [{ name: "depth", values: ["8", null], same: false }]);
  assert.equal(metrics[0].differences[0].value, 0.25);
});
