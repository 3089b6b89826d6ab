// The three charts of the cluster.

import { chart } from '../chart.js';
import { put, setText } from '../dom.js';
import { nothing, number, short, span } from '../format.js';

const percent = (value) => (value === null ? nothing : `${number(Math.round(value * 10) / 10)} %`);

const looks = [
  { label: 'CPU and memory', what: 'avg', min: 0, max: 100, value: percent,
    axis: (value) => `${value}%`, about: () => 'average of all hosts', series: [
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

function perStep(series) {
  return `of all hosts, per ${span(series.step)}`;
}

/** Gives { show(series) }. */
export function startClusterCharts(view, place) {
  const charts = looks.map((look) => chart({ ...look, signal: view.signal, sync: 'cluster',
    height: 190 }));
  put(place, charts.map((one) => one.element));
  return {
    show(series) {
      looks.forEach((look, i) => {
        setText(charts[i].about, look.about(series));
        charts[i].set({ time: series.time, blind: series.blind, from: series.from, to: series.to,
          values: look.series.map(({ field }) => series.of(field, look.what)) });
      });
    },
  };
}
