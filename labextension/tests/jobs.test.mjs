// Jobs in words.

import assert from 'node:assert/strict';
import test from 'node:test';

import { isNear, webAddress } from '../lib/text/addresses.js';
import { endWords, jobTitle, percentOf, problemWords, progressWords } from '../lib/text/jobs.js';

const trans = { __: (text, ...values) => text.replace(/%(\d)/g, (_, at) => values[at - 1]) };
const job = { status: 'running', share: 0.254, said: 'gate: slices', problem: null };

test('a job says what it does, and a wish to stop it comes first', () => {
  assert.equal(progressWords(job, false, trans), 'Gate: slices');
  assert.equal(progressWords(job, true, trans), 'Stopping…');
  assert.equal(percentOf(job), 25);
  assert.equal(percentOf({ ...job, share: null }), null);
});

test('the end of a job that failed says what happened and what to do', () => {
  const problem = { kind: 'ServeError', what: 'the port is busy', fix: 'Take another one.' };
  assert.equal(endWords({ ...job, status: 'failed', problem }, 'Serve income', trans), 'Serve income: The port is busy. Take another one.');
  assert.equal(problemWords({ ...problem, what: 'Who?' }), 'Who? Take another one.');
  assert.match(endWords({ ...job, status: 'refused' }, 'Promote', trans), /no/);
});

test('a job that another page started is called by what it does, its name on one line', () => {
  assert.equal(jobTitle({ ...job, verb: 'rollback', about: 'sex\u202e\n1' }, trans), 'Roll sex 1 back');
  const titles = ['export', 'promote', 'serve', 'rollback', 'reproduce'].map(verb => jobTitle({ ...job, verb, about: 'x' }, trans));
  assert.equal(new Set(titles).size, 5);
});

test('only web addresses become links', () => {
  assert.equal(webAddress('http://127.0.0.1:8080'), 'http://127.0.0.1:8080/');
  assert.equal(webAddress('javascript:alert(1)'), null);
  assert.equal(webAddress('127.0.0.1'), null);
  assert.ok(isNear('127.0.0.1') && isNear('localhost') && !isNear('hub.example.org'));
});
