// Gates and bundles in words; what is a reason and what is not.

import assert from 'node:assert/strict';
import test from 'node:test';

import { commandOf, engineWords, sizeWords, targetOf } from '../lib/text/bundles.js';
import { differenceOf, gateRows, headline, nameProblem, needsApproval, needsReason, reasonProblem, signedWords } from '../lib/text/promotion.js';

const filled = (text, ...values) => text.replace(/%(\d)/g, (_, at) => values[at - 1]);
const trans = { __: filled, _n: (one, many, n, ...values) => filled(n === 1 ? one : many, n, ...values) };
const gate = (name, outcome, details = {}) => ({ name, outcome, figure: `${name}!`, details });
const answer = (gates, moved = false) => ({ name: 'sex', version: '2', alias: 'champion', before: '1', moved, metrics: {}, gates });

test('what failed comes first, and gates that nobody asked for are left out', () => {
  const promoted = answer([gate('size', 'passed'), gate('fairness', 'skipped', { applies: false }), gate('accuracy >= 0.9', 'failed'), gate('constructor', 'warned')]);
  assert.deepEqual(gateRows(promoted, trans).map(row => [row.outcome, row.what]), [
    ['failed', 'accuracy >= 0.9'],
    ['warned', 'constructor'],
    ['passed', 'Size of files']
  ]);
  assert.equal(headline(promoted, trans), 'sex version 2 is registered; champion stays version 1: 1 gate failed.');
  assert.equal(headline(answer([], true), trans), 'sex version 2 is now champion.');
});

test('approval alone needs a name, everything else a reason', () => {
  const asked = answer([gate('approval', 'failed'), gate('size', 'warned')]);
  assert.deepEqual([needsApproval(asked), needsReason(asked)], [true, false]);
  assert.equal(needsReason(answer([gate('approval', 'failed'), gate('size', 'failed')])), true);
});

test('a reason says something', () => {
  for (const text of ['', '   ', 'ok', 'because', 'a b c', 'so so so so so so', '.. .. .. .. ..']) {
    assert.ok(reasonProblem(text, trans), text);
  }
  for (const text of ['the limit is a wish', 'Schwelle war zu hoch', '阈值只是一个愿望而不是规则']) {
    assert.equal(reasonProblem(text, trans), null, text);
  }
});

test('names that could be taken for addresses are refused', () => {
  assert.equal(nameProblem('income model', trans), null);
  for (const text of ['', ' . ', 'a/b', 'a@champion', 'x'.repeat(201)]) {
    assert.ok(nameProblem(text, trans), text);
  }
});

test('the difference to the champion keeps its allowed loss on the worse side', () => {
  const details = { metric: 'rmse', value: 2, champion: 3, low: -1.5, high: -0.5, not_worse_by: 0.03, higher_is_better: false };
  assert.deepEqual(differenceOf(answer([gate('champion', 'passed', details)])), {
    metric: 'rmse', value: 2, champion: 3, difference: -1, low: -1.5, high: -0.5, allowed: 0.03, higherIsBetter: false
  });
  assert.equal(differenceOf(answer([gate('champion', 'skipped', { applies: false })])), null);
  assert.deepEqual([signedWords(0.01234567), signedWords(-2), signedWords(0)], ['+0.01235', '−2', '0']);
});

test('a bundle goes into a folder that every shell takes, and its command is one', () => {
  assert.equal(targetOf('income', '4'), 'bundle-income-4');
  assert.equal(targetOf('../$(rm) größe', '1'), 'bundle-rm-größe-1');
  assert.equal(targetOf('..', '1'), 'bundle-model-1');
  assert.equal(commandOf("/home/o'neil/b"), `cd '/home/o'"'"'neil/b' && pip install -r requirements.lock && python serve.py`);
  assert.equal(sizeWords(557990, 111, trans), '558 kB in 111 files');
  assert.equal(engineWords({ engine: 'compiled', parity: { rows: 333, edge_rows: 135 } }, trans), 'compiled: serves without scikit-learn; 468 rows were answered alike');
  assert.equal(engineWords({ engine: 'sklearn', parity: { reason: 'no such form' } }, trans), 'scikit-learn: no such form');
});
