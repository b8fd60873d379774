// What the list of runs computes and says, without a page.

import assert from 'node:assert/strict';
import test from 'node:test';

import { missing, PAGE, withPage } from '../lib/model/runList.js';
import { rowAfter, rowsIn, scrolledTo } from '../lib/model/rowWindow.js';
import { compareLine, referenceOf, showLine } from '../lib/text/lines.js';
import { age, duration, figure, metricsText, plain } from '../lib/text/runs.js';

const trans = { __: (text, ...values) => text.replace(/%(\d)/g, (_, at) => values[at - 1]) };
const ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const run = id => ({ id: String(id), name: `run ${id}` });
/** A page of a list whose newest run is `newest` and whose oldest is 0. */
const page = (newest, offset, count = PAGE) => ({
  total: newest + 1,
  offset,
  project: 'demo',
  runs: Array.from({ length: Math.min(count, newest + 1 - offset) }, (_, at) => run(newest - offset - at))
});

test('ten thousand runs have about thirty rows in the page, wherever it is scrolled', () => {
  for (const top of [0, 22, 199_990, 440_000 - 880, 999_999]) {
    const { first, last } = rowsIn(top, 880, 44, 10_000);
    assert.ok(last - first <= 31 && first >= 0 && last <= 10_000, `${top}: ${first} ${last}`);
    const isInside = top <= 440_000 - 880;
    assert.ok(!isInside || (first * 44 <= top && last * 44 >= top + 880));
  }
  assert.deepEqual(rowsIn(0, 880, 44, 0), { first: 0, last: 0 });
});

test('keys lead to rows and stay in the list, and a row is scrolled into view no further than needed', () => {
  assert.equal(rowAfter('ArrowDown', -1, 3, 2), 0);
  assert.equal(rowAfter('PageDown', 1, 3, 2), 2);
  assert.equal(rowAfter('ArrowUp', 0, 3, 2), 0);
  assert.equal(rowAfter('End', 0, 3, 2), 2);
  assert.equal(rowAfter('x', 0, 3, 2), null);
  assert.equal(rowAfter('Home', 0, 0, 2), null);
  assert.deepEqual([2, 5, 30].map(at => scrolledTo(at, 100, 400, 44)), [88, 100, 964]);
});

test('pages are put where they belong, and what is missing is asked for by the page', () => {
  const list = withPage(withPage(null, page(449, 0)), page(449, 300));
  assert.equal(list.runs.length, 450);
  assert.equal(list.runs[300].id, '149');
  assert.deepEqual(missing(list, 90, 310), [100, 200]);
  assert.deepEqual(missing(list, 395, 9999), [400]);
  assert.equal(list.waiting, 0);
  assert.equal(withPage(list, { ...page(449, 0), waiting: 2 }).waiting, 2);
});

test('runs that come at the front move what is known; after any other change nothing known is trusted', () => {
  const list = withPage(withPage(null, page(449, 0)), page(449, 300));
  const grown = withPage(list, page(451, 0));
  assert.deepEqual([grown.total, grown.runs[0].id, grown.runs[302].id], [452, '451', '149']);
  assert.deepEqual(missing(grown, 0, 452), [100, 200, 300, 400]);
  assert.equal(grown.runs.every((each, at) => !each || each.id === String(451 - at)), true);
  assert.equal(withPage(list, page(448, 0)).runs[300], undefined);
  assert.equal(withPage(list, page(448, 100)).runs[0], undefined);
  const replaced = page(449, 0);
  replaced.runs[0] = run('other');
  assert.equal(withPage(list, replaced).runs[300], undefined);
  assert.equal(withPage(list, page(449, 0)).runs[300].id, '149');
});

test('a line names a run by what means it alone, as the kernel reads it', () => {
  assert.equal(showLine(referenceOf({ id: ID, name: 'first "try" \\ $x' })), '%mlops show "first \\"try\\" \\\\ $x"');
  const names = ['', 'last', '--code', 'In[3] Ridge', ' x', 'two\nlines', 'turned \u202e', 'x'.repeat(200), 'same'];
  const others = [{ id: 'other', name: 'same' }];
  for (const name of names) {
    assert.equal(referenceOf({ id: ID, name }, others), 'a1b2c3d4e5f6', name);
  }
  assert.equal(compareLine(['a', 'b c']), '%mlops compare "a" "b c"');
});

test('figures, ages and texts of users are short and plain', () => {
  assert.deepEqual([0.96666667, 1234567, 0, 1.2e-7, -3e12, null].map(figure), ['0.9667', '1235000', '0', '1.20e-7', '-3.00e+12', '–']);
  assert.equal(metricsText({ a: 1, b: null, c: 0.5, d: 4 }), 'a 1 · b – · c 0.5');
  assert.deepEqual([3, 61, 7300, 200_000, -5].map(ago => age(1e9 - ago, 1e9, trans)), ['now', '1 min', '2 h', '2 d', 'now']);
  assert.deepEqual([0.0194, 95, 7260].map(seconds => duration(seconds, trans)), ['0.0194 s', '1 min 35 s', '2 h 1 min']);
  assert.equal(plain('a\n\u202eb\u0000  c'), 'a b c');
  assert.equal(plain('x'.repeat(500)).length, 119);
});
