import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisOf, bytes, number, short, span, stretch, time, utc, valueOf } from '../../tools/dashboard/format.js';

test('numbers keep what can be read, and say when there is none', () => {
  assert.deepEqual([0, 93.21456789, 1234567, 999.96, -3.5, 0.000123, 0.00001, 1e18, null, NaN].map(number),
    ['0', '93.2146', '1,234,567', '999.96', '−3.5', '0.000123', '1e−5', '1e+18', '–', '–']);
  assert.deepEqual([1234.5678, 123456.7, 1234567.8, -1.234567e-9].map(number),
    ['1,234.57', '123,457', '1,234,568', '−1.23457e−9']);
  assert.deepEqual([9999, 12345, 2e6, 3.456e9, -25000].map(short),
    ['9,999', '12.3k', '2M', '3.46G', '−25k']);
});

test('spans have two units, and never sixty of one', () => {
  assert.deepEqual([0, 12, 0.84, 1500, 59_999, 60_000, 90_000, 3_599_999, 7_500_000, 86_399_999,
    273_600_000, -90_000, null].map(span),
  ['0 ms', '12 ms', '0.84 ms', '1.5 s', '1 min', '1 min', '1 min 30 s', '1 h', '2 h 5 min', '1 d',
    '3 d 4 h', '−1 min 30 s', '–']);
});

test('one minute is a minute: no "last 1 minute", no "per 1 h"', () => {
  assert.deepEqual([1000, 10_000, 60_000, 300_000, 3_600_000, 86_400_000].map(stretch),
    ['second', '10 s', 'minute', '5 min', 'hour', 'day']);
});

test('an axis has the unit of its field', () => {
  assert.equal(axisOf('mem.free')(1_500_000), '1.43 GiB');
  assert.equal(axisOf('uptime')(7200), '2 h');
  assert.equal(axisOf('requests.count')(1_500_000), '1.5M');
});

test('bytes and values of fields have their units', () => {
  assert.deepEqual([0, 1536, 804857600, 1 << 30].map(bytes), ['0 B', '1.5 KiB', '768 MiB', '1 GiB']);
  assert.equal(valueOf('cpu.usage', 93.25), '93.25 %');
  assert.equal(valueOf('uptime', 11_520), '3 h 12 min');
  assert.equal(valueOf('mem.free', 2048), '2 MiB');
  assert.equal(valueOf('queue.depth', 4), '4');
  assert.equal(valueOf('disk.inodes./var', 2.76), '2.76 %');
  assert.equal(valueOf('net.receive.eth0', 1828), '1,828 B/s');
  assert.equal(valueOf('cpu.usage', null), '–');
});

test('moments have a date where it is another day, and UTC beside', () => {
  const now = new Date(2026, 10, 21, 14, 3, 10).getTime();
  assert.equal(time(now, now), '14:03:10');
  assert.match(time(now - 86_400_000, now), /20 Nov.*14:03:10/);
  assert.match(time(now - 400 * 86_400_000, now), /2025/);
  assert.equal(time(null), '–');
  assert.equal(time('no time'), '–');
  assert.equal(utc('2026-11-21T14:03:10.000Z'), '2026-11-21 14:03:10 UTC');
  assert.equal(utc('2026-11-21T14:03:10.250Z'), '2026-11-21 14:03:10.250 UTC');
});
