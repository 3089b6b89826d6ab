import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linear, nearest, roundMarks, timeMarks, unitMarks } from '../../tools/dashboard/scale.js';

test('marks are round and lie within', () => {
  assert.deepEqual(roundMarks(0, 100), [0, 25, 50, 75, 100]);
  assert.deepEqual(roundMarks(0, 0.7), [0, 0.2, 0.4, 0.6]);
  assert.deepEqual(roundMarks(-3, 3), [-2, 0, 2]);
  assert.deepEqual(roundMarks(5, 5), [5]);
  for (const [min, max] of [[0, 1e12], [-1e-6, 1e-6], [99.5, 100.5]]) {
    const marks = roundMarks(min, max);
    assert.ok(marks.length >= 2 && marks.length <= 6, `${min}…${max}: ${marks}`);
    assert.ok(marks.every((mark) => mark >= min - 1e-9 && mark <= max + 1e-9));
  }
});

test('moments are round, and no more than there is room for', () => {
  for (const length of [3000, 60_000, 7_200_000, 40 * 86_400_000]) {
    const { marks, step } = timeMarks(1_700_000_000_123, 1_700_000_000_123 + length, 6);
    assert.ok(marks.length <= 7 && marks.length >= 1, `${length}: ${marks.length}`);
    assert.ok(step >= length / 6);
  }
});

test('scales map ends to ends, and a point to the beginning', () => {
  const scale = linear([10, 20], [100, 0]);
  assert.deepEqual([10, 15, 20].map(scale), [100, 50, 0]);
  assert.equal(linear([5, 5], [0, 100])(5), 0);
});

test('the nearest is found, and none of none', () => {
  assert.equal(nearest([1, 5, 9], 6), 1);
  assert.equal(nearest([], 6), -1);
});

test('marks are round in the unit in which people read a field', () => {
  assert.deepEqual(unitMarks('KB', 0, 3 * 1024 ** 2), [0, 1, 2, 3].map((gib) => gib * 1024 ** 2));
  assert.deepEqual(unitMarks('s', 0, 2 * 86_400), [0, 0.5, 1, 1.5, 2].map((days) => days * 86_400));
  assert.deepEqual(unitMarks('%', 0, 100), roundMarks(0, 100));
});
