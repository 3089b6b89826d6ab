// A small drawing of one rule and one host: few values, each with what it means, in SVG, so that
// colours follow the theme by themselves. Larger series over time are chart.js's.
//
// 1. It draws in the next frame, when the data or the width is another.
// 2. No value is a gap. Meaning has a shape beside its colour.

import { valueRange } from './chart_data.js';
import { h, onWidth, put, setAttribute, setText, svg } from './dom.js';
import { hoursMinutes, short, time } from './format.js';
import { linear, nearest, timeMarks, unitMarks } from './scale.js';

const room = { top: 16, right: 12, bottom: 22 };
const lane = 12; // below the axis, where what has no value stands

/**
 * look: { label, signal, height = 170, kind: 'line' | 'bars', name: (point) → text,
 *   unit: of the values, axis: (value) → text, legend: node, table: (data) → node (shown when it is opened), open: whether it is at first, on
 *   wide screens }
 * Gives { element, set(data) }, data: {
 *   from, to: ms, length: of a step, points: [{ at: ms, value, shape: 'dot' | 'ring' | 'cross' }],
 *   threshold: { value, above } or null, spans: [{ from, to, shape: 'blind' | 'before' }],
 *   marker: { at, text } or null, described: text }
 */
export function plot(look) {
  return new Plot({ height: 170, kind: 'line', axis: short, ...look });
}

class Plot {
  #frame = 0;
  #width = 0;
  #data = null;
  #said = '';
  #at = -1;

  constructor(look) {
    this.look = look;
    this.drawing = svg('svg', { 'aria-hidden': 'true', height: look.height });
    this.place = h('div', { class: 'plot', role: 'img', tabindex: '0', 'aria-label': look.label,
      style: { height: `${look.height}px` }, on: {
        pointermove: (e) => this.#point(e), pointerleave: () => this.#show(-1),
        keydown: (e) => this.#key(e), blur: () => this.#show(-1) } }, this.drawing);
    this.when = h('span', { class: 'when' });
    this.title = h('span', { class: 'title' }, look.label);
    this.values = h('div', { class: 'chart-table', tabindex: '0', role: 'group',
      'aria-label': `${look.label}: values` });
    this.details = h('details', { class: 'values', on: {
      toggle: () => this.#fill() }, open: look.open && matchMedia('(min-width: 900px)').matches },
    h('summary', {}, 'Values as a table'), this.values);
    this.element = h('figure', { class: 'chart', data: { chart: look.label } },
      h('figcaption', {}, this.title, this.when), look.legend, this.place, this.details);
    onWidth(this.place, look.signal, (width) => {
      this.#width = width;
      this.#later();
    });
    look.signal.addEventListener('abort', () => cancelAnimationFrame(this.#frame));
  }

  set(data) {
    const said = JSON.stringify(data);
    if (said === this.#said) return;
    this.#said = said;
    const pointed = this.#data?.points[this.#at]?.at; // stays, as long as it is there
    this.#at = data.points.findIndex(({ at }) => at === pointed);
    this.#data = data;
    setAttribute(this.place, 'aria-label', `${this.look.label}. ${data.described}`);
    this.#fill();
    this.#later();
  }

  #fill() {
    if (!this.details.open || !this.#data) return put(this.values);
    const top = this.values.scrollTop;
    put(this.values, this.look.table(this.#data));
    const here = this.values.querySelector('[aria-current]');
    if (top > 0 || !here) this.values.scrollTop = top;
    else this.values.scrollTop = here.offsetTop - this.values.clientHeight / 2;
    return this.values;
  }

  #later() {
    if (this.#frame || this.look.signal.aborted) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#width > 0 && this.#data) this.#draw(this.#width);
    });
  }

  #draw(width) {
    const data = this.#data;
    const { height } = this.look;
    const present = data.points.map((p) => p.value).filter((v) => v !== null);
    const range = valueRange(present.length ? Math.min(...present) : null,
      present.length ? Math.max(...present) : null, data.threshold ? [data.threshold] : []);
    const marks = unitMarks(this.look.unit, ...range);
    const left = 12 + 6.4 * Math.max(...marks.map((m) => this.look.axis(m).length));
    const bottom = height - room.bottom - (data.points.some(isOffTheAxis) ? lane : 0);
    this.x = linear([data.from, data.to], [left, width - room.right]);
    this.y = linear(range, [bottom, room.top]);
    this.box = { left, right: width - room.right, top: room.top, bottom };
    this.cursor = svg('line', { class: 'cursor', y1: room.top, y2: this.box.bottom,
      visibility: 'hidden' });
    setAttribute(this.drawing, 'width', width);
    put(this.drawing, this.#spans(), this.#axes(marks), this.#values(), this.#threshold(range),
      this.#marker(), this.cursor);
    this.#show(this.#at);
  }

  #spans() {
    return this.#data.spans.map(({ from, to, shape }) => svg('rect', { class: `span ${shape}`,
      x: this.x(from), width: Math.max(this.x(to) - this.x(from), 1), y: this.box.top,
      height: this.box.bottom - this.box.top }));
  }

  #axes(marks) {
    const { left, right } = this.box;
    return [
      marks.map((mark) => [
        svg('line', { class: 'grid', x1: left, x2: right, y1: this.y(mark), y2: this.y(mark) }),
        svg('text', { x: left - 7, y: this.y(mark) + 3.5, 'text-anchor': 'end' },
        this.look.axis(mark))]),
      this.#times(),
    ];
  }

  // Those that can be read whole; where next to none would be left, they are moved inwards.
  #times() {
    const { left, right } = this.box;
    const bottom = this.look.height - room.bottom;
    const { from, to } = this.#data;
    const { marks, step } = timeMarks(from, to, Math.max(2, Math.floor((right - left) / 74)));
    const fine = step < 60_000;
    const half = fine ? 25 : 16; // of their width
    const whole = marks.filter((at) => this.x(at) >= half && this.x(at) + half <= right + room.right);
    const shown = whole.length > 1 ? whole : marks;
    const anchor = (at) => (whole.includes(at) ? 'middle' : this.x(at) < half ? 'start' : 'end');
    return shown.map((at) => svg('text', { x: this.x(at), y: bottom + 15,
      'text-anchor': anchor(at) }, fine ? time(at, at) : hoursMinutes(at)));
  }

  #values() {
    return this.look.kind === 'bars' ? this.#bars() : this.#line();
  }

  #bars() {
    const { points, length } = this.#data;
    const wide = Math.max(1, Math.min(22, (this.x(length) - this.x(0)) * 0.76));
    return points.filter(({ value }) => value !== null).map(({ at, value }) => svg('rect', {
      class: 'bar', x: this.x(at) - wide / 2, width: wide,
      y: Math.min(this.y(value), this.y(0)), height: Math.max(Math.abs(this.y(value) - this.y(0)),
        1) }));
  }

