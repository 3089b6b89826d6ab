// A chart for each field of a host. Charts are made as they are asked for, a dozen at a time, and
// what they show is asked for in one question: the whole frame once, then its end at each tick,
// which the engine answers from memory.

import { search } from '../controls.js';
import { bdi, h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { count, number } from '../format.js';
import { matching } from '../rows.js';
import { Series, stepFor } from '../series.js';
import { fieldChart } from './field_chart.js';

const dozen = 12; // one question of the API takes at most 16 fields
const chartsMax = 48; // then the search has to help: a page has its limits, too

/** `about` { host, frame }. Gives { fields(list), rules(list), anew, pause }. */
export function startFieldCharts(view, place, about) {
  const made = new Map(); // field → chart
  const heading = h('h2', { id: 'fields-title' }, 'Fields');
  const grid = h('div', { class: 'charts small-ones', id: 'fields' });
  const more = h('button', { type: 'button', on: { click: () => {
    const before = shown.length;
    shownMax += dozen;
    arrange();
    if (more.hidden || moreLine.hidden) made.get(shown[before].name).focus();
  } } });
  const others = h('span', { class: 'muted' });
  const moreLine = h('p', { class: 'more' }, more, others);
  const problem = h('div');
  const gap = h('p', { class: 'muted small note' });
  const find = search({ name: 'field', label: 'Search fields', value: view.query.get('field') ?? '',
    signal: view.signal, onChange: (text) => {
      wanted = text;
      shownMax = dozen;
      view.setQuery({ field: text });
      arrange();
    } });
  put(place, h('div', { class: 'section-head' }, heading, h('div', { class: 'controls' }, find)),
    problem, grid, gap, moreLine);

  let all = [];
  let rules = new Map();
  let wanted = find.value;
  let shownMax = dozen;
  let shown = [];
  const series = new Map(); // group of fields → Series

  const arrange = () => {
    const found = matching(all, wanted, ({ name }) => [name]);
    const next = found.slice(0, Math.min(shownMax, chartsMax));
    setText(heading, wanted ? `${number(found.length)} of ${count(all.length, 'field')}` :
      count(all.length, 'field'));
    find.hidden = all.length <= dozen && wanted === '';
    const left = found.length - next.length;
    moreLine.hidden = left <= 0;
    more.hidden = next.length >= chartsMax;
    others.hidden = !more.hidden;
    setText(more, `Show ${Math.min(dozen, left, chartsMax - next.length)} more`);
    setText(others, `${count(left, 'more field')}: search for them`);
    const names = next.map(({ name }) => name);
    if (names.join('\n') !== shown.map(({ name }) => name).join('\n')) {
      for (const [name, chart] of made) {
        if (!names.includes(name)) { chart.end(); made.delete(name); }
      }
      for (const { name } of next) {
        if (!made.has(name)) made.set(name, fieldChart(view.signal, name));
      }
      put(grid, next.map(({ name }) => made.get(name).element));
      shown = next;
      series.clear();
      fresh?.again();
    }
    shown = next;
    for (const field of shown) made.get(field.name).about(field, rules.get(field.name) ?? []);
  };

  const load = async (signal) => {
    const names = shown.map(({ name }) => name);
    for (let at = 0; at < names.length; at += dozen) {
      const group = names.slice(at, at + dozen);
      const now = await readSeries(view, series.get(at), about, group, signal);
      series.set(at, now);
      for (const name of group) made.get(name)?.show(now);
      if (at === 0) setText(gap, now.beginWords());
    }
  };

  let fresh = null;
  fresh = keepFresh(view, problem, load, { content: [grid] });
  return {
    fields(list) { all = ordered(list); arrange(); },
    rules(list) { rules = Map.groupBy(list, ({ field }) => field); arrange(); },
    anew() { series.clear(); fresh.anew(); },
    pause(yes) { fresh.pause(yes); },
  };
}

async function readSeries(view, known, { host, frame }, fields, signal) {
  const ask = (span) => view.get('api/v1/series', { host, fields: fields.join(','), ...span,
    step: known?.step ?? stepFor(frame.span) }, { signal });
  if (known && known.join(await ask({ from: known.askFrom(performance.now()) }))) return known;
  const to = Date.now();
  return new Series(await ask({ from: to - frame.span, to }), frame.span);
}

const first = ['cpu.usage', 'mem.usage', 'errors.count', 'criticals.count', 'warnings.count',
  'requests.count', 'requests.latency_avg', 'eventsIn.count', 'eventsOut.count', 'mem.free', 'uptime'];

// What rules watch first, then what every node reports, then by name; what has no value any more last.
function ordered(fields) {
  const place = ({ name, rules, last }) => (rules.length > 0 ? 0 : 100) + (last === null ? 1000 : 0) +
    (first.indexOf(name) + 1 || first.length + 1);
  return fields.slice().sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name));
}
