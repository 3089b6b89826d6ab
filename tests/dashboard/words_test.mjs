import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parts } from '../../tools/dashboard/prose.js';
import { serverWords, webAddress } from '../../tools/dashboard/pages/texts.js';
import { compared, condition, duration, news, quantity, ruleWords, unknownParts }
  from '../../tools/dashboard/words.js';

test('durations are put as the engine puts them', () => {
  assert.deepEqual([1000, 60_000, 90_000, 120_000, 5_400_000, 86_400_000, 500, 130_000].map(duration),
    ['1 second', '1 minute', '90 seconds', '2 minutes', '1.5 hours', '1 day', '500 ms',
      '130 seconds']);
});

test('an incident says its rule in words, or nothing if it does not know it whole', () => {
  const incident = { aggregation: 'sum', field: 'errors.count', timeframe: 60_000, threshold: 10,
    operand: 'equalOrMoreThan' };
  assert.equal(ruleWords(incident), 'sum of errors.count over 1 minute is 10 or more');
  assert.equal(ruleWords({ ...incident, operand: 'equalOrLessThan', threshold: 0 }),
    'sum of errors.count over 1 minute is 0 or less');
  assert.equal(ruleWords({ ...incident, field: undefined }), '');
});

test('rounding never moves a value onto or across its threshold', () => {
  assert.equal(compared(63.33333333333333, 60), '63.3333');
  assert.equal(compared(59.9999999, 60), '59.9999999');
  assert.equal(compared(60.0000001, 60), '60.0000001');
  assert.equal(compared(60, 60), '60');
  assert.equal(compared(-0.9999999, -1), '−0.9999999');
  assert.equal(compared(-1e-9, -1), '−1e−9');
  assert.equal(compared(1234567.7, 1234567.6), '1234567.7');
  assert.equal(compared(null, 60), '–');
  assert.equal(compared(12.3456789, undefined), '12.3457');
});

test('conditions have a sign, and none where nothing is known', () => {
  assert.equal(condition({ operand: 'equalOrMoreThan' }, 60), '≥ 60');
  assert.equal(condition({ operand: 'equalOrLessThan' }, 5), '≤ 5');
  assert.equal(condition({}, undefined), '–');
});

test('what a rule compares has the unit of its field, as the charts beside it', () => {
  const free = { field: 'mem.free', aggregation: 'last', operand: 'equalOrLessThan' };
  assert.equal(ruleWords({ ...free, timeframe: 60_000, value: 1_500_000 }),
    'last value of mem.free over 1 minute is 1.43 GiB or less');
  assert.equal(condition(free, 1_500_000), '≤ 1.43 GiB');
  assert.equal(quantity(free, 1_200_000, 1_500_000), '1.14 GiB');
  assert.equal(quantity(free, 1_499_999, 1_500_000), '1,499,999 KB'); // not what the threshold is
  assert.equal(quantity({ field: 'uptime', aggregation: 'count' }, 0, 0), '0'); // ticks, no time
  assert.equal(quantity({ field: 'uptime', aggregation: 'last' }, 7200), '2 h');
  assert.equal(quantity({ field: 'cpu.usage', aggregation: 'avg' }, 93.25, 90), '93.25 %');
  assert.equal(quantity({ field: 'queue.depth', aggregation: 'sum' }, 12), '12');
  assert.equal(quantity(free, null, 5), '–');
});

test('of why it is unknown, what is zero or not told is left out', () => {
  assert.deepEqual(unknownParts({ new: 4, blind: 0, noData: 2 }).map(([n, word]) => [n, word]),
    [[4, 'new'], [2, 'no data']]);
  assert.deepEqual(unknownParts(undefined), []);
});

test('sentences begin with a capital, unless with a field, and end with a point', () => {
  assert.deepEqual(parts('average of a.b was 3'), ['Average of a.b was 3.']);
  assert.deepEqual(parts('a.b has no value', { field: 'a.b' }), ['a.b has no value.']);
  assert.deepEqual(parts('sum is less', {}, { within: true }), ['sum is less.']);
});

test('sentences have moments as moments, and long fractions short, but never on the threshold', () => {
  assert.deepEqual(parts('it began at 2026-11-21T14:03:10.000Z, after this check'),
    ['It began at ', { at: '2026-11-21T14:03:10.000Z' }, ', after this check.']);
  assert.deepEqual(parts('average was 63.333333333333336; 60 or more', { value: 60 }).join(''),
    'Average was 63.3333; 60 or more.');
  assert.equal(parts('last value of mem.free over the last minute was 1200000; 1500000 or less is needed',
    { field: 'mem.free', aggregation: 'last', value: 1_500_000 }).join(''),
  'Last value of mem.free over the last minute was 1.14 GiB; 1.43 GiB or less is needed.');
  assert.equal(parts('number of ticks with a value of uptime over 20 seconds is more than 0',
    { field: 'uptime', aggregation: 'count', value: 0 }, { within: true }).join(''),
  'number of ticks with a value of uptime over 20 seconds is more than 0.');
  assert.equal(parts('average was 59.9999999; 60', { value: 60 }).join(''),
    'Average was 59.9999999; 60.');
  assert.equal(parts('p99.99999 was 1').join(''), 'P99.99999 was 1.');
  assert.deepEqual(parts('no host `2.123456` is known'), ['No host ', { code: '2.123456' }, ' is known.']);
  assert.deepEqual(parts('`a`b` is odd'), [{ code: 'a' }, 'b` is odd.']);
});

test('a host on which several servers report says how many', () => {
  assert.deepEqual([{ servers: 3 }, { servers: 1 }, {}].map(serverWords), ['3 servers', '', '']);
});

test('only whole addresses of the web become links', () => {
  for (const text of ['https://example.org/a?b=c', 'http://10.0.0.1:8080/']) {
    assert.equal(webAddress(text), true, text);
  }
  for (const text of ['javascript:alert(1)', 'see https://example.org', 'data:text/html,x', '',
    'https://user:pass@example.org/', 'HTTPS//x', 'https://', 'https://a b']) {
    assert.equal(webAddress(text), false, text);
  }
});

test('one incident is news by name, many by number', () => {
  const last = { event: 'resolved', ruleName: 'CPU is high', hostName: 'web-1' };
  assert.equal(news({ opened: 0, resolved: 1, last }), 'Resolved: CPU is high on web-1');
  assert.equal(news({ opened: 1, resolved: 1, last }), '1 incident opened, 1 incident resolved');
  assert.equal(news({ opened: 0, resolved: 1200, last }), '1,200 incidents resolved');
});
