// What is open, and what was. What the reader chose is in the address, which can be passed on.

import { choice, picker } from '../controls.js';
import { h, put } from '../dom.js';
import { findAmong, findHosts, suggest } from '../suggest.js';
import { engineClock } from './engine_clock.js';
import { frames, isFiltered, localInput, readQuery } from './incident_query.js';
import { startOpenIncidents } from './open_incidents.js';
import { startResolvedIncidents } from './resolved_incidents.js';

export const title = 'Alerting';

export function open(view) {
  const page = { asked: readQuery(view.query), clock: engineClock() };
  const openPlace = h('section', { 'aria-labelledby': 'open-title' });
  const resolvedPlace = h('section', { 'aria-labelledby': 'resolved-title' });
  const lists = {};

  const arrange = () => {
    openPlace.hidden = page.asked.state === 'resolved';
    resolvedPlace.hidden = page.asked.state === 'open';
    if (!openPlace.hidden) lists.open ??= startOpenIncidents(view, openPlace, page);
    if (!resolvedPlace.hidden) lists.resolved ??= startResolvedIncidents(view, resolvedPlace, page);
  };
  page.choose = (change) => {
    Object.assign(page.asked, change);
    view.setQuery(page.asked);
    filters.show(page.asked);
    const before = { ...lists };
    arrange();
    if ('state' in change && Object.keys(change).length === 1) return;
    for (const list of Object.values(before)) list.anew();
  };

  const filters = makeFilters(view, page);
  put(view.root, h('div', { class: 'page-head' }, h('h1', {}, 'Alerting')), filters.element,
    openPlace, resolvedPlace);
  filters.show(page.asked);
  arrange();
}

function makeFilters(view, page) {
  const { choose, asked } = { choose: (change) => page.choose(change), asked: page.asked };
  const rule = suggest({ name: 'rule', label: 'Rule', placeholder: 'Any rule', value: asked.rule,
    signal: view.signal, find: findAmong(ruleNames(view)),
    onChoose: (text) => choose({ rule: text }) });
  const host = suggest({ name: 'host', label: 'Host', placeholder: 'Any host', value: asked.host,
    signal: view.signal, find: findHosts(view), onChoose: (text) => choose({ host: text }) });
  const dates = ['from', 'to'].map((name) => h('input', { type: 'datetime-local', name,
    data: { control: name }, on: { change: (e) => choose({ frame: '', [name]:
      e.target.value ? new Date(e.target.value).toISOString() : '' }) } }));
  const between = h('div', { class: 'between' }, ['From', 'To'].map((label, i) =>
    h('label', { class: 'picker' }, h('span', {}, label), dates[i])));
  let wanted = Boolean(asked.from || asked.to); // the dates, even while there are none
  const times = picker({ name: 'frame', label: 'Time', value: '', options: [['', 'Any'],
    ...frames.map(([value, text]) => [value, text]), ['between', 'Between…']],
    onChange: (frame) => {
    wanted = frame === 'between';
    if (wanted) choose({ frame: '' });
    else choose({ frame, from: '', to: '' });
    if (wanted) dates[0].focus();
  } });
  times.title = 'Open ones by their start, resolved ones by their end';
  const clear = h('button', { type: 'button', class: 'quiet', data: { control: 'clear' }, on: {
    click: () => {
      wanted = false;
      choose({ rule: '', host: '', frame: '', from: '', to: '' });
      rule.input.focus(); // this button is gone
    } } },
  'Clear filters');
  return {
    element: h('div', { class: 'filters', role: 'search', 'aria-label': 'Incidents' },
      choice({ name: 'state', label: 'State', value: asked.state, options: [['', 'All'],
        ['open', 'Open'], ['resolved', 'Resolved']], onChange: (state) => choose({ state }) }),
      times, between, rule.element, host.element, clear),
    show: (now) => {
      rule.set(now.rule);
      host.set(now.host);
      times.querySelector('select').value = wanted ? 'between' : now.frame;
      between.hidden = !wanted;
      dates[0].value = localInput(now.from);
      dates[1].value = localInput(now.to);
      clear.hidden = !isFiltered(now);
    },
  };
}

/** Names of the rules in force, asked for once. */
function ruleNames(view) {
  let names = null;
  view.on('rules', () => { names = null; });
  return () => {
    names ??= view.get('api/v1/rules', { limit: 1000 })
      .then(({ rules }) => rules.map(({ name }) => name));
    names.catch(() => { names = null; });
    return names;
  };
}
