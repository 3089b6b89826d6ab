import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fits, isFiltered, parameters, readQuery }
  from '../../tools/dashboard/pages/incident_query.js';
import { OpenList } from '../../tools/dashboard/pages/open_list.js';

const read = (text) => readQuery(new URLSearchParams(text));

test('the address says what is asked for; what makes no sense is left out', () => {
  assert.deepEqual(read('state=open&rule=a%20b&host=%3Cimg%3E&frame=24h'),
    { state: 'open', rule: 'a b', host: '<img>', frame: '24h', from: '', to: '' });
  assert.deepEqual(read('state=x&frame=2y&from=yesterday'),
    { state: '', rule: '', host: '', frame: '', from: '', to: '' });
  const dates = read('frame=1h&from=2026-11-21T00:00:00Z');
  assert.deepEqual([dates.frame, dates.from], ['', '2026-11-21T00:00:00.000Z']);
  assert.equal(isFiltered(read('state=open')), false);
  assert.equal(isFiltered(read('host=a')), true);
});

test('a frame is counted back from the engine’s time', () => {
  assert.deepEqual(parameters(read('frame=1h&rule=r'), 10_000_000.5),
    { rule: 'r', host: '', from: 6_400_000, to: '' });
  assert.equal(parameters(read('to=1970-01-01T00:00:05Z'), 0).to, 5000);
});

test('events are judged as the engine judges its lists', () => {
  const event = { ruleName: 'r', hostName: 'h' };
  assert.equal(fits({ rule: 'r', from: 10, to: 20 }, event, 20), true);
  assert.equal(fits({ rule: 'r', from: 10, to: 20 }, event, 21), false);
  assert.equal(fits({ rule: '', host: 'H' }, event, 15), false);
});

const opened = (id, at) => ({ event: 'opened', id, ruleName: `rule ${id}`, hostName: 'h',
  startTime: new Date(at).toISOString(), triggerValue: at });
const resolved = (id) => ({ ...opened(id, 1), event: 'resolved', endTime: '2026-11-21T00:00:00Z' });
const ids = (list, sort = '-start') => list.rows(sort).map(({ id }) => id);

test('open incidents come and go with their events', () => {
  const list = new OpenList();
  list.begin();
  list.replace([opened('a', 1), opened('b', 2)], true);
  list.take(opened('c', 3));
  list.take(resolved('a'));
  assert.deepEqual(ids(list), ['c', 'b']);
  assert.deepEqual(ids(list, 'rule'), ['b', 'c']);
  list.take(resolved('nobody'));
  assert.equal(list.size, 2);
});

test('what happens while it is read is not lost', () => {
  const list = new OpenList();
  list.begin();
  list.take(resolved('a'));
  list.take(opened('c', 3));
  list.replace([opened('a', 1), opened('b', 2)], true);
  assert.deepEqual(ids(list), ['c', 'b']);
});

test('a frozen list keeps its rows, and counts what waits', () => {
  const list = new OpenList();
  list.begin();
  list.replace([opened('a', 1), opened('b', 2)], true);
  list.freeze('-start');
  list.take(opened('c', 3));
  list.take(resolved('b'));
  assert.deepEqual(ids(list), ['b', 'a']);
  assert.equal(list.rows('-start')[0].endTime, '2026-11-21T00:00:00Z');
  assert.deepEqual(list.waiting(), { opened: 1, resolved: 1 });
  list.thaw();
  assert.deepEqual(ids(list), ['c', 'a']);
  assert.deepEqual(list.waiting(), { opened: 0, resolved: 0 });
});

test('rules are counted, those with most first', () => {
  const list = new OpenList();
  list.begin();
  const of = (id, ruleName, hostName) => ({ ...opened(id, 1), ruleName, hostName });
  list.replace([of('a', 'x', 'h'), of('b', 'y', 'h'), of('c', 'y', 'i')], true);
  assert.deepEqual(list.counts(), { hosts: 2, rules: [['y', 2], ['x', 1]] });
});
