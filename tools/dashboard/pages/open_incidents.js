// Alerting: what is open now. Read once, then kept by events; read again when that may have missed
// any. How many there are, on how many hosts and by which rules, is the engine's to count: of many
// only the newest are here.

import { lastOffset, pager } from '../controls.js';
import { bdi, h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { count, number } from '../format.js';
import { focusHead, reading } from '../reading.js';
import { table } from '../table.js';
import { calmWords, startCalm } from './calm.js';
import { ageColumn, hostColumn, ruleColumn, startColumn, valueColumn } from './incident_columns.js';
import { fits, isFiltered, parameters } from './incident_query.js';
import { OpenList } from './open_list.js';

const perPage = 50;
const readMax = 5000; // of so many each change is shown within a frame
const chipsMax = 12;
const ticksOff = 3; // so many in which the engine counts another number: then we missed something
const recountMs = 10_000; // of those that are not here

/** Shows them in `place`. `page` has { asked, clock, choose(change) }: see alerting.js. */
export function startOpenIncidents(view, place, page) {
  return new OpenIncidents(view, place, page);
}

class OpenIncidents {
  #list = new OpenList();
  #offset = 0;
  #off = 0;
  #readAt = null; // reader's time
  #counted = -Infinity; // when the engine was last asked for its counts

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
      { by: 'events', content: [body, this.note], onState: () => this.view.draw(this.drawSoon) });
    this.calm = startCalm(view, () => this.#list.size === 0 && !isFiltered(page.asked) &&
      this.fresh.known, this.drawSoon);
    view.on('incident', (event) => this.#take(event));
    view.on('tick', (tick) => this.#tick(tick));
  }

  anew() {
    this.#offset = 0;
    this.#list.thaw();
    this.fresh.anew();
  }

  #ask(more, signal) {
    return this.view.get('api/v1/incidents', { state: 'active', counts: true, ...more,
      ...parameters(this.page.asked, this.page.clock.now()) }, { signal });
  }

  async #load(signal) {
    this.#list.begin();
    const answer = await this.#ask({ order: 'newest', limit: readMax }, signal);
    this.page.clock.set(answer.asOf);
    this.#readAt = Date.now();
    this.#list.replace(answer.incidents, answer.next === null);
    this.#takeCounts(answer);
    this.#off = 0;
    this.view.draw(this.drawSoon); // once it is known
  }

  #takeCounts({ counts }) {
    this.counts = counts;
    this.#counted = performance.now();
    if (!isFiltered(this.page.asked)) this.engineOpen = counts.incidents;
  }

  // What is not here opens and resolves as well.
  async #recount() {
    if (performance.now() - this.#counted < recountMs || !this.fresh.known) return;
    this.#counted = performance.now();
    const { asked } = this.page;
    const before = JSON.stringify(asked);
    const answer = await this.#ask({ limit: 1 }).catch(() => null); // the next tick asks again
    if (!answer || JSON.stringify(asked) !== before) return;
    this.#takeCounts(answer);
    this.view.draw(this.drawSoon);
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
    const { complete, size } = this.#list;
    const filtered = isFiltered(this.page.asked);
    this.#off = complete && !filtered && open !== size ? this.#off + 1 : 0;
    if (!this.fresh.known) return;
    if (!complete) this.#recount();
    const tooFew = !complete && size < readMax / 2; // there is room for older ones
    if (this.#off >= ticksOff || tooFew || (size === 0 && this.#off > 0)) this.fresh.look();
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
    if (!this.fresh.known) return; // what is here is no answer
    const all = this.#list.rows(this.sort);
    this.#offset = Math.min(this.#offset, lastOffset(all.length, perPage));
    const shown = all.slice(this.#offset, this.#offset + perPage);
    if (shown.length > 0) this.table.show(shown);
    else this.#showNone();
    this.pages.set({ offset: this.#offset, limit: perPage, total: all.length });
    this.pages.element.hidden = all.length <= perPage;
    this.#showNews();
    this.#showCounts();
    const atEnd = this.#offset + perPage >= all.length;
    this.table.foot(this.sort === '-start' && atEnd ? this.#missingWords() : '');
  }

  #showNone() {
    const filtered = isFiltered(this.page.asked);
    const { known, look } = this.calm;
    if (!filtered) look();
    this.table.none(calmWords({ filtered, open: this.engineOpen, ...known,
      staleSince: this.fresh.state === 'stale' ? this.#readAt : null }));
  }

  #showNews() {
    const { opened, resolved } = this.#list.waiting();
    const parts = [opened && `${number(opened)} opened`,
      resolved && `${number(resolved)} resolved`];
    this.waiting.hidden = opened + resolved === 0;
    setText(this.more, `${parts.filter(Boolean).join(', ')}: show`);
  }

  // Of a list that is whole here, it has them; else the engine, some seconds ago.
  #totals() {
    const { size, complete } = this.#list;
    if (!complete) {
      const { incidents, hosts, rules, byRule } = this.counts;
      const open = isFiltered(this.page.asked) ? incidents : this.engineOpen;
      return { open: Math.max(open, size), hosts, rules,
        byRule: byRule.map((one) => [one.rule, one.incidents]) };
    }
    const { hosts, rules } = this.#list.counts();
    return { open: size, hosts, rules: rules.length, byRule: rules };
  }

  #missingWords() {
    const { complete, size } = this.#list;
    const left = complete ? 0 : this.#totals().open - size;
    return left > 0 ? `${number(left)} older ${left === 1 ? 'one is' : 'ones are'} open, too: ` +
      'choose a rule, a host or a time to see them' : '';
  }

  #showCounts() {
    const { open, hosts, rules, byRule } = this.#totals();
    const { complete, size } = this.#list;
    setText(this.note, open === 0 ? '' : `${number(open)}, on ${count(hosts, 'host')}, by ${
      count(rules, 'rule')}${complete ? '' : `. The newest ${number(size)} are listed: choose a ` +
      'rule, a host or a time to see the others'}`);
    this.#showChips(byRule, rules);
  }

  #showChips(byRule, rules) {
    const shown = rules > 1 ? byRule.slice(0, chipsMax) : [];
    const said = JSON.stringify([shown, rules]);
    if (said === this.chipsSaid || this.chips.contains(document.activeElement)) return;
    this.chipsSaid = said;
    put(this.chips, shown.map(([rule, n]) => h('button', { type: 'button', class: 'chip',
      title: 'Only this rule', on: { click: () => this.page.choose({ rule }) } },
    bdi(rule), h('strong', {}, number(n)))),
    rules > shown.length && shown.length > 0 &&
      h('span', { class: 'muted small' }, `and ${count(rules - shown.length, 'rule')} more`));
    this.chips.hidden = shown.length === 0;
  }
}
