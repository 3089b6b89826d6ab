// The hosts, as the server filters, sorts and pages them: ten thousand cost the page no more than
// the rows that are seen.

import { lastOffset, pager, picker, search, withHint } from '../controls.js';
import { bdi, h, put, setText } from '../dom.js';
import { fieldChooser } from '../field_chooser.js';
import { aggregations, columnLabel, columnOf, columnsMax, columnText, columnTone, firstColumns, parts,
  readColumns, worstFirst } from '../field_columns.js';
import { ranked } from '../field_rank.js';
import { keepFresh } from '../fresh.js';
import { nothing, number, stretch, time } from '../format.js';
import { reading } from '../reading.js';
import { link } from '../router.js';
import { kept } from '../rows.js';
import { table } from '../table.js';
import { hasLabels, labelColumn } from './host_labels.js';
import { nameLink } from './incident_columns.js';
import { serverWords } from './texts.js';

const sizes = ['25', '50', '100', '200'];
const worst = '-open'; // also orders those with as many open incidents: worstFirst()
const plain = ['host', 'open', 'lastSample']; // orders that are no columns of fields

/**
 * Shows them in `place`; `frame` { span } is the time that peaks and totals are of, `fields` those
 * that hosts report (fields.js). What the reader chooses is in the address. Gives { anew, pause },
 * the answer to `onAnswer`, and says `onNone` where there can be none.
 */
export function startHostTable(view, place, frame, fields, onAnswer, onNone) {
  const chosen = readChoice(view.query);
  const choose = (change) => {
    Object.assign(chosen, { offset: 0 }, change);
    view.setQuery({ ...chosen, sort: chosen.sort === worst ? null : chosen.sort,
      limit: chosen.limit === 50 ? null : chosen.limit, offset: chosen.offset || null });
    showChips();
    pages.chose();
    order = null;
    fresh.anew();
  };

  const find = search({ name: 'search', label: 'Search hosts', value: chosen.search,
    signal: view.signal, onChange: (text) => choose({ search: text }) });
  const hinted = withHint(find,
    'Words in the name or labels, all of them · label:value · * stands for any text');
  const chips = h('div', { class: 'chips' });
  const remove = (label) => {
    choose({ label: chosen.label.filter((one) => one !== label) });
    (chips.firstChild ?? find).focus(); // what had the focus is gone
  };
  const showChips = () => put(chips, chosen.label.map((label) => h('button', { type: 'button',
    class: 'chip', title: 'Remove this filter', 'aria-label': `Remove the filter ${label}`,
    on: { click: () => remove(label) } }, bdi(label), ' ×')));
  const addLabel = (label) => choose({ label: [...new Set([...chosen.label, label])] });
  let first = { of: null, columns: [] }; // by the page's own choice: made once for each list
  const shownColumns = () => {
    if (first.of !== fields.list) first = { of: fields.list, columns: firstColumns(fields.list) };
    return chosen.column.length > 0 ? chosen.column : first.columns;
  };
  const columns = fieldChooser({ name: 'columns', text: 'Columns', label: 'Columns of the table',
    automatic: 'The columns that this page chooses by itself', signal: view.signal, max: columnsMax,
    items: () => ({ all: ranked(fields.newest).map((one) => ({ ...one, id: columnOf(one) })),
      chosen: shownColumns(), isAutomatic: chosen.column.length === 0 }),
    idOf: (id) => parts(id).field, ways: Object.entries(aggregations), wayOf: (id) => parts(id).what,
    withWay: (id, what) => `${what}:${parts(id).field}`, onChoose: (column) => choose({ column }) });

  let shown = null; // columns of fields, as names
  let order = null; // of the hosts, while the reader is at them
  let newest = [];
  const rows = table({ id: 'hosts', caption: 'Hosts', key: (row) => row.host, sort: chosen.sort,
    columns: makeColumns([], addLabel), onSort: (sort) => choose({ sort }) });
  const isRead = reading(view, rows.body, () => showRows(newest));
  const showRows = (hosts) => {
    newest = hosts;
    const next = isRead() && order ? kept(hosts, order, ({ host }) => host) : hosts;
    order = next.map(({ host }) => host);
    if (next.length > 0) rows.show(next);
  };
  const pages = pager({ what: 'hosts', onOffset: (offset) => choose({ offset }) });
  const note = h('span', { class: 'muted small', data: { part: 'hosts-note' } });
  const problem = h('div');
  put(place,
    h('div', { class: 'section-head' }, h('h2', { id: 'hosts-title' }, 'Hosts'), note, chips,
      h('div', { class: 'controls' }, hinted, columns,
        picker({ name: 'state', label: 'State', value: chosen.state, onChange: (state) =>
          choose({ state }), options: [['', 'All'], ['reporting', 'Reporting'], ['silent', 'Silent']] }),
        picker({ name: 'limit', label: 'Rows', value: String(chosen.limit), onChange: (limit) =>
          choose({ limit: Number(limit) }), options: sizes.map((size) => [size, size]) }))),
    problem, rows.element, pages.element);
  showChips();

  const fresh = keepFresh(view, problem, async (signal) => {
    const list = await fields.ready();
    const wanted = withOrder(shownColumns(), chosen.sort, list);
    const sort = orderOf(chosen.sort, wanted);
    const { search: words, state, limit, label } = chosen;
    const ask = () => view.get('api/v1/hosts', { words, state, limit, label, offset: chosen.offset,
      sort, span: frame.span, columns: wanted.join(',') || 'last:uptime' }, { signal });
    let answer = await ask();
    if (answer.hosts.length === 0 && answer.matched > 0) { // there are fewer pages by now
      chosen.offset = lastOffset(answer.matched, chosen.limit);
      answer = await ask();
    }
    const labelled = answer.hosts.some(hasLabels);
    const now = JSON.stringify([wanted, labelled]);
    if (now !== shown) rows.columns(makeColumns(wanted, labelled && addLabel));
    shown = now;
    rows.sorted(sort.startsWith(worst) ? worst : sort);
    showRows(answer.hosts);
    if (answer.hosts.length === 0) {
      rows.none(answer.total === 0 ? 'No host has reported yet.' : 'No host is like that.');
    }
    pages.set({ offset: chosen.offset, limit: chosen.limit, total: answer.matched });
    setText(note, `${answer.matched < answer.total ? `${number(answer.matched)} of ` : ''}${
      number(answer.total)}, peaks and totals of the last ${stretch(answer.span)}`);
    onAnswer(answer);
  }, { content: [rows.element, pages.element, note],
    onState: (state) => { if (state === 'failed') onNone(); } });
  return fresh;
}

