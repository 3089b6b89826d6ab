// Alerting: what has ended, newest first, page behind page as the reader wants to see more.

import { h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { number } from '../format.js';
import { reading } from '../reading.js';
import { failure } from '../states.js';
import { isAbort } from '../api.js';
import { table } from '../table.js';
import { endColumn, hostColumn, lengthColumn, reasonColumn, ruleColumn, startColumn, valueColumn }
  from './incident_columns.js';
import { fits, isFiltered, parameters } from './incident_query.js';

const perPage = 50;
const rowsMax = 1000; // on the page: further back, a span of time is to be chosen
const questionsMax = 5; // a question looks at 20,000 events and may find none

const unsorted = ({ sort, ...column }) => column;

/** Shows them in `place`. `page` has { asked, clock }: see alerting.js. */
export function startResolvedIncidents(view, place, page) {
  return new ResolvedIncidents(view, place, page);
}

class ResolvedIncidents {
  #rows = [];
  #next = null;
  #waiting = [];
  #during = null; // that ended while the list was read

  constructor(view, place, page) {
    Object.assign(this, { view, page });
    this.note = h('span', { class: 'muted small', data: { part: 'resolved-note' } });
    this.news = h('button', { type: 'button', on: { click: () => {
      this.#thaw();
      place.scrollIntoView({ block: 'start' });
    } } });
    this.newer = h('div', { class: 'news', hidden: true }, this.news);
    this.table = table({ id: 'resolved-incidents', caption: 'Resolved incidents, newest end first',
      key: ({ id }) => id, columns: [ruleColumn, hostColumn, endColumn, lengthColumn, reasonColumn,
        valueColumn, startColumn].map(unsorted) });
    this.more = h('button', { type: 'button', data: { control: 'more' }, on: { click: () => this.#older() } },
      'Show older');
    this.foot = h('span', { role: 'status' });
    this.problem = h('div');
    this.moreProblem = h('div');
    const body = h('div', {}, h('div', { class: 'incidents' }, this.newer, this.table.element),
      this.moreProblem, h('div', { class: 'pager' }, this.foot, this.more));
    put(place, h('div', { class: 'section-head' }, h('h2', { id: 'resolved-title' }, 'Resolved'),
      this.note), this.problem, body);
    this.reading = reading(view, this.table.element, () => this.#thaw());
    this.fresh = keepFresh(view, this.problem, (signal) => this.#load(signal),
      { pulses: false, content: [body] });
    view.on('incident', (event) => this.#take(event));
    view.on('reset', () => this.fresh.again());
    view.on('state', ({ connected }) => { if (connected) this.fresh.again(); });
  }

  again() { this.fresh.again(); }

  async #load(signal) {
    this.#during = [];
    const { incidents, next } = await this.#read(null, signal);
    const known = new Set(incidents.map(({ id }) => id));
    this.#rows = [...this.#during.filter(({ id }) => !known.has(id)).reverse(), ...incidents];
    this.#next = next;
    this.#during = null;
    this.#waiting = [];
    this.#draw();
  }

  // A short page is not the last one yet.
  async #read(cursor, signal) {
    const incidents = [];
    for (let i = 0; i < questionsMax; ++i) {
      const answer = await this.view.get('api/v1/incidents', { state: 'resolved', limit: perPage -
        incidents.length, cursor, ...parameters(this.page.asked, this.page.clock.now()) }, { signal });
      incidents.push(...answer.incidents);
      cursor = answer.next;
      if (!cursor || incidents.length >= perPage) break;
    }
    return { incidents, next: cursor };
  }

  async #older() {
    this.more.disabled = true;
    try {
      const { incidents, next } = await this.#read(this.#next);
      this.#rows.push(...incidents);
      this.#next = next;
      put(this.moreProblem);
    } catch (error) {
      if (isAbort(error)) return;
      put(this.moreProblem, failure(error));
    }
    this.more.disabled = false;
    this.#draw();
  }

  #take(event) {
    const asked = parameters(this.page.asked, this.page.clock.now());
    if (event.event !== 'resolved' || !fits(asked, event, Date.parse(event.endTime))) return;
    this.#during?.push(event);
    this.#waiting.unshift(event);
    if (this.#waiting.length > rowsMax) this.#waiting.pop();
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
    }
    this.#draw();
  }

  #draw() {
    this.#rows.length = Math.min(this.#rows.length, rowsMax);
    if (this.#rows.length > 0) this.table.show(this.#rows);
    else {
      this.table.none(this.#next ? 'None like that so far: further back there may be some.' :
        isFiltered(this.page.asked) ? 'Nothing like that has ended, as far as the stream goes back.' :
          'Nothing has been resolved yet, as far as the stream goes back.');
    }
    const full = this.#rows.length >= rowsMax;
    this.more.hidden = !this.#next || full;
    setText(this.foot, full ? `The newest ${number(rowsMax)}: choose a time to see others` :
      this.#rows.length > 0 && this.#next ? `The newest ${number(this.#rows.length)}` : '');
    this.newer.hidden = this.#waiting.length === 0;
    setText(this.news, `${number(this.#waiting.length)} resolved: show`);
    setText(this.note, this.#rows.length > 0 && !this.#next ? number(this.#rows.length) : '');
  }
}
