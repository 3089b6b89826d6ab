// The hosts, as the server filters, sorts and pages them: ten thousand cost the page no more than
// the rows that are seen.

import { lastOffset, pager, picker, search } from '../controls.js';
import { bdi, h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { nothing, number, span, stretch, time } from '../format.js';
import { link } from '../router.js';
import { table } from '../table.js';
import { nameLink } from './incident_columns.js';
import { serverWords } from './texts.js';

const values = ['last:uptime', 'max:cpu.usage', 'max:mem.usage', 'sum:requests.count',
  'sum:eventsIn.count', 'sum:eventsOut.count', 'sum:warnings.count', 'sum:errors.count',
  'sum:criticals.count'];
const sizes = ['25', '50', '100', '200'];

/**
 * Shows them in `place`; `frame` { span } is the time that peaks and totals are of. What the reader
 * chooses is in the address. Gives { anew, pause }, the answer to `onAnswer`, and says
 * `onNone` where there can be none.
 */
export function startHostTable(view, place, frame, onAnswer, onNone) {
  const { query } = view;
  const chosen = {
    search: query.get('search') ?? '',
    state: ['reporting', 'silent'].includes(query.get('state')) ? query.get('state') : '',
    sort: query.get('sort') ?? 'host',
    limit: sizes.includes(query.get('limit')) ? Number(query.get('limit')) : 50,
    offset: Math.max(0, Number.parseInt(query.get('offset'), 10) || 0),
    label: query.getAll('label'),
  };
  const choose = (change) => {
    Object.assign(chosen, { offset: 0 }, change);
    view.setQuery({ ...chosen, sort: chosen.sort === 'host' ? null : chosen.sort,
      limit: chosen.limit === 50 ? null : chosen.limit, offset: chosen.offset || null });
    showChips();
    pages.chose();
    fresh.anew();
  };

  const find = search({ name: 'search', label: 'Search hosts', value: chosen.search,
    signal: view.signal, onChange: (text) => choose({ search: text }) });
  const chips = h('div', { class: 'chips' });
  const remove = (label) => {
    choose({ label: chosen.label.filter((one) => one !== label) });
    (chips.firstChild ?? find).focus(); // what had the focus is gone
  };
  const showChips = () => put(chips, chosen.label.map((label) => h('button', { type: 'button',
    class: 'chip', title: 'Remove this filter', 'aria-label': `Remove the filter ${label}`,
    on: { click: () => remove(label) } }, bdi(label), ' ×')));
  const rows = table({ id: 'hosts', caption: 'Hosts', key: (row) => row.host, sort: chosen.sort,
    columns: columns((label) => choose({ label: [...new Set([...chosen.label, label])] })),
    onSort: (sort) => choose({ sort }) });
  const pages = pager({ what: 'hosts', onOffset: (offset) => choose({ offset }) });
  const note = h('span', { class: 'muted small', data: { part: 'hosts-note' } });
  const problem = h('div');
  put(place,
    h('div', { class: 'section-head' }, h('h2', { id: 'hosts-title' }, 'Hosts'), note, chips,
      h('div', { class: 'controls' }, find,
        picker({ name: 'state', label: 'State', value: chosen.state, onChange: (state) =>
          choose({ state }), options: [['', 'All'], ['reporting', 'Reporting'], ['silent', 'Silent']] }),
        picker({ name: 'limit', label: 'Rows', value: String(chosen.limit), onChange: (limit) =>
          choose({ limit: Number(limit) }), options: sizes.map((size) => [size, size]) }))),
    problem, rows.element, pages.element);
  showChips();

  const fresh = keepFresh(view, problem, async (signal) => {
    rows.sorted(chosen.sort);
    const ask = () => view.get('api/v1/hosts', { ...chosen, span: frame.span,
      columns: values.join(',') }, { signal });
    let answer = await ask();
    if (answer.hosts.length === 0 && answer.matched > 0) { // there are fewer pages by now
      chosen.offset = lastOffset(answer.matched, chosen.limit);
      answer = await ask();
    }
    rows.element.classList.toggle('no-labels', !answer.hosts.some(hasLabels));
    if (answer.hosts.length > 0) rows.show(answer.hosts);
    else rows.none(answer.total === 0 ? 'No host has reported yet.' : 'No host is like that.');
    pages.set({ offset: chosen.offset, limit: chosen.limit, total: answer.matched });
    setText(note, `${answer.matched < answer.total ? `${number(answer.matched)} of ` : ''}${
      number(answer.total)}, peaks and totals of the last ${stretch(answer.span)}`);
    onAnswer(answer);
  }, { content: [rows.element, pages.element, note],
    onState: (state) => { if (state === 'failed') onNone(); } });
  return fresh;
}

function columns(addLabel) {
  const value = (i, label, more = {}) => ({ name: values[i], label, number: true, sort: 'desc',
    of: (row) => number(row.values[i]), tone: (row) => quiet(row.values[i]), ...more });
  return [
    { name: 'host', label: 'Host', sort: 'asc', of: (row) => `${row.host}\n${row.servers ?? 1}`,
      make: hostCell },
    { name: 'lastSample', label: 'State', sort: 'asc', title: 'Sorted by the last sample',
      of: (row) => (row.silent ? `Silent since ${time(row.lastSample)}` : 'Reporting'),
      tone: (row) => (row.silent ? 'warn' : 'quiet') },
    { name: 'open', label: 'Open', title: 'Open incidents', number: true, sort: 'desc',
      of: (row) => (row.open ? number(row.open) : nothing), tone: (row) => (row.open ? 'bad' : 'quiet') },
    value(0, 'Uptime', { of: (row) => (row.values[0] === null ? nothing : span(row.values[0] * 1000)) }),
    value(1, 'Peak CPU', { of: (row) => percent(row.values[1]) }),
    value(2, 'Peak memory', { of: (row) => percent(row.values[2]) }),
    value(3, 'Requests'), value(4, 'Events in'), value(5, 'Events out'),
    value(6, 'Warnings', { tone: (row) => (row.values[6] > 0 ? 'warn' : 'quiet') }),
    value(7, 'Errors', { tone: (row) => (row.values[7] > 0 ? 'bad' : 'quiet') }),
    value(8, 'Criticals', { tone: (row) => (row.values[8] > 0 ? 'bad' : 'quiet') }),
    { name: 'labels', label: 'Labels', of: (row) => JSON.stringify(row.labels ?? {}),
      fill: (cell, row) => put(cell, labelChips(row.labels, addLabel)) },
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

const quiet = (value) => (value ? '' : 'quiet'); // so that what is not nought stands out

const percent = (value) => (value === null ? nothing : `${number(Math.round(value * 10) / 10)} %`);

const hasLabels = ({ labels }) => labels && Object.keys(labels).length > 0;
const chipsMax = 3; // a host may have many labels: its own page has all

function labelChips(labels, add) {
  const entries = Object.entries(labels ?? {}).slice(0, chipsMax);
  return entries.length > 0 && h('span', { class: 'chips' }, entries.map(([name, text]) =>
    h('button', { type: 'button', class: 'chip', title: 'Only hosts with this label',
      on: { click: () => add(`${name}:${text}`) } }, bdi(`${name}:${text}`))));
}
