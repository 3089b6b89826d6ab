import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnLabel, columnOf, columnText, columnTone, firstColumns, parts, readColumns, worstFirst }
  from '../../tools/dashboard/field_columns.js';
import { chartsOf, firstFields, ranked, readFields } from '../../tools/dashboard/field_rank.js';

const field = (name, hosts = 1, rules = 0) => ({ name, hosts, rules, adds: name.endsWith('.count') });
const names = (fields) => fields.map(({ name }) => name);
const botpress = ['uptime', 'cpu.usage', 'mem.usage', 'mem.free', 'requests.count',
  'requests.latency_avg', 'eventsIn.count', 'eventsOut.count', 'warnings.count', 'errors.count',
  'criticals.count'].map((name) => field(name, 9));
// What Botpress reports is known to the engine whether any host reports it or not.
const machine = [...botpress.map(({ name }) => field(name, 0)).filter(({ name }) =>
  !/^(cpu|mem|uptime)/.test(name)), ...['uptime', 'mem.free', 'mem.usage', 'disk.usage./var',
  'disk.usage./', 'net.receive.eth-0', 'load.core', 'cpu.usage'].map((name) => field(name))];

test('CPU and memory come first, then what most hosts report, rules look at, then by name', () => {
  assert.deepEqual(names(ranked([field('b', 2), field('a', 2), field('z', 2, 1), field('c', 3),
    field('uptime', 9), field('mem.usage', 1), field('gone', 0), field('cpu.usage', 1),
    field('a,b', 5)])), ['cpu.usage', 'mem.usage', 'c', 'z', 'a', 'b', 'uptime']);
});

test('a cluster of Botpress begins with the three charts that it always had', () => {
  const charts = chartsOf(firstFields(botpress), botpress);
  assert.deepEqual(charts.map(({ label }) => label),
    ['CPU and memory', 'Requests and events', 'Warnings, errors, criticals']);
  assert.deepEqual(charts.map(({ what, series }) => [what, series.length]),
    [['avg', 2], ['sum', 3], ['sum', 3]]);
});

test('a plain machine has charts of what it reports, of each family one', () => {
  const charts = chartsOf(firstFields(machine), machine);
  assert.deepEqual(charts.map(({ label }) => label), ['CPU and memory', 'disk.usage./', 'load.core']);
  assert.deepEqual(firstFields([field('errors.count', 0)]), []);
  assert.deepEqual(firstFields([field('x.a'), field('x.b')]), ['x.a', 'x.b']);
});

test('a chart is of those of its fields that are there, and is called so', () => {
  const charts = chartsOf(['errors.count', 'net/in-1', 'warnings.count', 'cpu.usage'],
    [field('net/in-1')]);
  assert.deepEqual(charts.map(({ label, alone }) => [label, alone]),
    [['Warnings, errors', null], ['net/in-1', 'net/in-1'], ['CPU', null]]);
  assert.equal(chartsOf(['x.count'], [field('x.count')])[0].what, 'sum');
  assert.equal(chartsOf(['x.count'], [])[0].what, 'avg'); // nobody says that it adds up
});

test('of an address only what can be asked for is taken, once, and not too much', () => {
  assert.deepEqual(readFields(['disk.usage./var', '', 'a,b', 'disk.usage./var', 'é']),
    ['disk.usage./var', 'é']);
  assert.equal(readFields([...Array(99).keys()].map(String)).length, 16);
  assert.deepEqual(readColumns(['max:disk.usage./var', 'most:x', 'max:', 'x', 'max:a,b',
    'max:disk.usage./var', 'last:a:b', 'toString:x']), ['max:disk.usage./var', 'last:a:b']);
  assert.equal(readColumns([...Array(99).keys()].map((i) => `max:${i}`)).length, 15);
});

test('a field and its column survive the address', () => {
  for (const name of ['disk.usage./var', 'net.receive.eth-0', 'a b&c=d#e%20', '<img src=x>', 'é:🔔']) {
    const query = new URLSearchParams(new URLSearchParams({ chart: name, column: `max:${name}` })
      .toString());
    assert.deepEqual(readFields(query.getAll('chart')), [name]);
    assert.deepEqual(readColumns(query.getAll('column')).map(parts), [{ what: 'max', field: name }]);
  }
});

test('the table begins with the columns that hosts fill', () => {
  assert.deepEqual(firstColumns(botpress), ['last:uptime', 'max:cpu.usage', 'max:mem.usage',
    'sum:requests.count', 'sum:eventsIn.count', 'sum:eventsOut.count', 'sum:warnings.count',
    'sum:errors.count', 'sum:criticals.count']);
  assert.deepEqual(firstColumns(machine), ['last:uptime', 'max:cpu.usage', 'max:mem.usage',
    'max:disk.usage./', 'max:load.core', 'max:net.receive.eth-0']);
  assert.deepEqual(firstColumns([field('x', 0)]), []);
});

test('a field becomes the column that says how bad it was', () => {
  assert.deepEqual([field('mem.free'), field('a.count'), field('uptime'), field('carefree'),
    field('disk.available')].map(columnOf),
  ['min:mem.free', 'sum:a.count', 'last:uptime', 'max:carefree', 'min:disk.available']);
});

test('columns are called and written as their fields are', () => {
  assert.deepEqual(['max:cpu.usage', 'min:disk.usage./var', 'count:errors.count'].map(columnLabel),
    ['Peak CPU', 'Lowest disk.usage./var', 'Ticks with errors.count']);
  assert.equal(columnText('max:disk.usage./var', 71.26), '71.3 %');
  assert.equal(columnText('min:mem.free', 1_500_000), '1.43 GiB');
  assert.equal(columnText('last:uptime', 7200), '2 h');
  assert.equal(columnText('count:uptime', 7200), '7,200');
  assert.equal(columnText('max:x', null), '–');
});

test('only what is bad stands out', () => {
  assert.deepEqual([['sum:errors.count', 0], ['sum:errors.count', 2], ['sum:warnings.count', 1],
    ['count:errors.count', 3], ['max:cpu.usage', 99], ['max:x', null]].map((one) =>
    columnTone(...one)), ['quiet', 'bad', 'warn', '', '', 'quiet']);
});

test('the worst come first: open incidents, then the first peak', () => {
  assert.equal(worstFirst(firstColumns(botpress)), '-open,-max:cpu.usage');
  assert.equal(worstFirst(['last:x']), '-open');
});
