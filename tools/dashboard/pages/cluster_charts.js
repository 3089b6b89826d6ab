// The charts of the cluster: of the fields that are asked for, each made when it first is.

import { chart } from '../chart.js';
import { extent } from '../chart_data.js';
import { bdi, h, put, setText } from '../dom.js';
import { axisOf, marksOf, nothing, number, short, stretch, unitOf, valueOf } from '../format.js';
import { chartsOf } from '../field_rank.js';

const percent = (value) => (value === null ? nothing : `${number(Math.round(value * 10) / 10)} %`);

/** Gives { arrange(names, fields), show(series) }. */
export function startClusterCharts(view, place) {
  const made = new Map(); // what a chart is of → { spec, chart, end }
  let shown = [];
  put(place, h('div', { class: 'chart waiting' }, 'Loading…'));
  return {
    /** Shows the charts of these fields; those that were there stay. */
    arrange(names, fields) {
      const specs = chartsOf(names, fields);
      const keys = specs.map(keyOf);
      for (const [key, one] of made) {
        if (!keys.includes(key)) { one.end(); made.delete(key); }
      }
      specs.forEach((spec, i) => {
        if (!made.has(keys[i])) made.set(keys[i], make(view, spec));
      });
      shown = keys.map((key) => made.get(key));
      put(place, shown.map((one) => one.chart.element));
    },
    show(series) {
      for (const { spec, chart: one } of shown) {
        const drawn = series.drawn(spec.series.map(({ field }) => [field, spec.what]));
        setText(one.about, about(spec, series, drawn));
        one.set({ ...drawn, blind: series.blind });
      }
    },
  };
}

const keyOf = ({ what, series }) => JSON.stringify([what, series.map(({ field }) => field)]);

function make(view, spec) {
  const ending = new AbortController();
  const made = chart({ ...lookOf(spec), signal: AbortSignal.any([view.signal, ending.signal]),
    sync: 'cluster', height: 190 });
  return { spec, chart: made, end: () => ending.abort() };
}

function lookOf(spec) {
  const { alone, what, label, series } = spec;
  const stacked = what === 'sum';
  const whole = stacked && series.every(({ field }) => field.endsWith('count'));
  const share = series.every(({ field }) => unitOf(field) === '%');
  const bounds = share ? { min: 0, max: 100, value: percent, axis: (value) => `${value}%` } : {};
  if (!alone) {
    return { label, series, stacked, whole, named: true, ...(stacked ? { legend: short } : {}), ...bounds };
  }
  return { label, title: bdi(alone), series: [{ ...series[0],
    fill: stacked ? null : '--series-1-faint' }], stacked, whole, marks: marksOf(alone),
  value: (value) => valueOf(alone, value), axis: axisOf(alone), ...bounds };
}

function about({ alone, what }, series, drawn) {
  const steps = series.stepWords(drawn);
  const { last } = alone ? extent(drawn.values[0]) : { last: null };
  const newest = last !== null && (unitOf(alone) === '%' ? percent(last) : valueOf(alone, last));
  const of = what === 'sum' ? 'of all hosts' : newest ? 'on average' : 'average of all hosts';
  return [[newest, of].filter(Boolean).join(' '),
    steps || (what === 'sum' && `per ${stretch(series.step)}`)].filter(Boolean).join(', ');
}
