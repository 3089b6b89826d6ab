// Columns of a table of hosts, each an aggregation of a field as the API names it:
// 'max:disk.usage./var'. Pure.

import { nothing, number, span, valueOf } from './format.js';
import { isAskable, ranked, varied } from './field_rank.js';

/** Aggregations, with what the values of a column are called. */
export const aggregations = { max: 'Peak', min: 'Lowest', avg: 'Average', last: 'Newest',
  sum: 'Total', count: 'Ticks with' };

// What hosts of Botpress have, under names of its own.
const usual = { 'last:uptime': 'Uptime', 'max:cpu.usage': 'Peak CPU', 'max:mem.usage': 'Peak memory',
  'sum:requests.count': 'Requests', 'sum:eventsIn.count': 'Events in',
  'sum:eventsOut.count': 'Events out', 'sum:warnings.count': 'Warnings',
  'sum:errors.count': 'Errors', 'sum:criticals.count': 'Criticals' };
const tones = { 'warnings.count': 'warn', 'errors.count': 'bad', 'criticals.count': 'bad' };

const wanted = 6; // so many at least, where there are as many fields
export const columnsMax = 15; // the API takes one more: that of the order

/** 'max:a:b' → { what: 'max', field: 'a:b' }; null: no column. */
export function parts(column) {
  const [what, field] = String(column).split(/:(.*)/s);
  return Object.hasOwn(aggregations, what) && isAskable(field) ? { what, field } : null;
}

/** The column of a field that was chosen: a total, or the value that is worst. */
export function columnOf({ name, adds }) {
  if (name === 'uptime') return `last:${name}`;
  if (adds) return `sum:${name}`;
  return `${/(^|[._-])(free|available|idle)$/.test(name) ? 'min' : 'max'}:${name}`;
}

/** The columns that the table begins with: the usual ones that hosts fill, then by rank. */
export function firstColumns(fields) {
  const all = ranked(fields);
  const filled = new Set(all.map(({ name }) => name));
  const some = Object.keys(usual).filter((column) => filled.has(parts(column).field));
  const theirs = some.map((column) => parts(column).field);
  const others = varied(all.filter(({ name }) => !theirs.includes(name)), theirs);
  return [...some, ...others.slice(0, Math.max(0, wanted - some.length)).map(columnOf)];
}

/** The columns that an address asks for, without what is none or comes twice. */
export function readColumns(columns) {
  return [...new Set(columns.filter(parts))].slice(0, columnsMax);
}

/** "Peak CPU", "Peak disk.usage./var" */
export function columnLabel(column) {
  const { what, field } = parts(column);
  return usual[column] ?? `${aggregations[what]} ${field}`;
}

/** A value as the column shows it. */
export function columnText(column, value) {
  const { what, field } = parts(column);
  if (value === null || value === undefined) return nothing;
  if (what === 'count') return number(value);
  if (field === 'uptime') return span(value * 1000);
  const text = valueOf(field, value);
  return text.endsWith('%') ? `${number(Math.round(value * 10) / 10)} %` : text;
}

/** What is not nought stands out; of what nobody wants to see, more than that. */
export function columnTone(column, value) {
  const { what, field } = parts(column);
  if (!value) return 'quiet';
  return (value > 0 && what !== 'count' && tones[field]) || '';
}

/** By which order the worst hosts come first: open incidents, then the first peak that is shown. */
export function worstFirst(columns) {
  const peak = columns.find((column) => parts(column).what === 'max');
  return peak ? `-open,-${peak}` : '-open';
}
