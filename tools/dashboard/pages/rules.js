// Every rule in words, and for how many hosts it is met, unknown, in order.

import { lastOffset, pager, search } from '../controls.js';
import { bdi, h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { count, nothing, number } from '../format.js';
import { reading } from '../reading.js';
import { link } from '../router.js';
import { matching, sorted } from '../rows.js';
import { empty } from '../states.js';
import { table } from '../table.js';
import { ruleWords } from '../words.js';
import { cost, readRules, sortValues, whyUnknown } from './rules_data.js';
import { shareBar } from './share_bar.js';

export const title = 'Rules';

const perPage = 100;

export function open(view) {
  return new Rules(view);
}

class Rules {
  #rules = [];
  #order = null; // names, while the reader is at them

  constructor(view) {
    this.view = view;
    const { query } = view;
    this.chosen = { search: query.get('search') ?? '', sort: query.get('sort') ?? '-open',
      offset: 0 };
    this.note = h('span', { class: 'muted small', data: { part: 'rules-note' } });
    this.table = table({ id: 'rules', caption: 'Rules', key: ({ name }) => name,
      columns: columns(this),
      sort: this.chosen.sort, onSort: (sort) => this.#choose({ sort }) });
    this.pages = pager({ what: 'rules', onOffset: (offset) => this.#choose({ offset }) });
    this.problem = h('div');
    this.body = h('div', {}, this.table.element, this.pages.element);
    this.none = h('div');
    put(view.root, h('div', { class: 'page-head' }, h('h1', {}, 'Rules'), this.note,
      this.controls = h('div', { class: 'controls' }, search({
        name: 'search', label: 'Search rules',
        value: this.chosen.search, signal: view.signal, onChange: (text) =>
          this.#choose({ search: text }) }))), this.problem, this.none, this.body);
    this.reading = reading(view, this.table.element, () => this.#show(true));
    keepFresh(view, this.problem, (signal) => this.#load(signal), { gapMs: 4000,
      content: [this.note, this.none, this.body] });
  }

  async #load(signal) {
    const answer = await readRules(this.view, signal);
    this.#rules = answer.rules;
    this.dearest = Math.max(1, ...answer.rules.map((rule) => rule.cost?.nsPerTick ?? 0));
    this.standing = answer.standing;
    this.total = answer.total;
    this.#show(!this.reading());
  }

  #choose(change) {
    Object.assign(this.chosen, { offset: 0 }, change);
    const { sort, search: text } = this.chosen;
    this.view.setQuery({ search: text, sort: sort === '-open' ? null : sort });
    this.table.sorted(sort);
    this.pages.chose();
    this.#show(true);
  }

  // While the reader is at the table, numbers change and rows stay.
  #show(reorder) {
    if (this.total === undefined) return;
    const all = this.#rules;
    if (reorder || !this.#order) {
      const { search: text, sort } = this.chosen;
      const found = matching(all, text, (rule) => [rule.name, ruleWords(rule),
        ...Object.entries(rule.labels ?? {}).map(([label, value]) => `${label}:${value}`)]);
      const worst = sort.endsWith('name') ? found : sorted(found, '-breach', sortValues);
      this.#order = sorted(worst, sort, sortValues).map(({ name }) => name);
    }
    const byName = new Map(all.map((rule) => [rule.name, rule]));
    const rows = this.#order.map((name) => byName.get(name)).filter(Boolean);
    this.#draw(rows);
  }

  #draw(rows) {
    const offset = Math.min(this.chosen.offset, lastOffset(rows.length, perPage)); // some may be gone
    this.body.hidden = this.total === 0;
    this.controls.hidden = this.total === 0;
    if (this.total === 0) {
      if (!this.none.firstChild) put(this.none, noRules());
      return;
    }
    put(this.none);
    if (rows.length > 0) this.table.show(rows.slice(offset, offset + perPage));
    else this.table.none('No rule is like that.');
    this.pages.set({ offset, limit: perPage, total: rows.length });
    this.pages.element.hidden = rows.length <= perPage;
    setText(this.note, `${rows.length < this.total ? `${number(rows.length)} of ` : ''}${
      count(this.total, 'rule')}${this.standing ? '' :
      '; how they stand is known where they are evaluated: not here, or not yet'}`);
  }
}

function columns(page) {
  const figure = (name, label, tone, title) => ({ name, label, title, number: true, sort: 'desc',
    of: ({ state }) => (state ? (state[name] === 0 ? '0' : number(state[name])) : nothing),
    tone: ({ state }) => (state?.[name] > 0 ? tone : '') });
  return [
    { name: 'name', label: 'Rule', sort: 'asc', of: ({ name, text, labels }) =>
      JSON.stringify([name, text, labels]), fill: (cell, { name, ...rule }) => put(cell,
      h('a', { class: 'name clamp', href: link('rules', name), title: name }, bdi(name)),
      h('span', { class: 'words muted small', dir: 'auto' }, ruleWords(rule))) },
    figure('open', 'Open', 'bad', 'Open incidents'),
    figure('breach', 'In breach', 'bad', 'Hosts for which the rule is met at the last check'),
    { ...figure('unknown', 'Unknown', 'warn', 'Hosts for which that is not known, and why'),
      of: ({ state }) => (state ? `${number(state.unknown)} ${whyUnknown(state)}` : nothing),
      fill: (cell, { state }) => put(cell, state ? [number(state.unknown),
        h('span', { class: 'small why' }, whyUnknown(state))] : nothing) },
    figure('clear', 'In order', '', 'Hosts for which the rule is not met'),
    figure('coolingDown', 'Cooling down', '',
      'Hosts for which nothing opens until the cooldown is over'),
    { name: 'hosts', label: 'Hosts', title: 'Hosts that have reported the field', sort: 'desc',
      number: true,
      of: ({ state }) => (state ? [state.breach, state.unknown, state.clear].join() : nothing),
      fill: (cell, { state }) => put(cell, state ? [number(state.hosts), bar(state)] : nothing) },
    { name: 'cost', label: 'Cost per tick', title: 'Time that a check of all hosts takes',
      sort: 'desc', number: true, of: costWords,
      fill: (cell, rule) => put(cell, costWords(rule), rule.cost && meter(rule, page)) },
  ];
}

// What is measured is never twice the same: two digits say enough.
const costWords = ({ cost: spent }) => cost(spent && Number(spent.nsPerTick.toPrecision(2)));

function bar(state) {
  const made = shareBar();
  made.set(state);
  return made.element;
}

function meter({ cost: { nsPerTick } }, { dearest }) {
  return h('span', { class: 'meter', 'aria-hidden': 'true' },
    h('span', { style: { width: `${Math.max(1, Math.round(nsPerTick / dearest * 100))}%` } }));
}

const example = `"pro": { "alerting": {
  "enabled": true,
  "rules": [ {
    "name": "High CPU",
    "field": "cpu.usage",
    "aggregation": "avg",
    "operand": "equalOrMoreThan",
    "value": 80,
    "timeframe": "2m"
  } ]
} }`;

function noRules() {
  return [empty('No rule is in force', 'Write rules in botpress.config.json, below ',
    h('code', {}, 'pro.alerting.rules'), ': they are in force within',
    ' seconds of being saved.'), h('pre', { class: 'command',
      tabindex: '0', role: 'group', 'aria-label': 'Example' }, example)];
}