  #line() {
    const { points } = this.#data;
    let path = '';
    let joined = false;
    for (const { at, value } of points) {
      const place = value !== null && `${round(this.x(at))} ${round(this.y(value))}`;
      if (place) path += `${joined ? 'L' : 'M'}${place}`;
      joined = value !== null;
    }
    const sparse = points.length <= 130;
    return [svg('path', { class: 'line', d: path }), points.map((p, i) =>
      (sparse || p.shape === 'dot' || alone(points, i)) && this.#shape(p))];
  }

  // Of what is not known there may be no value: it stands below the axis then, as on it it were nought.
  #shape({ at, value, shape }) {
    const x = round(this.x(at));
    const y = round(value === null ? this.box.bottom + lane / 2 : this.y(value));
    if (shape === 'cross') {
      return svg('path', { class: 'cross', d: `M${x - 3} ${y - 3}l6 6m0 -6l-6 6` });
    }
    return value !== null && svg('circle', { class: shape ?? 'plain', cx: x, cy: y,
      r: shape ? 3.5 : 2.25 });
  }

  #threshold([low, high]) {
    const { threshold } = this.#data;
    if (!threshold) return null;
    const { left, right, top, bottom } = this.box;
    const { value } = threshold;
    const away = value > high ? ' ↑' : value < low ? ' ↓' : '';
    const y = away ? (value > high ? top : bottom) : this.y(value);
    return [!away && svg('line', { class: 'threshold', x1: left, x2: right, y1: y, y2: y }),
      svg('text', { class: 'threshold', x: right, y: y - top < 14 ? y + 12 : y - 4,
        'text-anchor': 'end' }, `${threshold.above ? '≥' : '≤'} ${this.look.axis(value)}${away}`)];
  }

  #marker() {
    const { marker } = this.#data;
    if (!marker || marker.at < this.#data.from || marker.at > this.#data.to) return null;
    const x = this.x(marker.at);
    const late = x > (this.box.left + this.box.right) / 2;
    return [svg('line', { class: 'marker', x1: x, x2: x, y1: 5, y2: this.box.bottom }),
      svg('text', { class: 'marker', x: late ? x - 5 : x + 5, y: 11,
        'text-anchor': late ? 'end' : 'start' },
        marker.text)];
  }

  #point(event) {
    if (!this.#data || !this.x) return;
    const x = event.clientX - this.place.getBoundingClientRect().left;
    this.#show(nearest(this.#data.points.map(({ at }) => this.x(at)), x));
  }

  #key(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || !this.#data?.points.length) return;
    event.preventDefault();
    const last = this.#data.points.length - 1;
    this.#show(this.#at < 0 ? (way > 0 ? 0 : last) : Math.min(Math.max(this.#at + way, 0), last));
  }

  #show(at) {
    this.#at = at;
    const point = this.#data?.points[at];
    if (this.cursor) {
      setAttribute(this.cursor, 'visibility', point ? null : 'hidden');
      if (point) for (const side of ['x1', 'x2']) setAttribute(this.cursor, side, this.x(point.at));
    }
    setText(this.when, point ? this.look.name(point) : '');
  }
}

const isOffTheAxis = ({ value, shape }) => value === null && shape === 'cross';
const round = (value) => Math.round(value * 10) / 10;

const alone = (points, i) => points[i].value !== null && (points[i - 1]?.value ?? null) === null &&
  (points[i + 1]?.value ?? null) === null;
