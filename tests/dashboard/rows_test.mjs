import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kept, matching, sorted } from '../../tools/dashboard/rows.js';
import { TickHistory } from '../../tools/dashboard/pages/tick_history.js';

const rows = [{ n: 'b', v: 2 }, { n: 'a', v: null }, { n: 'c', v: 10 }];
const by = { n: ({ n }) => n, v: ({ v }) => v };

test('rows are sorted either way, with what has no value last', () => {
  assert.deepEqual(sorted(rows, 'v', by).map(by.n), ['b', 'c', 'a']);
  assert.deepEqual(sorted(rows, '-v', by).map(by.n), ['c', 'b', 'a']);
  assert.deepEqual(sorted(rows, 'n', by).map(by.n), ['a', 'b', 'c']);
  assert.equal(sorted(rows, 'nothing', by), rows);
});

test('a search finds parts of texts, whatever the case', () => {
  assert.deepEqual(matching(rows, ' C ', ({ n }) => [n, 'x']), [rows[2]]);
  assert.equal(matching(rows, '', () => []), rows);
});

test('rows keep the order that was, and what came since stands behind them', () => {
  const key = ({ n }) => n;
  assert.deepEqual(kept(rows, ['c', 'gone', 'b'], key).map(key), ['c', 'b', 'a']);
  assert.deepEqual(kept(rows, [], key), rows);
});

test('ticks are kept in order, once, and at most 360 of them', () => {
  const history = new TickHistory();
  const tick = (i) => ({ endMs: i * 1000, blind: i === 3, samples: i });
  history.load([1, 2, 3].map(tick), 1000);
  assert.equal(history.add(tick(3)), false);
  assert.equal(history.add(tick(4)), true);
  history.load([1, 2, 3].map(tick), 1000); // an answer that is older than an event
  assert.deepEqual(history.of('samples'), [1, 2, 3, 4]);
  assert.deepEqual(history.blind, [[2000, 3000]]);
  for (let i = 5; i < 5000; ++i) history.add(tick(i));
  assert.equal(history.time.length, 360);
  assert.equal(history.to, 4_999_000);
});
