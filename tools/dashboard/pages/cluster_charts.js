// The three charts of the cluster.

import { chart } from '../chart.js';
import { put, setText } from '../dom.js';
import { nothing, number, short, stretch } from '../format.js';

const percent = (value) => (value === null ? nothing : `${number(Math.round(value * 10) / 10)} %`);

const looks = [
  { label: 'CPU and memory', what: 'avg', min: 0, max: 100, value: percent,
    axis: (value) => `${value}%`, about: (series, drawn) =>
      ['average of all hosts', series.stepWords(drawn)].filter(Boolean).join(', '), series: [
      { label: 'CPU', field: 'cpu.usage', colour: '--series-1' },
      { label: 'Memory', field: 'mem.usage', colour: '--series-2' }] },
  { label: 'Requests and events', what: 'sum', stacked: true, whole: true, legend: short,
    about: perStep, series: [
    { label: 'Requests', field: 'requests.count', colour: '--series-1' },
    { label: 'Events in', field: 'eventsIn.count', colour: '--series-3' },
    { label: 'Events out', field: 'eventsOut.count', colour: '--series-2' }] },
  { label: 'Warnings, errors, criticals', what: 'sum', stacked: true, whole: true,
    about: perStep, series: [
    { label: 'Warnings', field: 'warnings.count', colour: '--series-warning' },
    { label: 'Errors', field: 'errors.count', colour: '--series-error' },
    { label: 'Criticals', field: 'criticals.count', colour: '--series-critical' }] },
];

function perStep(series, drawn) {
  return `of all hosts, ${series.stepWords(drawn) || `per ${stretch(series.step)}`}`;
}

/** Gives { show(series) }. */
export function startClusterCharts(view, place) {
  const charts = looks.map((look) => chart({ ...look, signal: view.signal, sync: 'cluster',
    height: 190 }));
  put(place, charts.map((one) => one.element));
  return {
    show(series) {
      looks.forEach((look, i) => {
        const drawn = series.drawn(look.series.map(({ field }) => [field, look.what]));
        setText(charts[i].about, look.about(series, drawn));
        charts[i].set({ ...drawn, blind: series.blind });
      });
    },
  };
}
