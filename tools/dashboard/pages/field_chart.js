// The chart of one field of one host, with what rules say of it.

import { chart } from '../chart.js';
import { bdi, h, put, setText } from '../dom.js';
import { short, span, time, valueOf } from '../format.js';
import { link } from '../router.js';

/** Whether values of the field add up over time: what is counted since the last sample. Pure. */
export function addsUp(field) {
  return /(\.|_)(count|sum)$/.test(field);
}

/** Gives { element, about(field, rules), show(series), end }. */
export function fieldChart(pageSignal, name) {
  const ending = new AbortController();
  const adds = addsUp(name);
  const rules = h('ul', { class: 'rules' });
  const made = chart({ label: name, title: bdi(name), height: 132, sync: 'host', stacked: adds, whole: name.endsWith('count'),
    signal: AbortSignal.any([pageSignal, ending.signal]), value: (value) => valueOf(name, value),
    axis: (value) => (name === 'uptime' && value !== 0 ? span(value * 1000) : short(value)),
    ...(/^(cpu|mem)\.usage$/.test(name) ? { min: 0, max: 100 } : {}),
    series: [{ label: name, colour: '--series-1', fill: adds ? null : '--series-1-faint' }] });
  made.element.insertBefore(rules, made.details);
  let thresholds = [];
  let said = '';
  let data = null;
  const draw = () => { if (data) made.set({ ...data, thresholds }); };
  return {
    element: made.element,
    about(field, itsRules) {
      setText(made.about, latest(field, data?.end));
      const now = JSON.stringify(itsRules.map((rule) => [rule.name, rule.text, rule.value]));
      if (now === said) return;
      said = now;
      thresholds = itsRules.filter(isDrawn).map((rule) => ({ value: rule.value,
        above: rule.operand === 'equalOrMoreThan', dashed: isDashed(rule) }));
      put(rules, itsRules.map(ruleLine));
      draw();
    },
    show(series) {
      data = { time: series.time, blind: series.blind, from: series.from, to: series.to,
        end: series.end, values: [series.of(name, adds ? 'sum' : 'avg')] };
      draw();
    },
    end: () => ending.abort(),
  };
}

// What a rule counts are ticks, not values: it has no place on the axis.
const isDrawn = (rule) => rule.aggregation !== 'count';
// A sum is of the whole window: the values drawn are only parts of it.
const isDashed = (rule) => rule.aggregation === 'sum';

function ruleLine(rule) {
  return h('li', { class: !isDrawn(rule) ? 'off' : isDashed(rule) ? 'dashed' : null,
    title: isDashed(rule) ? 'A sum over the whole window: each value drawn is a part of it' : null },
  h('a', { href: link('rules', rule.name) }, bdi(rule.name)), ': ', rule.text);
}

// The newest value; with its time where it is not of the newest tick.
function latest(field, end) {
  if (field.last === null) return 'no value yet';
  const old = end && Date.parse(field.at) < end - 60_000;
  return `${valueOf(field.name, field.last)}${old ? ` at ${time(field.at)}` : ''}`;
}
