import assert from 'node:assert/strict';
import { test } from 'node:test';
import { time } from '../../tools/dashboard/format.js';
import { Series, stepFor, steps } from '../../tools/dashboard/series.js';

const start = 1_700_000_000_000;
const field = (name, values) => ({ field: name, min: values, max: values, avg: values, sum: values,
  count: values.map((v) => (v === null ? null : 1)) });

function series({ step = 10_000, values = [1, 2, 3], span = 30_000, blind = [] } = {}) {
  const time = values.map((_, i) => start + i * step);
  return new Series({ step, interval: 10_000, time, blind, complete: true,
    asOf: new Date(start + values.length * step).toISOString(), series: [field('x', values)] }, span);
}
const tick = (at, x, blind = false) => ({ endMs: at, blind, cluster: blind ? undefined : { x } });
const one = (value) => ({ min: value, max: value, avg: value, sum: value, count: 1 });

test('ticks are added, and what is older than the span is dropped', () => {
  const s = series();
  for (let i = 1; i <= 1000; ++i) assert.equal(s.add(tick(start + 30_000 + i * 10_000, one(i))), true);
  assert.deepEqual(s.of('x', 'avg'), [998, 999, 1000]);
  assert.deepEqual(s.time, [0, 1, 2].map((i) => start + 10_000_000 + i * 10_000));
  assert.equal(s.to - s.from, 30_000);
});

test('a step of several ticks is their average, sum, extremes and count', () => {
  const s = series({ step: 60_000, span: 180_000 });
  const end = s.end;
  s.add(tick(end + 10_000, { min: 1, max: 5, avg: 3, sum: 6, count: 2 }));
  s.add(tick(end + 20_000, { min: 0, max: 4, avg: 4, sum: 12, count: 3 }));
  const last = (what) => s.of('x', what).at(-1);
  assert.deepEqual(['min', 'max', 'avg', 'sum', 'count'].map(last), [0, 5, 18 / 5, 18, 5]);
  assert.equal(s.time.length, 3); // the fourth step pushed out the first
});

test('silence is no value, and never nought', () => {
  const s = series();
  assert.equal(s.add({ endMs: start + 40_000, blind: false, cluster: { y: one(1) } }), true);
  assert.deepEqual(s.of('x', 'sum'), [2, 3, null]);
  assert.deepEqual(s.of('nothing', 'sum'), [null, null, null]);
});

test('blind ticks are shaded as one span', () => {
  const s = series();
  s.add(tick(start + 40_000, null, true));
  s.add(tick(start + 50_000, null, true));
  assert.deepEqual(s.blind, [[start + 30_000, start + 50_000]]);
  for (let i = 6; i <= 20; ++i) s.add(tick(start + i * 10_000, one(i)));
  assert.deepEqual(s.blind, []);
});

test('a tick that does not follow, or says too little, asks for the series anew', () => {
  const s = series();
  assert.equal(s.add(tick(start + 50_000, one(1))), false);
  assert.equal(s.add({ endMs: start + 40_000, blind: false }), false);
  const full = Object.fromEntries([...Array(16).keys()].map((i) => [`y${i}`, one(i)]));
  assert.equal(s.add({ endMs: start + 40_000, blind: false, cluster: full }), false);
  assert.equal(s.add(tick(start + 30_000, one(9))), true); // known
  assert.deepEqual(s.of('x', 'avg'), [1, 2, 3]);
});

test('a later answer replaces its own steps and adds the new ones', () => {
  const s = series();
  const answer = (from, values, step = 10_000) => ({ step, interval: 10_000, blind: [],
    time: values.map((_, i) => from + i * step), series: [field('x', values)],
    asOf: new Date(from + values.length * step).toISOString() });
  assert.equal(s.join(answer(start + 20_000, [30, 4, null])), true);
  assert.deepEqual(s.of('x', 'avg'), [30, 4, null]);
  assert.equal(s.time[0], start + 20_000);
  assert.equal(s.join(answer(start + 900_000, [1])), false); // a hole between
  assert.equal(s.join(answer(start + 50_000, [1], 30_000)), false); // other steps
});

test('an answer that lacks a part of the step under way asks for the series anew', () => {
  const begin = 1_700_000_040_000; // a multiple of the step
  const s = new Series({ step: 60_000, interval: 10_000, blind: [], complete: true,
    time: [0, 1, 2].map((i) => begin + i * 60_000), series: [field('x', [1, 2, 3])],
    asOf: new Date(begin + 150_000).toISOString() }, 180_000);
  assert.equal(s.askFrom(0), begin + 120_000);
  const answer = (from, ...values) => ({ step: 60_000, interval: 10_000, blind: [],
    time: values.map((_, i) => from + i * 60_000), series: [field('x', values)],
    asOf: new Date(begin + 190_000).toISOString() });
  assert.equal(s.join(answer(begin + 180_000, 9)), false);
  assert.equal(s.join(answer(begin + 120_000, 7, 9)), true);
  assert.deepEqual(s.of('x', 'avg'), [2, 7, 9]);
  s.join({ ...answer(begin + 180_000, 5), asOf: new Date(begin + 240_000).toISOString() });
  assert.equal(s.askFrom(0), begin + 240_000); // the last step is whole
});

