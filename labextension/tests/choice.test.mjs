// Which version a notebook means.

import assert from 'node:assert/strict';
import test from 'node:test';

import { chooseVersion, suggestName } from '../lib/model/choice.js';

const made = (name, version, aliases, day, run = 'here') => ({ name, version, aliases, run_id: run, created: `2026-01-0${day}T00:00:00+00:00` });
const here = new Set(['here']);

test('the champion is taken without asking, also before a newer version that gates held back', () => {
  const versions = [made('sex', '1', ['champion'], 1), made('sex', '2', [], 2), made('other', '9', ['champion'], 3, 'elsewhere')];
  const { pick, versions: offered } = chooseVersion(versions, here);
  assert.equal(pick, versions[0]);
  assert.deepEqual(offered, [versions[0], versions[1]]);
});

test('a person chooses between models, and whether to export what no gate let through', () => {
  const two = [made('sex', '1', ['champion'], 1), made('income', '4', ['champion'], 2)];
  assert.deepEqual(chooseVersion(two, here), { versions: [two[1], two[0]], pick: null });
  assert.equal(chooseVersion([made('sex', '2', [], 1)], here).pick, null);
  const challenger = made('sex', '3', ['challenger'], 1);
  assert.equal(chooseVersion([challenger, made('sex', '4', [], 2)], here).pick, challenger);
  assert.deepEqual(chooseVersion(two, new Set()), { versions: [], pick: null });
});

test('the name on offer is that of the newest version, else of the file', () => {
  assert.equal(suggestName([made('a', '1', [], 1), made('b', '1', [], 2)], 'x.ipynb'), 'b');
  assert.equal(suggestName([made('a', '9', [], 1), made('a', '10', [], 1)], 'x.ipynb'), 'a');
  assert.equal(suggestName([], 'folder/income: what?.ipynb'), 'income- what');
  assert.equal(suggestName([], '..ipynb'), 'model');
});
