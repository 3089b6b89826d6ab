// A chart with its legend, and its values as a table for whoever cannot see it.
//
// 1. Nothing is interpolated: no value is a gap. Blind spans are shaded.
// 2. It draws in the next frame, once however often it is set, and only while it can be seen.
// 3. It ends, and frees all it has, with the signal it was given.

import uPlot from './vendor/uPlot.js';
import { extent, stack } from './chart_data.js';
import { plotOptions } from './chart_plot.js';
import { h, onWidth, put, setAttribute, setText } from './dom.js';
import { number, pending, time } from './format.js';
import { onTheme } from './theme.js';

const tableRowsMax = 60;
const noData = { time: [], values: null, blind: [], thresholds: [], from: 0, to: 1 };

/**
 * look: {
 *   label, title (a node in its place), signal, height = 150, stacked = false,
 *   sync: a key, cursors of the same one move together,
 *   series: [{ label, colour: '--series-1', fill }], named: has a legend also with one series,
 *   min, max: shown in any case, whole: values are counts, marks: steps of the axis,
 *   value: (number) → text, and where it is to be short: legend, axis }
 * Gives { element, about, set(data) }, with data: {
 *   time: [ms, start of step], values: [[…] per series, null where there is none],
 *   from, to: of the time axis, blind: [[from, to]…],
 *   thresholds: [{ value, above: true (or more) | false (or less), dashed }] }
 */
export function chart(look) {
  return new Chart({ height: 150, value: number, hidden: new Set(), ...look });
}

class Chart {
  data = noData;
  #plot = null;
  #visible = false;
  #width = 0;
  #frame = 0;
  #stale = false;

  constructor(look) {
    this.look = look;
    this.place = h('div', { class: 'plot', role: 'img', tabindex: '0', 'aria-label':
      `${look.label}. Loading…`, data: { note: 'Loading…' }, style: { height: `${look.height}px` }, on: { keydown: (e) => this.#step(e), blur: () =>
        this.#plot?.setCursor({ left: -10, top: -10 }) } });
    this.legend = look.series.map((one, i) => this.#entry(one, i));
    this.about = h('span', { class: 'about' }); // beside the title: the page's to fill
    this.when = h('span', { class: 'when' });
    this.table = h('div', { class: 'chart-table' });
    this.details = h('details', { class: 'values', on: { toggle: () => this.#fillTable() } },
      h('summary', {}, 'Values as a table'), this.table);
    this.element = h('figure', { class: 'chart', data: { chart: look.label } },
      h('figcaption', {}, h('span', { class: 'title' }, look.title ?? look.label), this.about,
        this.when),
      look.series.length > 1 || look.named ? h('div', { class: 'legend' },
        this.legend.map((entry) => entry.button)) : null,
      this.place, this.details);
    this.#watch();
  }

  set(data) {
    this.data = { ...noData, ...data };
    this.#later();
  }

  #entry(one, i) {
    const value = h('span', { class: 'value' }, pending);
    const button = h('button', { type: 'button', 'aria-pressed': 'true', title: 'Show or hide',
      on: { click: () => this.#toggle(i) } },
    h('span', { class: `swatch ${this.look.stacked ? 'block' : 'line'}`,
      style: { 'background-color': `var(${one.colour})` } }), one.label, value);
    return { button, value };
  }

  #toggle(i) {
    const { hidden, series } = this.look;
    if (hidden.has(i)) hidden.delete(i);
    else hidden.add(i);
    setAttribute(this.legend[i].button, 'aria-pressed', String(!hidden.has(i)));
    this.#plot?.setSeries(this.look.stacked ? series.length - i : i + 1, { show: !hidden.has(i) });
    this.#later();
  }

  #watch() {
    const { signal } = this.look;
    const seen = new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1).isIntersecting;
      if (this.#visible && this.#stale) this.#later();
    }, { rootMargin: '1000px' });
    seen.observe(this.place);
    onWidth(this.place, signal, (width) => {
      this.#width = width;
      this.#later();
    });
    onTheme(() => this.#later(), signal);
    signal.addEventListener('abort', () => {
      seen.disconnect();
      cancelAnimationFrame(this.#frame);
      this.#plot?.destroy();
      this.#plot = null;
    });
  }

  #later() {
    this.#stale = true;
    if (this.#frame || !this.#visible || this.look.signal.aborted) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#stale = false;
      this.#drawNow();
    });
  }

  #drawNow() {
    const { look, data } = this;
    const width = this.#width;
    if (width === 0 || data.values?.length !== look.series.length) return;
    const drawn = look.stacked ? stack(data.values, look.hidden).reverse() : data.values;
    if (!this.#plot) {
      const options = plotOptions(this, width, { cursor: () => this.#showValues() });
      this.#plot = new uPlot(options, [data.time, ...drawn], this.place);
    } else {
      if (this.#plot.width !== width) this.#plot.setSize({ width, height: look.height });
      this.#plot.setData([data.time, ...drawn]);
    }
    this.#describe();
    this.#showValues();
    if (this.details.open) this.#fillTable();
  }

  // At the cursor, else the newest.
  #showValues() {
    if (!this.#plot) return;
    const { time: times, values } = this.data;
    const at = this.#plot.cursor.idx ?? null;
    const known = at !== null && times[at] !== undefined;
    const alone = values.length === 1 && known && !this.look.named;
    setText(this.when, !known ? '' : time(times[at]) +
      (alone ? ` · ${this.look.value(values[0][at] ?? null)}` : ''));
    this.legend.forEach(({ value }, i) => {
      const shown = at === null ? values[i].at(-1) : values[i][at];
      setText(value, (this.look.legend ?? this.look.value)(shown ?? null));
    });
  }

  // Arrow keys move the cursor of who has no mouse.
  #step(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || !this.#plot) return;
    event.preventDefault();
    const { time: times } = this.data;
    const now = this.#plot.cursor.idx ?? (way < 0 ? times.length : -1);
    const next = Math.min(Math.max(now + way, 0), times.length - 1);
    if (times[next] === undefined) return;
    this.#plot.setCursor({ left: this.#plot.valToPos(times[next], 'x'), top: 10 });
  }

  #describe() {
    const parts = this.look.series.map((one, i) => {
      const { min, max, last } = extent(this.data.values[i]);
      return last === null ? `${one.label}: no values` : `${one.label}: last ${this.look.value(last)
      }, between ${this.look.value(min)} and ${this.look.value(max)}`;
    });
    setAttribute(this.place, 'data-note', this.data.values.every((x) => extent(x).last === null) ?
      'No values in this time' : null);
    setAttribute(this.place, 'aria-label', `${this.look.label}. ${parts.join('; ')}`);
  }

  #fillTable() {
    if (!this.details.open) return put(this.table);
    const { time: times, values } = this.data;
    if (!values) return put(this.table, 'Loading…');
    const rows = [];
    for (let i = times.length - 1; i >= 0 && rows.length < tableRowsMax; --i) {
      rows.push(h('tr', {}, h('th', { scope: 'row' }, time(times[i])),
        values.map((series) => h('td', { class: 'number' }, this.look.value(series[i] ?? null)))));
    }
    return put(this.table, h('table', {}, h('caption', { class: 'unseen' }, this.look.label),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'From'), this.look.series.map((one) =>
        h('th', { scope: 'col', class: 'number' }, one.label)))), h('tbody', {}, rows)));
  }
}
