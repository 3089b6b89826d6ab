// Alerting: what is open now. Read once, then kept by events; read again when that may have missed
// any.

import { pager } from '../controls.js';
import { bdi, h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { count, number } from '../format.js';
import * as live from '../live.js';
import { focusHead, reading } from '../reading.js';
import { table } from '../table.js';
import { ageColumn, hostColumn, ruleColumn, startColumn, valueColumn } from './incident_columns.js';
import { fits, isFiltered, parameters } from './incident_query.js';
import { OpenList } from './open_list.js';

const perPage = 50;
const questionsMax = 5; // of 1,000 incidents each
const chipsMax = 12;
const ticksOff = 3; // so many in which the engine counts another number: then we missed something

/** Shows them in `place`. `page` has { asked, clock, choose(change) }: see alerting.js. */
export function startOpenIncidents(view, place, page) {
  return new OpenIncidents(view, place, page);
}

class OpenIncidents {
  #list = new OpenList();
  #offset = 0;
  #off = 0;

  constructor(view, place, page) {
    Object.assign(this, { view, page });
    this.sort = view.query.get('sort') ?? '-start';
    this.note = h('span', { class: 'muted small', data: { part: 'open-note' } });
    this.chips = h('div', { class: 'chips by-rule', role: 'group', 'aria-label': 'Open by rule' });
    this.more = h('button', { type: 'button', on: { click: () => {
      this.#thaw();
      focusHead(place);
    } } });
    this.waiting = h('div', { class: 'news', hidden: true }, this.more);
    this.table = table({ id: 'open-incidents', caption: 'Open incidents', key: ({ id }) => id,
      columns: [ruleColumn, hostColumn, ageColumn(page.clock.now), valueColumn, startColumn],
      sort: this.sort, onSort: (sort) => this.#choose({ sort }),
      rowClass: ({ endTime }) => (endTime ? 'over' : '') });
    this.pages = pager({ what: 'open incidents', onOffset: (offset) => this.#choose({ offset }) });
    this.problem = h('div');
    const body = h('div', {}, this.chips, h('div', { class: 'incidents' }, this.waiting,
      this.table.element), this.pages.element);
    put(place, h('div', { class: 'section-head' }, h('h2', { id: 'open-title' }, 'Open now'),
      this.note), this.problem, body);
    this.reading = reading(view, this.table.element, () => this.#thaw());
    this.fresh = keepFresh(view, this.problem, (signal) => this.#load(signal),
      { pulses: false, content: [body] });
    this.#follow();
  }

  again() {
    this.#offset = 0;
    this.#thaw();
    this.table.busy(true); // these are not what is asked for now
    this.fresh.again();
  }

  async #load(signal) {
    this.#list.begin();
    const found = [];
    let cursor = null;
    for (let i = 0; i < questionsMax; ++i) {
      const answer = await this.view.get('api/v1/incidents', { state: 'active', limit: 1000, cursor,
        ...parameters(this.page.asked, this.page.clock.now()) }, { signal });
      this.page.clock.set(answer.asOf);
      found.push(...answer.incidents);
      cursor = answer.next;
      if (!cursor) break;
    }
    this.#list.replace(found, !cursor);
    this.table.busy(false);
    this.#off = 0;
    this.#draw();
  }

  #follow() {
    const { view } = this;
    const again = () => this.fresh.again();
    view.on('incident', (event) => this.#take(event));
    view.on('reset', again);
    view.on('rules', () => { this.rules = undefined; this.#draw(); });
    view.on('state', ({ connected }) => { if (connected) again(); });
    view.on('pulse', () => { if (!live.now().connected) again(); });
    view.on('tick', (tick) => this.#tick(tick));
  }

  #take(event) {
    const asked = parameters(this.page.asked, this.page.clock.now());
    if (!fits(asked, event, Date.parse(event.startTime))) return;
    if (this.reading()) this.#list.freeze(this.sort);
    this.#list.take(event);
    this.view.draw(this.drawSoon);
  }

  #tick({ endMs, open }) {
    this.page.clock.set(endMs);
    this.engineOpen = open;
    this.view.draw(this.drawSoon);
    const whole = this.#list.complete && !isFiltered(this.page.asked);
    this.#off = whole && open !== this.#list.size ? this.#off + 1 : 0;
    if (this.#off >= ticksOff) this.fresh.again();
  }

  drawSoon = () => this.#draw();

  #choose({ sort = this.sort, offset = 0 }) {
    this.sort = sort;
    this.#offset = offset;
    this.view.setQuery({ sort: sort === '-start' ? null : sort });
    this.table.sorted(sort);
    this.pages.chose();
    this.#thaw();
  }

  #thaw() {
    this.#list.thaw();
    this.#draw();
  }

  #draw() {
    const all = this.#list.rows(this.sort);
    const lastPage = Math.floor(Math.max(0, all.length - 1) / perPage) * perPage;
    this.#offset = Math.min(this.#offset, lastPage);
    if (all.length > 0) this.table.show(all.slice(this.#offset, this.#offset + perPage));
    else this.#showNone();
    this.pages.set({ offset: this.#offset, limit: perPage, total: all.length });
    this.pages.element.hidden = all.length <= perPage;
    this.#showNews();
    this.#showCounts();
  }

  #showNone() {
    const filtered = isFiltered(this.page.asked);
    if (this.rules === 0 && !filtered) {
      this.table.none('No rule is in force, so nothing can open: see ', h('a', { href: '#/rules' },
        'Rules'), '.');
    } else if (filtered) this.table.none('Nothing like that is open.');
    else this.table.none('Nothing is open. All is calm.');
    if (this.rules === undefined && !filtered) this.#askForRules();
  }

  // An empty list means little where there is no rule.
  async #askForRules() {
    this.rules = null; // asked for
    const answer = await this.view.get('api/v1/rules', { limit: 1 }).catch(() => null);
    this.rules = answer?.total ?? null;
    if (this.rules === 0) this.#draw();
  }

  #showNews() {
    const { opened, resolved } = this.#list.waiting();
    const parts = [opened && `${number(opened)} opened`,
      resolved && `${number(resolved)} resolved`];
    this.waiting.hidden = opened + resolved === 0;
    setText(this.more, `${parts.filter(Boolean).join(', ')}: show`);
  }

  #showCounts() {
    const { hosts, rules } = this.#list.counts();
    const { size, complete } = this.#list;
    const all = !isFiltered(this.page.asked) && this.engineOpen > size;
    setText(this.note, size === 0 ? '' : `${number(size)}${complete || !all ? '' :
      ` of ${number(this.engineOpen)}`}, on ${count(hosts, 'host')}, by ${
      count(rules.length, 'rule')}${complete ? '' :
      '. These are the oldest, and what opened since: choose a rule or a host to see the others'}`);
    this.#showChips(rules);
  }

  #showChips(rules) {
    const shown = rules.length > 1 ? rules.slice(0, chipsMax) : [];
    const said = JSON.stringify([shown, rules.length]);
    if (said === this.chipsSaid || this.chips.contains(document.activeElement)) return;
    this.chipsSaid = said;
    put(this.chips, shown.map(([rule, n]) => h('button', { type: 'button', class: 'chip',
      title: 'Only this rule', on: { click: () => this.page.choose({ rule }) } },
    bdi(rule), h('strong', {}, number(n)))),
    rules.length > shown.length && shown.length > 0 &&
      h('span', { class: 'muted small' },
        `and ${count(rules.length - shown.length, 'rule')} more`));
    this.chips.hidden = shown.length === 0;
  }
}
