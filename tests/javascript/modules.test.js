// All modules of the widgets load without a page, and import only what there is: names are checked when they link.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

const WIDGETS = new URL("../../jupyter_mlops/widgets/", import.meta.url);
const NAMES = readdirSync(WIDGETS).filter((name) => name.endsWith(".js"));

test("every module loads, and what it imports exists", async () => {
  assert.ok(NAMES.length > 20);
  for (const name of NAMES) await import(new URL(name, WIDGETS));
});
