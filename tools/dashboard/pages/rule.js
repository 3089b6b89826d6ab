// One rule: in words, how it stands, what is open, and why it does not fire for a certain host.

import { bdi, h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { count, number } from '../format.js';
import { link } from '../router.js';
import { empty } from '../states.js';
import { condition, duration, ruleWords, subject, unknownParts } from '../words.js';
import { startRuleIncidents } from './rule_incidents.js';
import { cost, readRule } from './rules_data.js';
import { shareBar } from './share_bar.js';
import { labelChips, textFacts } from './texts.js';
import { startWhy } from './why.js';

export const title = ({ name }) => name;

export function open(view) {
  const { name } = view.parameters;
  const text = h('p', { class: 'lead', dir: 'auto' });
  const problem = h('div');
  const place = h('div');
  put(view.root, h('div', { class: 'page-head' }, h('div', {},
    h('p', { class: 'crumb' }, h('a', { href: '#/rules' }, 'Rules'), ' / rule'),
    h('h1', {}, bdi(name)), text)), problem, place);

  let parts = null;
  let at = null;
  keepFresh(view, problem, async (signal) => {
    const found = await readRule(view, name, at, signal);
    at = found.at;
    if (!found.rule) {
      parts = null;
      setText(text, '');
      return put(place, notInForce(name));
    }
    parts ??= build(view, name, place);
    setText(text, sentence(ruleWords(found.rule)));
    return parts.show(found.rule);
  }, { content: [text, place] });
}

function build(view, name, place) {
  const figures = h('dl', { class: 'figures panel' });
  const facts = h('dl', { class: 'facts wordy' });
  const incidents = h('section', { 'aria-labelledby': 'open-title' });
  const why = h('section', { 'aria-labelledby': 'why-title' });
  put(place, figures, why, incidents, h('section', {}, h('div', { class: 'section-head' },
    h('h2', {}, 'The rule')), h('div', { class: 'panel pad' }, facts)));
  startRuleIncidents(view, incidents, name);
  startWhy(view, why, name);
  const showFigures = standing(figures);
  let said = '';
  return { show: ({ state, cost: spent, ...rule }) => {
    showFigures(state, spent);
    const now = JSON.stringify(rule);
    if (now !== said) put(facts, factsOf(rule));
    said = now;
  } };
}

// Made once, then only the numbers change.
function standing(place) {
  const figure = (name) => {
    const value = h('span', {});
    const more = h('div', { class: 'muted beneath' });
    return { element: h('div', {}, h('dt', {}, name), h('dd', {}, value, more)), value, more };
  };
  const all = { open: figure('Open incidents'), breach: figure('Hosts in breach'),
    unknown: figure('Unknown'), clear: figure('In order'), coolingDown: figure('Cooling down'),
    cost: figure('Cost per tick') };
  const bar = shareBar();
  all.breach.element.lastChild.append(bar.element);
  
  put(place, Object.values(all).map(({ element }) => element));
  return (state, spent) => {
    for (const name of ['open', 'breach', 'unknown', 'clear', 'coolingDown']) {
      setText(all[name].value, number(state?.[name] ?? null));
    }
    setText(all.cost.value, cost(spent?.nsPerTick));
    setText(all.unknown.more, unknownParts(state?.unknownWhy).map(([n, word]) =>
      `${number(n)} ${word}`).join(', '));
    setText(all.breach.more, state ? `of ${count(state.hosts, 'host')}` :
      'not evaluated here, or not yet');
    if (state) bar.set(state);
    bar.element.hidden = !state;
    all.open.value.dataset.tone = state?.open > 0 ? 'bad' : '';
    all.breach.value.dataset.tone = state?.breach > 0 ? 'bad' : '';
    all.unknown.value.dataset.tone = state?.unknown > 0 ? 'warn' : '';
  };
}

function factsOf(rule) {
  const fact = (name, ...value) => [h('dt', {}, name), h('dd', {}, value)];
  return [
    fact('Field', h('code', {}, bdi(rule.field))),
    fact('Met when', `${subject(rule)} ${condition(rule, rule.value)}`),
    fact('Window', duration(rule.timeframe)),
    fact('Cooldown', rule.cooldown ? `${duration(rule.cooldown)} after it was resolved` : 'none'),
    fact('No data', rule.noData === 'resolve' ? 'a window without any value resolves' :
      'silence is no recovery: nothing is resolved'),
    fact('New hosts', rule.partial ? 'judged by what there is, from the first value on' :
      'checked as soon as what came before could not change the verdict'),
    Object.keys(rule.labels ?? {}).length > 0 && fact('Labels', labelChips(rule.labels)),
    textFacts(rule.annotations),
  ];
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function notInForce(name) {
  return empty('No such rule is in force', 'It may have been renamed or taken out. ',
    h('a', { href: link('alerting', null, { rule: name }) }, 'Incidents of that name'), ', ',
    h('a', { href: '#/rules' }, 'all rules'), '.');
}
