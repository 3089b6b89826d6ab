// The last samples that were not taken as they came, so that whoever sent them can be found.

import { bdi, h, put } from '../dom.js';
import { number, span } from '../format.js';
import { moment } from '../moment.js';
import { link } from '../router.js';

const lists = [
  ['rejected', 'Rejected samples and lines', (one) => [h('code', {}, bdi(one.what)), h('span', {}, one.why)]],
  ['late', 'Late samples', (one) => [host(one), h('span', {}, `${span(one.byMs)} late, for `,
    moment(one.ts))]],
  ['early', 'Early samples', (one) => [host(one), h('span', {}, `${span(one.byMs)} early, for `,
    moment(one.ts))]],
  ['repeated', 'Repeated samples', (one) => [host(one), h('span', {}, 'twice for ', moment(one.ts))]],
];

export function showExamples(place, { examples, skewed }) {
  const text = JSON.stringify([examples, skewed]);
  if (place.said === text) return;
  place.said = text;
  const panels = lists.filter(([name]) => examples[name]?.length > 0).map(([name, title, line]) =>
    panel(title, 'newest first', examples[name].slice().sort((a, b) => b.at.localeCompare(a.at))
      .map((one) => h('li', {}, line(one), h('span', { class: 'muted' }, moment(one.at))))));
  if (skewed?.length > 0) {
    panels.push(panel('Hosts with skewed clocks', `${number(skewed.length)}`, skewed.map((one) =>
      h('li', {}, host(one), h('span', {}, one.aheadMs > 0 ? `${span(one.aheadMs)} ahead` :
        `${span(-one.aheadMs)} behind`)))));
  }
  put(place, panels.length > 0 && [h('div', { class: 'section-head' },
    h('h2', {}, 'Not taken as they came')), h('div', { class: 'columns' }, panels)]);
}

function panel(title, note, lines) {
  return h('div', { class: 'panel' }, h('h3', { class: 'panel-title' }, title,
    h('span', { class: 'muted small' }, ` ${note}`)), h('ul', { class: 'lines' }, lines));
}

function host(one) {
  return h('a', { href: link('hosts', one.host) }, bdi(one.host));
}
