// The line of figures at the top: what one wants to know before anything else. That of open incidents
// is the way to them. No figure depends on what is chosen below: each is of all hosts, now.

import { h, put, setAttribute, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { nothing, number, pending, span } from '../format.js';
import * as live from '../live.js';
import { link } from '../router.js';
import { NewestValues } from './newest_values.js';

const newest = 'Average of all hosts in the newest tick';
const figures = [
  ['hosts', 'Hosts', 'Hosts that are known'],
  ['silent', 'Silent', 'Of all hosts, those without a sample in the last three ticks'],
  ['open', 'Open incidents'], ['cpu', 'CPU, avg', newest], ['memory', 'Memory, avg', newest],
  ['samples', 'Samples per s', 'Accepted in the newest tick'], ['lag', 'Lag of last tick'],
];
const averages = { cpu: 'cpu.usage', memory: 'mem.usage' };
const fields = Object.values(averages);

/** Gives { hosts(answer), noHosts(), fields(list), pause(yes) }; ticks it hears itself. */
export function startFigures(view, place) {
  return new Figures(view, place);
}

class Figures {
  #values = new NewestValues();
  #lastEnd = null;
  #heard = false; // ticks, since the stream is there
  #paused = false;

  constructor(view, place) {
    this.view = view;
    this.dd = Object.fromEntries(figures.map(([name]) => [name, h(name === 'open' ? 'a' : 'span',
      { href: name === 'open' ? link('alerting') : null, data: { figure: name } }, pending)]));
    put(place, figures.map(([name, label, title]) => h('div', { title }, h('dt', {}, label),
      h('dd', {}, this.dd[name]))));
    view.on('tick', (tick) => {
      this.#heard = true;
      if (!this.#paused) this.#tick(tick);
    });
    view.on('state', ({ connected }) => { this.#heard &&= connected; });
    // Until the first tick comes, where none come, and while the stream is away.
    keepFresh(view, h('div'), (signal) => this.#load(signal), { content: [place], gapMs: 5000,
      onState: (state) => { if (state === 'failed') this.#unknown(Object.keys(this.dd)); } });
  }

  pause(yes) { this.#paused = yes; }

  hosts({ total, totalSilent }) {
    this.#set('hosts', number(total));
    this.#set('silent', number(totalSilent), totalSilent > 0 && 'warn');
  }

  /** An average of what no host reports is not shown. */
  fields(list) {
    for (const [name, field] of Object.entries(averages)) {
      this.dd[name].closest('dl > div').hidden =
        !list.some((one) => one.name === field && one.hosts > 0);
    }
  }

  noHosts() { this.#unknown(['hosts', 'silent']); }

  async #load(signal) {
    if (this.#heard || this.#paused) return;
    const engine = await this.view.get('api/v1/engine', {}, { signal });
    const tick = engine.ticks.at(-1);
    if (this.#heard) return;
    if (!tick) { // none yet, or another engine has them
      this.#set('open', number(engine.incidents.open), engine.incidents.open > 0 && 'bad');
      this.#unknown(['hosts', 'silent', 'cpu', 'memory', 'samples', 'lag']);
      return;
    }
    this.#tick({ ...tick, interval: engine.interval });
    await this.#loadAverages(tick.endMs, engine.interval, signal);
  }

  // What the engine says of its ticks leaves out what was reported in them.
  async #loadAverages(end, interval, signal) {
    const { time, step, series } = await this.view.get('api/v1/series', { fields: fields.join(','),
      from: end - 3 * interval, to: end, step: interval }, { signal });
    time.forEach((start, i) => this.#values.add(start + step,
      Object.fromEntries(series.map(({ field, avg }) => [field, avg[i]]))));
    this.#showAverages();
  }

  #tick({ endMs, blind, cluster, open, hosts, samples, lagMs, interval }) {
    this.#set('open', number(open), open > 0 && 'bad');
    this.#set('lag', blind ? 'blind' : span(lagMs), blind && 'warn');
    this.#set('hosts', number(hosts));
    const took = this.#lastEnd === null ? interval : endMs - this.#lastEnd;
    const rate = samples / (took / 1000);
    if (took > 0) this.#set('samples', number(rate < 10 ? Number(rate.toPrecision(2)) :
      Math.round(rate)));
    this.#lastEnd = Math.max(endMs, this.#lastEnd ?? 0);
    if (!cluster && !blind) return; // not an event
    this.#values.add(endMs, Object.fromEntries(fields.map((name) => [name, cluster?.[name]?.avg])));
    this.#showAverages();
  }

  #showAverages() {
    for (const [name, field] of Object.entries(averages)) {
      const value = this.#values.of(field);
      this.#set(name, value === null ? nothing : `${number(Math.round(value * 10) / 10)} %`);
    }
  }

  #unknown(names) {
    for (const name of names) if (this.dd[name].textContent === pending) this.#set(name, nothing);
  }

  #set(name, text, tone) {
    setText(this.dd[name], text);
    setAttribute(this.dd[name], 'data-tone', tone || null);
  }
}
