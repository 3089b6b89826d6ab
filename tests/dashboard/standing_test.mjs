import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calmWords } from '../../tools/dashboard/pages/calm.js';
import { NewestValues } from '../../tools/dashboard/pages/newest_values.js';
import { Standing } from '../../tools/dashboard/standing.js';
import { visible } from '../../tools/dashboard/visible.js';

const after = (...what) => {
  const standing = new Standing();
  for (const one of what) standing.take(one);
  return [standing.state, standing.known];
};

test('a list is the answer to what is asked for, or says that it is not', () => {
  assert.deepEqual(after(), ['loading', false]);
  assert.deepEqual(after('failed'), ['failed', false]);
  assert.deepEqual(after('failed', 'answered'), ['fresh', true]);
  assert.deepEqual(after('answered', 'failed'), ['stale', true]); // it was
  assert.deepEqual(after('answered', 'away', 'answered'), ['fresh', true]);
  assert.deepEqual(after('answered', 'anew'), ['other', false]);
  assert.deepEqual(after('answered', 'anew', 'failed'), ['failed', false]); // not the old one's rows
  assert.deepEqual(after('answered', 'anew', 'away'), ['other', false]);
  assert.deepEqual(after('failed', 'anew'), ['loading', false]);
  assert.deepEqual(after('away', 'anew'), ['loading', false]);
  assert.deepEqual(after('answered', 'failed', 'anew', 'answered'), ['fresh', true]);
});

test('calm is said only where none is open, rules are in force, and hosts report', () => {
  const hosts = { total: 3, reporting: 2 };
  const calm = 'Nothing is open. All is calm.';
  assert.equal(calmWords({ open: 0, rules: 2, hosts }), calm);
  for (const [change, words] of [[{ open: 4000 }, 'Loading…'], [{ open: undefined }, 'Loading…'],
    [{ hosts: null }, 'Nothing is open.'], [{ rules: null }, 'Nothing is open.'],
    [{ rules: 0 }, 'No rule is in force, so nothing can open.'],
    [{ hosts: { total: 0, reporting: 0 } }, 'Nothing is open: no host has reported yet.'],
    [{ hosts: { total: 3, reporting: 0 } },
      'Nothing is open, but no host reports: all 3 hosts are silent.'],
    [{ filtered: true }, 'Nothing like that is open.']]) {
    assert.equal(calmWords({ open: 0, rules: 2, hosts, ...change }), words);
  }
  assert.match(calmWords({ open: 0, rules: 2, hosts, staleSince: 1 }), /^Nothing was open at /);
});

test('the newest average is of the newest tick that has one, two ticks back at most', () => {
  const values = new NewestValues();
  assert.equal(values.of('x'), null);
  values.add(10, { x: 40 });
  values.add(20, { x: 50 });
  values.add(15, { x: 60 }); // older
  assert.equal(values.of('x'), 50);
  values.add(30, {});
  values.add(40, { x: undefined });
  assert.equal(values.of('x'), 50);
  values.add(50, {});
  assert.equal(values.of('x'), null);
});

test('what turns the direction of a text or breaks its line is shown as what it is', () => {
  assert.equal(visible('\u202egnp.exe\u2066\u200f\u2028\u2029\u0085\u061c'),
    '\\u202egnp.exe\\u2066\\u200f\\u2028\\u2029\\u0085\\u061c');
  for (const text of ['a b\tc\nd', 'שלום é 🔔', '\u200d\u202f', '<img>']) assert.equal(visible(text), text);
});
