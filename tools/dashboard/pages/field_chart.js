// The chart of one field of one host, with what rules say of it.

import { chart } from '../chart.js';
import { bdi, h, put, setText } from '../dom.js';
import { axisOf, marksOf, time, unitOf, valueOf } from '../format.js';
import { link } from '../router.js';
import { ruleWords } from '../words.js';

/** Whether values of the field add up over time, as the engine has it. Pure. */
export function addsUp(field) {
  return field.endsWith('.count') || field.endsWith('_sum');
}

/** Gives { element, about(field, rules), show(series), focus, end }. */
export function fieldChart(pageSignal, name) {
  const ending = new AbortController();
  const adds = addsUp(name);
  const rules = h('ul', { class: 'rules' });
  const made = chart({ label: name, title: bdi(name), height: 132, sync: 'host', stacked: adds,
    whole: name.endsWith('count'),
    marks: marksOf(name),
    signal: AbortSignal.any([pageSignal, ending.signal]), value: (value) => valueOf(name, value),
    axis: axisOf(name),
    ...(unitOf(name) === '%' ? { min: 0, max: 100 } : {}),
    series: [{ label: name, colour: '--series-1', fill: adds ? null : '--series-1-faint' }] });
  made.element.insertBefore(rules, made.details);
  let thresholds = [];
  let said = '';
  let data = null;
  let newest = null;
  const say = () => {
    const steps = data?.words ? `, drawn ${data.words}` : '';
    if (newest) setText(made.about, latest(newest, data?.end) + steps);
  };
  const draw = () => { if (data) made.set({ ...data, thresholds }); };
  return {
    element: made.element,
    about(field, itsRules) {
      newest = field;
      say();
      const now = JSON.stringify(itsRules.map((rule) => [rule.name, ruleWords(rule)]));
      if (now === said) return;
      said = now;
      thresholds = itsRules.filter(isDrawn).map((rule) => ({ value: rule.value,
        above: rule.operand === 'equalOrMoreThan', dashed: isDashed(rule) }));
      put(rules, itsRules.map(ruleLine));
      draw();
    },
    show(series) {
      const drawn = series.drawn([[name, adds ? 'sum' : 'avg']]);
      data = { ...drawn, blind: series.blind, end: series.end, words: series.stepWords(drawn) };
      draw();
      say();
    },
    focus: () => made.place.focus(),
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
  h('a', { href: link('rules', rule.name) }, bdi(rule.name)), ': ', ruleWords(rule));
}

// The newest value; with its time where it is not of the newest tick.
function latest(field, end) {
  if (field.last === null) return 'no value yet';
  const old = end && Date.parse(field.at) < end - 60_000;
  return `${valueOf(field.name, field.last)}${old ? ` at ${time(field.at)}` : ''}`;
}
