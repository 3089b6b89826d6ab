// Alerting: what has ended, newest first, and more of it when the reader wants to see older ones.

import { isOff, turnOff } from '../controls.js';
import { h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { number } from '../format.js';
import { focusHead, reading } from '../reading.js';
import { table } from '../table.js';
import { endColumn, hostColumn, lengthColumn, reasonColumn, ruleColumn, startColumn, valueColumn }
  from './incident_columns.js';
import { fits, isFiltered, parameters } from './incident_query.js';

const atFirst = 50;
const rowsMax = 1000; // on the page: further back, a span of time is to be chosen
const questionsMax = 5; // a question looks at 20,000 events and may find none

const unsorted = ({ sort, ...column }) => column;

/** Shows them in `place`. `page` has { asked, clock }: see alerting.js. */
export function startResolvedIncidents(view, place, page) {
  return new ResolvedIncidents(view, place, page);
}

class ResolvedIncidents {
  #rows = [];
  #wanted = atFirst; // rows
  #hasOlder = false; // whether there may be older ones
  #waiting = []; // that ended while the reader was at the list: the newest of them
  #arrived = 0; // how many these were
  #during = null; // that ended while the list was read

  constructor(view, place, page) {
    Object.assign(this, { view, page });
    this.note = h('span', { class: 'muted small', data: { part: 'resolved-note' } });
    this.news = h('button', { type: 'button', on: { click: () => {
      this.#thaw();
      focusHead(place);
    } } });
    this.newer = h('div', { class: 'news', hidden: true }, this.news);
    this.table = table({ id: 'resolved-incidents', caption: 'Resolved incidents, newest end first',
      key: ({ id }) => id, columns: [ruleColumn, hostColumn, endColumn, lengthColumn, reasonColumn,
        valueColumn, startColumn].map(unsorted) });
    this.more = h('button', { type: 'button', data: { control: 'more' }, on:
      { click: () => this.#older() } }, 'Show older');
    this.foot = h('span', { role: 'status' });
    this.problem = h('div');
    const body = h('div', {}, h('div', { class: 'incidents' }, this.newer, this.table.element),
      h('div', { class: 'pager' }, this.foot, this.more));
    put(place, h('div', { class: 'section-head' }, h('h2', { id: 'resolved-title' }, 'Resolved'),
      this.note), this.problem, body);
    this.reading = reading(view, this.table.element, () => this.#thaw());
    this.fresh = keepFresh(view, this.problem, (signal) => this.#load(signal),
      { by: 'events', content: [body, this.note] });
    view.on('incident', (event) => this.#take(event));
  }

  anew() {
    this.#wanted = atFirst;
    this.fresh.anew();
  }

  async #load(signal) {
    this.#during = [];
    const { incidents, next } = await this.#read(signal);
    const known = new Set(incidents.map(({ id }) => id));
    this.#rows = [...this.#during.filter(({ id }) => !known.has(id)).reverse(), ...incidents];
    this.#hasOlder = next !== null;
    this.#during = null;
    this.#waiting = [];
    this.#arrived = 0;
    this.view.draw(this.drawSoon); // once it is known
  }

  // A short page is not the last one yet.
  async #read(signal) {
    const incidents = [];
    const wanted = this.#wanted;
    let cursor = null;
    for (let i = 0; i < questionsMax; ++i) {
      const answer = await this.view.get('api/v1/incidents', { state: 'resolved', cursor,
        limit: wanted - incidents.length, ...parameters(this.page.asked, this.page.clock.now()) },
      { signal });
      incidents.push(...answer.incidents);
      cursor = answer.next;
      if (!cursor || incidents.length >= wanted) break;
    }
    return { incidents, next: cursor };
  }

  #older() {
    if (isOff(this.more)) return;
    this.#wanted = Math.min(rowsMax, this.#wanted * 2);
    turnOff(this.more, true);
    this.fresh.again();
  }

  #take(event) {
    const asked = parameters(this.page.asked, this.page.clock.now());
    if (event.event !== 'resolved' || !fits(asked, event, Date.parse(event.endTime))) return;
    this.#during?.push(event);
    this.#waiting.unshift(event);
    ++this.#arrived;
    if (this.#waiting.length > this.#wanted) this.#waiting.pop();
    this.view.draw(this.drawSoon);
  }

  drawSoon = () => {
    if (!this.reading()) this.#thaw();
    else this.#draw();
  };

  #thaw() {
    if (this.#waiting.length > 0) {
      const known = new Set(this.#rows.map(({ id }) => id));
      this.#rows.unshift(...this.#waiting.filter(({ id }) => !known.has(id)));
      this.#waiting = [];
      this.#arrived = 0;
    }
    this.#draw();
  }

  #draw() {
    if (!this.fresh.known) return;
    this.#hasOlder ||= this.#rows.length > this.#wanted;
    this.#rows.length = Math.min(this.#rows.length, this.#wanted);
    turnOff(this.more, false);
    if (this.#rows.length > 0) this.table.show(this.#rows);
    else {
      this.table.none(this.#hasOlder ? 'None like that so far: further back there may be some.' :
        isFiltered(this.page.asked) ?
          'Nothing like that has ended, as far as the stream goes back.' :
          'Nothing has been resolved yet, as far as the stream goes back.');
    }
    const full = this.#rows.length >= rowsMax;
    const focused = this.more === document.activeElement;
    this.more.hidden = !this.#hasOlder || full;
    if (focused && this.more.hidden) this.table.element.focus({ preventScroll: true });
    setText(this.foot, full ? `The newest ${number(rowsMax)}: choose a time to see others` :
      this.#rows.length > 0 && this.#hasOlder ? `The newest ${number(this.#rows.length)}` : '');
    this.newer.hidden = this.#waiting.length === 0;
    setText(this.news, `${number(this.#arrived)} resolved: show`);
    setText(this.note, this.#rows.length > 0 && !this.#hasOlder ? number(this.#rows.length) : '');
  }
}
