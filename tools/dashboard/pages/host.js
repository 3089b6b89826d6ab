// One host: every field it reports, as charts with the thresholds of the rules on it; what is open.

import { choice, search, toggle } from '../controls.js';
import { bdi, h, put, setAttribute, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { count } from '../format.js';
import { moment } from '../moment.js';
import { link } from '../router.js';
import { quantity } from '../words.js';
import { startFieldCharts } from './field_charts.js';
import { readRules } from './rules_data.js';
import { serverWords } from './texts.js';

export const title = ({ name }) => name;

const frames = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000, '5h': 18_000_000 };

export function open(view) {
  const { name } = view.parameters;
  const frame = { name: view.query.get('frame') in frames ? view.query.get('frame') : '15m',
    get span() { return frames[this.name]; } };
  const status = h('div', { class: 'status', id: 'host-status' });
  const incidents = h('div');
  const problem = h('div');
  const fields = h('section');
  const noRules = h('div');

  put(view.root, h('div', { class: 'page-head' },
    h('div', {}, h('p', { class: 'crumb' }, h('a', { href: '#/' }, 'Monitoring'), ' / host'),
      h('h1', {}, bdi(name)), status),
    h('div', { class: 'controls' },
      choice({ name: 'frame', label: 'Time frame', value: frame.name,
        options: Object.keys(frames).map((one) => [one, one]), onChange: (one) => {
          frame.name = one;
          view.setQuery({ frame: one === '15m' ? null : one });
          charts.anew();
        } }),
      toggle({ name: 'refresh', label: 'Auto refresh', title: 'Follow the engine, tick by tick',
        value: true, onChange: (on) => {
          about.pause(!on);
          charts.pause(!on);
        } }))),
  problem, incidents, noRules, fields);

  const charts = startFieldCharts(view, fields, { host: name, frame });
  let shown = '';
  let host = null;
  let rules = [];
  const show = () => {
    if (!host) return;
    // What says the same is not drawn again.
    const now = JSON.stringify([host.silent, host.silent && host.lastSample, host.labels, host.open,
      host.servers, rules.length]);
    if (now === shown) return;
    showStatus(status, host);
    showOpen(incidents, host, rules);
    shown = now;
  };
  const about = keepFresh(view, problem, async (signal) => {
    host = await view.get('api/v1/host', { name }, { signal });
    show();
    charts.fields(host.fields);
  }, { content: [status, incidents, fields] });
  // Charts without thresholds are better than none.
  const inForce = keepFresh(view, noRules, async (signal) => {
    ({ rules } = await readRules(view, signal, false));
    charts.rules(rules);
    shown = '';
    show();
  }, { by: 'once' });
  view.on('rules', inForce.again);
}

function showStatus(place, host) {
  const labels = Object.entries(host.labels ?? {});
  put(place,
    h('span', { class: 'pill', data: { tone: host.silent ? 'warn' : 'good' } },
      host.silent ? 'Silent' : 'Reporting'),
    host.silent && h('span', {}, 'last sample ', moment(host.lastSample)),
    host.since && h('span', {}, 'known since ', moment(host.since)),
    host.servers > 1 && h('span', { title: 'So many report from this machine' }, serverWords(host)),
    labels.length > 0 && h('span', { class: 'chips' }, labels.map(([key, value]) =>
      h('a', { class: 'chip', title: 'All hosts with this label',
        href: link('', null, { label: `${key}:${value}` }) }, bdi(`${key}:${value}`)))));
}

// Also where there is none: what is below does not move when the first opens.
function showOpen(place, host, rules) {
  const ruleOf = (name) => rules.find((rule) => rule.name === name) ?? {};
  const none = host.open.length === 0;
  put(place, h('section', { 'aria-labelledby': 'open-title' },
    h('div', { class: 'section-head' }, h('h2', { id: 'open-title' },
      none ? 'Open incidents' : count(host.open.length, 'open incident')),
    h('div', { class: 'controls small' }, h('a', { href: link('alerting', null,
      { host: host.host }) }, 'All incidents of this host'))),
    h('ul', { class: 'panel lines', id: 'open' }, none ?
      h('li', { class: 'none' }, 'Nothing is open for this host.') : host.open.map((one) => h('li', {},
        h('a', { href: link('rules', one.rule, { host: host.host }) }, bdi(one.rule)),
        h('span', {}, 'since ', moment(one.startTime)),
        h('span', { class: 'muted' }, `opened at ${
          quantity(ruleOf(one.rule), one.triggerValue, ruleOf(one.rule).value)}`))))));
}
