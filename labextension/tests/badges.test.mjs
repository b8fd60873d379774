// What a cell's badge says, and the line that keeps it, without a page.

import assert from 'node:assert/strict';
import test from 'node:test';

import { badgeTitle, hashOf, read, shortMetric, shortName, written } from '../lib/text/badges.js';
import { Copies } from '../lib/ui/badges/copies.js';

const trans = { __: (text, ...values) => text.replace(/%(\d)/g, (_, at) => values[at - 1]) };
const ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const RUN = { id: ID, name: 'In[3] tree', metric: 'auc 0.91', source: hashOf('x = 1') };

test('a text has the hash that the kernel gives it', () => {
  // as in tests/tracking/test_live.py
  const known = {
    '': 'wvjl67o803',
    'x = 1': '1vgcqbyxuxw',
    'x = 1\n\n': '1vgcqbyxuxw',
    'model.fit(X)\nscore = 0.5': 'yj3kbxbrt0',
    'ünï 😀 \ud800': '23xegipy5hz'
  };
  for (const [text, digits] of Object.entries(known)) {
    assert.equal(hashOf(text), digits);
  }
});

test('a run comes back from its line', () => {
  assert.equal(written(RUN), `${ID} | In[3] tree | auc 0.91 | 1vgcqbyxuxw`);
  assert.deepEqual(read(written(RUN)), RUN);
  const early = { ...RUN, id: '', metric: '' };
  assert.deepEqual(read(written(early)), early);
});

test('names that would break the line stay in their place, on one short line of whole characters', () => {
  const names = ['a | b', 'a |\n| b\r\u2028c\u0000', ' | ', '|', '', '😀'.repeat(500), `x${'\ud83d'.repeat(90)}`];
  for (const name of names) {
    const line = written({ ...RUN, name, metric: `${name} 0.5` });
    assert.ok(line.length <= 320 && Array.from(line).length <= 200, line);
    assert.ok(Array.from('\n\r\u2028\u0000').every(mark => !line.includes(mark)));
    assert.ok(line.isWellFormed());
    const back = read(line);
    assert.deepEqual([back?.id, back?.source], [RUN.id, RUN.source]);
    assert.equal(written(back), line);
  }
});

test('what is no line of ours is none', () => {
  for (const value of [undefined, null, 7, {}, 'text', 'a | b', ' |  |  | ', `${ID} |  | auc 1 | h`, 'a | b | c | d | e']) {
    assert.equal(read(value), null);
  }
  assert.equal(read('../../etc | name |  | h').id, '');
});

test('beside the cell stands what fits, in the title everything', () => {
  assert.deepEqual([shortName('In[3] tree'), shortName('In[3]'), shortName('base In[3] x')], ['tree', 'In[3]', 'base In[3] x']);
  assert.deepEqual([shortMetric('mean error 0.25'), shortMetric('nan')], ['0.25', 'nan']);
  assert.equal(badgeTitle(RUN, false, [], trans), 'Run In[3] tree: auc 0.91');
  assert.equal(
    badgeTitle({ ...RUN, metric: '' }, true, ['X', 'y'], trans),
    'Run In[3] tree\nEdited since: the source differs from what ran.\nStale: X, y changed since it ran.'
  );
});

test('of cells with the same line the first has the run, until it is gone', () => {
  const copies = new Copies();
  const there = new Set(['one', 'two']);
  const isCopy = cell => copies.isCopy('line', cell, id => there.has(id));
  assert.deepEqual([isCopy('one'), isCopy('two'), isCopy('one')], [false, true, false]);
  there.delete('one');
  assert.equal(isCopy('two'), false, 'cut and pasted elsewhere');
  there.add('one');
  assert.equal(isCopy('one'), true);
  copies.own('line', 'one');
  assert.deepEqual([isCopy('one'), isCopy('two')], [false, true]);
});
