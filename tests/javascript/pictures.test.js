// What pictures are made of: shares, scales, and round numbers beside them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sharesOf } from "../../jupyter_mlops/widgets/drift_histogram.js";
import { linear, ticks } from "../../jupyter_mlops/widgets/scales.js";

test("shares are of all rows, so that with what is missing they add up to one", () => {
  const histogram = { axis: "number", edges: [0, 1, 2], reference: [0.25, 0.75], current: [0.5, 0.5] };
  const places = sharesOf(histogram, { missing_reference: 0, missing_current: 0.2 });
  assert.deepEqual(
    places.map((place) => place.name),
    ["0 to 1", "1 to 2", "missing"],
  );
  for (const side of ["reference", "current"]) {
    const sum = places.reduce((total, place) => total + place[side], 0);
    assert.ok(Math.abs(sum - 1) < 1e-12, `${side}: ${sum}`);
  }
});

test("a column with nothing missing has no bar for it, and one that is all missing has only that", () => {
  const labels = { axis: "category", labels: ["Ulm", ""], reference: [0.5, 0.5], current: [1, 0] };
  assert.deepEqual(
    sharesOf(labels, {}).map((place) => place.name),
    ["Ulm", "(blank)"],
  );
  assert.deepEqual(sharesOf(null, { missing_reference: 1, missing_current: 1 }), [
    { name: "missing", reference: 1, current: 1, isMissing: true },
  ]);
});

test("a scale reaches both ends, and a range without size is one place", () => {
  const scale = linear(2, 4, 100, 200);
  assert.deepEqual([scale(2), scale(3), scale(4)], [100, 150, 200]);
  assert.equal(linear(3, 3, 10, 20)(3), 10);
});

test("ticks are round numbers inside the range", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(-3, 17, 4), [0, 5, 10, 15]);
  for (const [low, high] of [[0.1, 0.100001], [-1e9, 1e12], [1e-12, 3e-12], [0.92, 0.99]]) {
    const found = ticks(low, high, 5);
    assert.ok(found.length >= 2 && found.length <= 12, `${low} to ${high}: ${found}`);
    assert.ok(found.every((value) => value >= low - (high - low) * 1e-6 && value <= high + (high - low) * 1e-6), `${found}`);
  }
});

test("a range without size or end has no ticks", () => {
  for (const [low, high] of [[1, 1], [2, 1], [0, Infinity], [NaN, 1], [1e300, 1e300 + 1]]) {
    assert.deepEqual(ticks(low, high, 5), []);
  }
});