test('only the end is asked for, and once a minute what may have come late', () => {
  const values = [...Array(60).keys()];
  const s = series({ step: 10_000, values, span: 600_000 });
  let now = 5_000_000;
  for (let i = 0; i < 6; ++i) assert.equal(s.askFrom(now += 10_000), s.end);
  assert.equal(s.askFrom(now += 10_000), s.end - 290_000);
  assert.equal(s.askFrom(now += 10_000), s.end);
  // Late values fill their places, and what is older than the frame is passed over.
  const time = values.map((i) => start + (i - 2) * 10_000);
  const late = values.map((i) => (i === 50 ? 1000 : i - 2));
  assert.equal(s.join({ step: 10_000, interval: 10_000, blind: [], time, series: [field('x', late)],
    asOf: new Date(s.end).toISOString() }), true);
  assert.deepEqual(s.of('x', 'avg'), [...values.slice(0, 48), 1000, ...values.slice(49, 58), 58, 59]);
  assert.equal(s.time.length, 60);
});

test('an engine that has said nothing yet is asked from where it begins', () => {
  const s = new Series({ step: 60_000, interval: 10_000, time: [], blind: [], complete: false,
    asOf: new Date(start + 95_000).toISOString(), series: [field('x', [])] }, 600_000);
  assert.equal(s.askFrom(0) % 60_000, 0);
  const first = Math.floor((start + 95_000) / 60_000) * 60_000;
  assert.equal(s.join({ step: 60_000, interval: 10_000, blind: [], time: [first],
    series: [field('x', [5])], asOf: new Date(start + 100_000).toISOString() }), true);
  assert.deepEqual([s.time, s.of('x', 'avg')], [[first], [5]]);
});

test('a span has at most 120 steps', () => {
  assert.deepEqual([60_000, 300_000, 900_000, 3_600_000, 18_000_000].map(stepFor),
    [1000, 5000, 10_000, 30_000, 300_000]);
  assert.equal(stepFor(1e12), steps.at(-1));
});

test('a step that is not over is left out: it would look as if all had collapsed', () => {
  const begin = start + 40_000; // a multiple of the step
  const s = new Series({ step: 60_000, interval: 10_000, blind: [], complete: true,
    time: [0, 1, 2].map((i) => begin + i * 60_000), series: [field('x', [600, 600, 600])],
    asOf: new Date(begin + 180_000).toISOString() }, 180_000);
  const steady = { min: 100, max: 100, avg: 100, sum: 100, count: 1 };
  assert.deepEqual(s.drawn([['x', 'sum']]), { time: s.time, values: [[600, 600, 600]], from: s.from,
    to: s.end, open: null, alone: false });
  const end = s.end;
  for (let i = 1; i <= 2; ++i) s.add(tick(end + i * 10_000, steady));
  const under = s.drawn([['x', 'sum']]);
  assert.deepEqual(under.values, [[600, 600]]);
  assert.deepEqual([under.to, under.open, under.time.at(-1)], [end, end, end - 60_000]);
  assert.match(s.stepWords(under), /^per minute, up to \d/);
  for (let i = 3; i <= 6; ++i) s.add(tick(end + i * 10_000, steady));
  assert.deepEqual(s.drawn([['x', 'sum']]).values, [[600, 600, 600]]); // now it is over
  assert.equal(s.stepWords(s.drawn([['x', 'sum']])), 'per minute');
});

test('where no other step has a value, that under way is shown, and said to be', () => {
  const s = new Series({ step: 60_000, interval: 10_000, blind: [], complete: false,
    time: [start - 20_000], series: [field('x', [300])], asOf: new Date(start).toISOString() }, 180_000);
  const shown = s.drawn([['x', 'sum']]);
  assert.deepEqual([shown.values, shown.alone], [[[300]], true]);
  assert.equal(s.stepWords(shown), 'per minute, not over yet');
});

test('where a series begins is the beginning of the log, not of a step, and for one reason', () => {
  const words = (whyIncomplete) => new Series({ step: 300_000, interval: 10_000, blind: [], series: [],
    complete: whyIncomplete === null, time: [start], begins: start + 130_000, whyIncomplete,
    asOf: new Date(start + 300_000).toISOString() }, 900_000).beginWords();
  const at = time(start + 130_000);
  assert.equal(words('beginning'), `The log begins at ${at}: there is nothing from before.`);
  const all = ['beginning', 'log', 'interval', 'time', 'length'].map(words);
  assert.equal(new Set(all).size, 5);
  for (const one of all) assert.ok(one.includes(at), one);
  assert.equal(words(null), '');
});

test('a step of one tick is always over', () => {
  const s = series();
  s.add(tick(start + 40_000, one(7)));
  assert.deepEqual(s.drawn([['x', 'avg']]).values, [[2, 3, 7]]);
  assert.equal(s.stepWords(s.drawn([['x', 'avg']])), '');
});