function readChoice(query) {
  const state = query.get('state');
  return {
    search: query.get('search') ?? '',
    state: ['reporting', 'silent'].includes(state) ? state : '',
    sort: query.get('sort') || worst,
    limit: sizes.includes(query.get('limit')) ? Number(query.get('limit')) : 50,
    offset: Math.max(0, Number.parseInt(query.get('offset'), 10) || 0),
    label: query.getAll('label'),
    column: readColumns(query.getAll('column')),
  };
}

// The column of an order that an address asks for is shown, too, where hosts fill it.
function withOrder(columns, sort, list) {
  const column = sort.replace(/^-/, '');
  const field = parts(column)?.field;
  const filled = field && list.some(({ name, hosts }) => name === field && hosts > 0);
  return filled && !columns.includes(column) ? [...columns, column] : columns;
}

// What the engine is asked for: an order by what is not shown is that of the worst first.
function orderOf(sort, columns) {
  const column = sort.replace(/^-/, '');
  if (sort !== worst && (plain.includes(column) || columns.includes(column))) return sort;
  return worstFirst(columns);
}

function makeColumns(columns, addLabel) {
  return [
    { name: 'host', label: 'Host', sort: 'asc', of: (row) => `${row.host}\n${row.servers ?? 1}`,
      make: hostCell },
    { name: 'lastSample', label: 'State', sort: 'asc', title: 'Sorted by the last sample',
      of: (row) => (row.silent ? `Silent since ${time(row.lastSample)}` : 'Reporting'),
      tone: (row) => (row.silent ? 'warn' : 'quiet') },
    { name: 'open', label: 'Open', title: 'Open incidents: most first, then by the first peak',
      number: true, sort: 'desc', of: (row) => (row.open ? number(row.open) : nothing),
      tone: (row) => (row.open ? 'bad' : 'quiet') },
    ...columns.map((column, i) => ({ name: column, label: columnLabel(column), cut: true, number: true,
      sort: 'desc', title: columnLabel(column), of: (row) => columnText(column, row.values[i]),
      tone: (row) => columnTone(column, row.values[i]) })),
    ...(addLabel ? [labelColumn(addLabel)] : []),
  ];
}

// A machine on which several servers report says how many they are.
function hostCell(cell) {
  const name = h('span');
  const servers = h('span', { class: 'muted small beside' });
  const fill = nameLink(name, 'cut', ({ host }) => [link('hosts', host), host]);
  put(cell, name, servers);
  return (row) => {
    fill(row);
    setText(servers, serverWords(row));
  };
}
