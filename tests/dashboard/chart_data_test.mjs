import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extent, labelPlaces, stack, valueRange } from '../../tools/dashboard/chart_data.js';

test('stacked values stand on those before; none on nothing', () => {
  const values = [[1, null, 3], [10, null, null], [100, 200, 300]];
  assert.deepEqual(stack(values), [[1, null, 3], [11, null, 3], [111, 200, 303]]);
  assert.deepEqual(stack(values, new Set([1])), [[1, null, 3], [null, null, null], [101, 200, 303]]);
  assert.deepEqual(stack([]), []);
});

test('extremes and the last value leave out what is not there', () => {
  assert.deepEqual(extent([null, 3, -1, null]), { min: -1, max: 3, last: -1 });
  assert.deepEqual(extent([null]), { min: null, max: null, last: null });
});

test('the axis shows nought, the values, and thresholds that are near enough', () => {
  const at = (value) => [{ value }];
  assert.deepEqual(valueRange(null, null), [0, 1]);
  assert.equal(valueRange(5, 10)[0], 0);
  assert.ok(valueRange(5, 10, at(60))[1] > 60);
  assert.ok(valueRange(5, 10, at(1e6))[1] < 11);
  assert.ok(valueRange(0, 0, at(10))[1] > 10);
  assert.ok(valueRange(-5, 3)[0] < -5);
  assert.deepEqual(valueRange(20, 90, [], { min: 0, max: 100 }), [0, 100]);
  assert.ok(valueRange(20, 140, [], { min: 0, max: 100 })[1] > 140);
});

test('labels of lines that are near each other can all be read', () => {
  const room = { top: 0, bottom: 100, height: 12 };
  const lines = [80, 82, 80, 95, 3].map((y, i) => ({ y, text: ['≥ 20', '≥ 18', '≥ 20', '≥ 5', '≥ 97'][i] }));
  const places = labelPlaces(lines, room);
  assert.deepEqual(places.map(({ text }) => text), ['≥ 97', '≥ 20', '≥ 18', '≥ 5']); // alike: once
  for (const [i, { y }] of places.entries()) {
    assert.ok(y >= 12 && y <= 100, `${y}`);
    if (i > 0) assert.ok(y - places[i - 1].y >= 12, `${places[i - 1].y} and ${y}`);
  }
  const many = Array.from({ length: 20 }, (_, i) => ({ y: 40 + i, text: `≥ ${i}` }));
  assert.equal(labelPlaces(many, room).length, 8);
  assert.match(labelPlaces(many, room).at(-1).text, / \+12$/); // what has no room is counted
  assert.deepEqual(labelPlaces([], room), []);
});
