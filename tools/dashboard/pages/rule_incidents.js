// What is open by one rule: a few, and the way to all.

import { h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { number } from '../format.js';
import { link } from '../router.js';
import { table } from '../table.js';
import { engineClock } from './engine_clock.js';
import { ageColumn, hostColumn, nameLink, startColumn, valueColumn } from './incident_columns.js';

const shown = 10;

export function startRuleIncidents(view, place, rule) {
  const clock = engineClock();
  const note = h('span', { class: 'muted small' });
  const problem = h('div');
  const list = table({ id: 'rule-incidents', caption: 'Open incidents of this rule',
    key: ({ id }) => id,
    columns: [incidentColumn, ageColumn(clock.now), valueColumn, startColumn]
      .map(({ sort, ...column }) => column) });
  const body = h('div', { class: 'incidents' }, list.element);
  put(place, h('div', { class: 'section-head' }, h('h2', { id: 'open-title' }, 'Open incidents'),
    note,
    h('div', { class: 'controls' }, h('a', { href: link('alerting', null, { rule }) },
      'All incidents of this rule'))), problem, body);
  let rows = [];
  const draw = () => {
    if (!fresh.known) return;
    if (rows.length > 0) list.show(rows);
    else list.none('Nothing is open by this rule.');
  };
  const fresh = keepFresh(view, problem, async (signal) => {
    const answer = await view.get('api/v1/incidents', { state: 'active', rule, limit: shown,
      counts: true }, { signal });
    clock.set(answer.asOf);
    rows = answer.incidents;
    setText(note, answer.next ? `the ${shown} oldest of ${number(answer.counts.incidents)}` : '');
    view.draw(draw); // once it is known
  }, { by: 'events', content: [body, note] });
  let due = 0; // many may open at one tick: it is read again once
  view.on('incident', ({ ruleName }) => {
    if (ruleName !== rule) return;
    clearTimeout(due);
    due = setTimeout(fresh.again, 300);
  });
  view.signal.addEventListener('abort', () => clearTimeout(due));
  view.on('tick', ({ endMs }) => {
    clock.set(endMs);
    view.draw(draw);
  });
}

const incidentColumn = { ...hostColumn, of: ({ id }) => id, make: (cell) =>
  nameLink(cell, 'name clamp', ({ id, hostName }) => [link('incidents', id), hostName]) };
