// What a lineage's list says of each step: what was read, what was made, and hidden state apart from both.

import assert from "node:assert/strict";
import { test } from "node:test";

import { linksOf } from "../../jupyter_mlops/widgets/lineage_list.js";
import { NODE, placeOf, wayOf } from "../../jupyter_mlops/widgets/lineage_ways.js";

const NODES = new Map(
  [["seed", "cell"], ["draw", "cell"], ["df@1", "value"], ["df@2", "value"], ["run", "run"]].map(([id, kind]) => [id, { id, kind }]),
);
const EDGES = [
  { id: "1", from: "seed", to: "draw" },
  { id: "2", from: "df@1", to: "draw" },
  { id: "3", from: "draw", to: "df@2" },
  { id: "4", from: "draw", to: "run" },
];
const said = (id) => linksOf(id, EDGES, NODES).filter(([, found]) => found.length).map(([word, found]) => [word, found.map((edge) => edge.id).join()]);

test("a cell read values, made others, and took state that another cell left", () => {
  assert.deepEqual(said("draw"), [["read", "2"], ["state from", "1"], ["made", "3,4"]]);
  assert.deepEqual(said("seed"), [["state for", "1"]]);
});

test("a value comes from a cell and goes to one", () => {
  assert.deepEqual(said("df@2"), [["from", "3"]]);
  assert.deepEqual(said("df@1"), [["to", "2"]]);
});

test("a line goes from side to side through the rows it was given, and its mark is on its first bend", () => {
  const nodes = new Map([["a", { level: 0, row: 0 }], ["b", { level: 2, row: 0 }]]);
  const [start, stop, end] = [[0, 0], [1, 1.5], [2, 0]].map(([level, row]) => placeOf({ level, row }));
  const { line, tip, middle } = wayOf({ from: "a", to: "b", via: [1.5] }, nodes);
  const half = NODE.height / 2;
  assert.ok(line.startsWith(`M${start.x + NODE.width} ${start.y + half}C`));
  assert.ok(line.includes(`${stop.x} ${stop.y + half}H${stop.x + NODE.width}C`));
  assert.ok(line.endsWith(`${end.x} ${end.y + half}`));
  assert.ok(tip.includes(`L${end.x - 1} ${end.y + half}L`));
  assert.deepEqual(middle, { x: (start.x + NODE.width + stop.x) / 2, y: (start.y + stop.y) / 2 + half });
});
