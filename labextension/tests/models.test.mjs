// Models, servers, bundles and alarms in words.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Alarms } from '../lib/model/alarms.js';
import { ageWords } from '../lib/text/ages.js';
import { alarmCount, columnWords, worstFirst } from '../lib/text/alarms.js';
import { gateCounts, metricChanges, modelsOf, moveWords, reasonWords, shortly, urgentFirst } from '../lib/text/models.js';
import { portOf, serveCommand, shortAddress, sizeWords } from '../lib/text/servers.js';

const put = (text, values) => text.replace(/%(\d)/g, (_, at) => values[at - 1]);
const trans = {
  __: (text, ...values) => put(text, values),
  _n: (one, many, count, ...values) => put(count === 1 ? one : many, [count, ...values])
};
const version = (name, number, aliases = [], created = `2026-01-${number.padStart(2, '0')}T00:00:00Z`) => ({ name, version: number, aliases, created, metrics: {}, gates: {} });

test('versions are ordered as numbers, and those with an alias stay in a short list', () => {
  const numbers = Array.from({ length: 12 }, (_, at) => String(at + 1));
  const [income, sex] = modelsOf([version('sex', '1'), ...numbers.map(each => version('income', each, each === '2' ? ['champion'] : []))]);
  assert.deepEqual([income.name, sex.name], ['income', 'sex']);
  assert.equal(income.champion.version, '2');
  assert.equal(sex.champion, null);
  assert.deepEqual(shortly(income.versions, 3).map(each => each.version), ['12', '11', '10', '2']);
});

test('gates are counted in words, what failed first, and a reason says whether it overrode one', () => {
  assert.equal(gateCounts({ passed: 8, failed: 1 }, trans), '1 failed, 8 passed');
  assert.equal(gateCounts({}, trans), '');
  const gates = ['skipped', 'passed', 'failed', 'warned'].map(outcome => ({ outcome }));
  assert.deepEqual(urgentFirst(gates).map(each => each.outcome), ['failed', 'warned', 'passed', 'skipped']);
  assert.match(reasonWords({ gates: { failed: 1 }, reason: 'a wish' }, trans), /failed gate: “a wish”/);
  assert.equal(reasonWords({ gates: { passed: 1 }, reason: 'ready' }, trans), 'Reason: “ready”');
  assert.equal(reasonWords({ gates: { failed: 1 }, reason: null }, trans), '');
});

test('a step back tells only what it changes', () => {
  const of = metrics => ({ metrics });
  assert.deepEqual(metricChanges(of({ auc: 0.91234, f1: 0.5, loss: null }), of({ auc: 0.9, f1: 0.5, loss: 1 })), ['auc 0.9123 → 0.9']);
  assert.deepEqual(metricChanges(undefined, of({ auc: 1 })), []);
  assert.equal(moveWords({ alias: 'champion', before: null, after: '1' }, trans), 'champion: version 1');
});

test('drift comes first, and what is fine is told as well', () => {
  const alarms = ['ok', 'watch', 'drift', 'unknown'].map(verdict => ({ verdict }));
  assert.deepEqual(worstFirst(alarms).map(each => each.verdict), ['drift', 'watch', 'unknown', 'ok']);
  assert.equal(alarmCount(alarms, trans), '1 drift, 1 watch, 1 unknown');
  assert.equal(alarmCount([{ verdict: 'ok' }], trans), 'ok');
  assert.equal(alarmCount([], trans), undefined);
  assert.equal(columnWords(['a', 'b', 'c'], 2, trans), 'a, b and 1 more');
  assert.equal(columnWords(['a', 'b'], 2, trans), 'a, b');
});

test('who reads the alarms is told of another answer, and of none that is the same', () => {
  const alarms = new Alarms();
  let told = 0;
  alarms.changed.connect(() => told++);
  alarms.tell([{ verdict: 'drift', url: 'a' }, { verdict: 'ok', url: 'b' }]);
  alarms.tell([{ verdict: 'drift', url: 'a' }, { verdict: 'ok', url: 'b' }]);
  assert.deepEqual([alarms.drifting, told], [1, 1]);
  alarms.tell([]);
  assert.deepEqual([alarms.drifting, told], [0, 2]);
});

test('addresses, sizes and ages are short, and a command is one word of a shell', () => {
  assert.deepEqual(['http://127.0.0.1:8080', 'https://a:1/', 'http://a'].map(portOf), [8080, 1, null]);
  assert.equal(shortAddress('http://127.0.0.1:8080/'), '127.0.0.1:8080');
  assert.deepEqual([0, 999, 1000, 999_600, 541_574].map(sizeWords), ['0 B', '999 B', '1 kB', '1 MB', '542 kB']);
  assert.deepEqual([5, 60, 7200, 86400 * 2, 86400 * 800].map(age => ageWords(0, age, trans)), [
    'just now', '1 minute ago', '2 hours ago', '2 days ago', '2 years ago'
  ]);
  assert.equal(ageWords(10, 0, trans), 'just now');
  assert.equal(serveCommand({ path: 'out/bundle-1' }), 'mlops serve out/bundle-1');
  assert.equal(serveCommand({ path: `it's; rm` }), `mlops serve 'it'"'"'s; rm'`);
  assert.equal(serveCommand({ path: '-x' }), 'mlops serve ./-x');
});
