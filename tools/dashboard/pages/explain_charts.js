// The two drawings of an explanation: what the window of the check held, and the checks around it.

import { h, put, svg } from '../dom.js';
import { axisOf, count, time, unitOf } from '../format.js';
import { plot } from '../plot.js';
import { addsUp, quantity, subject, verdicts, wantsMore } from '../words.js';

const shapes = { breach: 'dot', clear: 'ring', unknown: 'cross' };
const spanWords = {
  blind: 'blind, nobody could write to the log',
  before: 'before the host’s first report',
  slipped: 'may have slipped over the tick’s edge',
};
const span = { blind: 'blind', slipped: 'slipped', 'before-first': 'before' };

/** { element, set(answer) } for the window of GET api/v1/explain's answer. */
export function windowChart(view, rule, { open }) {
  const legend = h('div', { class: 'keys' });
  const bars = addsUp(rule.aggregation);
  const one = { field: rule.field }; // what a tick has, whatever the rule makes of it
  const drawn = plot({ label: `${rule.field} in this check’s window`, signal: view.signal, legend,
    open, ...unitsOf(one),
    kind: bars ? 'bars' : 'line',
    name: (tick) => `${time(tick.start)}–${time(tick.end, tick.end)}: ${tickWords(one, tick)}`,
    table: ({ points }) => valueTable(['Tick from', rule.field], points.toReversed()
      .map((tick) => ({ head: time(tick.start), cells: [tickWords(one, tick)] }))) });
  let said = '';
  return { element: drawn.element, set: (answer) => {
    drawn.set(windowData(answer, rule, bars));
    const keys = windowKeys(answer, rule, bars);
    if (said !== keys.join()) put(legend, keys.map((key) => h('span', {}, key)));
    said = keys.join();
  } };
}

/** The same for the checks; `marker` is what happened at the check explained: "opened". */
export function checksChart(view, rule, { marker, open }) {
  const name = subject(rule);
  const drawn = plot({ label: `${name.charAt(0).toUpperCase()}${name.slice(1)}, check by check`,
    signal: view.signal, open, ...unitsOf(rule),
    legend: h('div', { class: 'keys' }, Object.entries(verdicts).map(([verdict, { text }]) =>
      h('span', {}, verdictIcon(verdict), text.toLowerCase()))),
    name: ({ at, value, verdict }) => `${time(at)}: ${quantity(rule, value, rule.value)}, ${
      verdicts[verdict].text.toLowerCase()}`,
    table: ({ points, here }) => valueTable(['Check at', name, 'Verdict'], points.toReversed()
      .map(({ at, value, verdict }) => ({ head: time(at), current: at === here, cells:
        [quantity(rule, value, rule.value), verdicts[verdict].text], tone: verdicts[verdict].tone }))) });
  return { element: drawn.element, set: (answer) => drawn.set(checksData(answer, rule, marker)) };
}

function windowData({ window: { from, to, ticks } }, rule, bars) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const length = (end - start) / Math.max(ticks.length, 1);
  const points = ticks.map((tick) => ({ ...tick, at: tick.start + length / 2,
    end: tick.start + length }));
  const known = points.filter(({ value }) => value !== null).length;
  return { from: start, to: end, length, points, spans: spans(points), threshold: bars ? null :
    { value: rule.value, above: wantsMore(rule.operand) }, marker: null,
  described: `${count(ticks.length, 'tick')}, ${known} with a value` };
}

// Ticks beside one another that are missing for the same reason are one span.
function spans(points) {
  const found = [];
  for (const { start, end, state, why } of points) {
    if (state !== 'missing') continue;
    const last = found.at(-1);
    const shape = span[why] ?? 'blind';
    if (last?.to === start && last.shape === shape) last.to = end;
    else found.push({ from: start, to: end, shape });
  }
  return found;
}

function windowKeys({ window: { ticks }, value }, rule, bars) {
  const known = (text) => `${text}: ${quantity(rule, value)}`;
  const keys = bars ? [known(rule.aggregation === 'sum' ? 'The rule compares their sum' :
    'The rule counts the ticks with a value')] : [];
  if (ticks.some(({ state }) => state === 'silent')) keys.push('gap: the host was silent');
  for (const [why, shape] of Object.entries(span)) {
    if (ticks.some((tick) => tick.why === why)) keys.push(`shaded: ${spanWords[shape]}`);
  }
  return keys;
}

function unitsOf({ field, aggregation }) {
  return aggregation === 'count' ? {} : { unit: unitOf(field), axis: axisOf(field) };
}

function tickWords(one, { value, state, why }) {
  if (state === 'value') return quantity(one, value);
  if (state === 'silent') return 'silent';
  return why === 'before-first' ? 'not reported yet' : why ?? 'missing';
}

function checksData({ checks, window: { to } }, rule, marker) {
  const here = Date.parse(to);
  const step = checks.length > 1 ? checks[1].at - checks[0].at : 10_000;
  const counted = Object.keys(verdicts).map((verdict) => `${checks.filter((c) =>
    c.verdict === verdict).length} ${verdicts[verdict].text.toLowerCase()}`);
  return { from: (checks[0]?.at ?? here) - step / 2, to: (checks.at(-1)?.at ?? here) + step / 2,
    length: step, points: checks.map((c) => ({ ...c, shape: shapes[c.verdict] })), spans: [], here,
    threshold: { value: rule.value, above: wantsMore(rule.operand) },
    marker: marker ? { at: here, text: marker } : null,
    described: `${count(checks.length, 'check')}: ${counted.join(', ')}` };
}

function valueTable(heads, rows) {
  return h('table', {}, h('thead', {}, h('tr', {}, heads.map((head, i) => h('th', { scope: 'col',
    class: i === 1 ? 'number' : null }, h('bdi', {}, head))))),
  h('tbody', {}, rows.map(({ head, cells, current, tone }) => h('tr', {
    'aria-current': current ? 'true' : null }, h('th', { scope: 'row' }, head),
  cells.map((cell, i) =>
    h('td', { class: i === 0 ? 'number' : 'said', data: i === 1 ? { tone } : {} }, cell))))));
}

function verdictIcon(verdict) {
  const shape = shapes[verdict];
  return svg('svg', { viewBox: '0 0 10 10', width: 10, height: 10, class: 'key',
    'aria-hidden': 'true' },
    shape === 'cross' ? svg('path', { class: 'cross', d: 'M2 2l6 6m0 -6l-6 6' }) :
      svg('circle', { class: shape, cx: 5, cy: 5, r: 3.5 }));
}
