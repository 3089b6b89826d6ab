// Which of the fields that hosts report a page shows by itself, in which order, and what of them.
// Fields are those of GET api/v1/fields: { name, hosts, rules, adds }. Pure.
//
// 1. Nothing is shown of a field that no host reports, unless the reader chose it.
// 2. Only what Botpress reports is known by name; of all other fields counts and names decide.

/** Fields that belong into one chart, where hosts report them. */
export const groups = [
  { label: 'CPU and memory', what: 'avg', series: [
    { label: 'CPU', field: 'cpu.usage', colour: '--series-1' },
    { label: 'Memory', field: 'mem.usage', colour: '--series-2' }] },
  { label: 'Requests and events', what: 'sum', series: [
    { label: 'Requests', field: 'requests.count', colour: '--series-1' },
    { label: 'Events in', field: 'eventsIn.count', colour: '--series-3' },
    { label: 'Events out', field: 'eventsOut.count', colour: '--series-2' }] },
  { label: 'Warnings, errors, criticals', what: 'sum', series: [
    { label: 'Warnings', field: 'warnings.count', colour: '--series-warning' },
    { label: 'Errors', field: 'errors.count', colour: '--series-error' },
    { label: 'Criticals', field: 'criticals.count', colour: '--series-critical' }] },
];

const inGroups = new Set(groups.flatMap(({ series }) => series.map(({ field }) => field)));
const first = ['cpu.usage', 'mem.usage'];
const dull = ['uptime']; // it only grows

export const chartsMax = 3; // that a page shows by itself
export const fieldsMax = 16; // of one question

/** Whether the API can be asked for it: it takes names with commas between them. */
export function isAskable(name) {
  return typeof name === 'string' && name !== '' && !name.includes(',');
}

/**
 * Those that hosts report: CPU and memory, then what most hosts report; of those alike first what
 * rules look at, then by name. What only grows comes last.
 */
export function ranked(fields) {
  const place = ({ name }) => (first.includes(name) ? first.indexOf(name) :
    first.length + dull.includes(name));
  return fields.filter(({ name, hosts }) => hosts > 0 && isAskable(name)).sort((a, b) =>
    place(a) - place(b) || b.hosts - a.hosts || (b.rules > 0) - (a.rules > 0) ||
    (a.name < b.name ? -1 : 1));
}

/** One of each family (`disk` of `disk.usage./var`) before the second of any; `seen` are there. */
export function varied(fields, seen) {
  const families = new Set(seen.map(family));
  const [fresh, others] = [[], []];
  for (const one of fields) {
    (families.has(family(one.name)) ? others : fresh).push(one);
    families.add(family(one.name));
  }
  return [...fresh, ...others];
}

const family = (name) => name.split('.')[0];

/** Names of the fields in the charts that a page of all hosts begins with. */
export function firstFields(fields) {
  const all = ranked(fields);
  const names = all.map(({ name }) => name);
  const grouped = groups.flatMap(({ series }) => series.map(({ field }) => field))
    .filter((name) => names.includes(name));
  const others = varied(all.filter(({ name }) => !inGroups.has(name) && !dull.includes(name)),
    grouped);
  const room = chartsMax - chartsOf(grouped, fields).length;
  return [...grouped, ...others.slice(0, Math.max(0, room)).map(({ name }) => name)];
}

/**
 * The charts of these fields, in their order: [{ label, what, series: [{ label, field, colour }],
 * alone: the field, where it is no group }]. Those of a group share the chart of the first of them.
 */
export function chartsOf(names, fields) {
  const charts = new Map();
  for (const name of names) {
    const group = groups.find(({ series }) => series.some(({ field }) => field === name));
    if (!charts.has(group ?? name)) {
      charts.set(group ?? name, group ? someOf(group, names) : alone(name, fields));
    }
  }
  return [...charts.values()];
}

function someOf(group, names) {
  const series = group.series.filter(({ field }) => names.includes(field));
  const label = series.length === group.series.length ? group.label :
    series.map((one, i) => (i === 0 ? one.label : one.label.toLowerCase())).join(', ');
  return { ...group, label, series, alone: null };
}

function alone(name, fields) {
  const adds = Boolean(fields.find((one) => one.name === name)?.adds);
  return { label: name, what: adds ? 'sum' : 'avg', alone: name,
    series: [{ label: name, field: name, colour: '--series-1' }] };
}

/** The names that an address asks for, without what cannot be asked for or comes twice. */
export function readFields(names) {
  return [...new Set(names.filter(isAskable))].slice(0, fieldsMax);
}
