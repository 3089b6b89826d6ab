// The cluster at a glance: its figures, its charts, its hosts. Live: each tick says what all hosts
// reported, and is added to the charts; the hosts of the table are asked for again.

import { choice, picker, toggle } from '../controls.js';
import { h, put, setText } from '../dom.js';
import { fieldChooser } from '../field_chooser.js';
import { fieldsMax, firstFields, ranked, readFields } from '../field_rank.js';
import { startFields } from '../fields.js';
import { span } from '../format.js';
import { steps } from '../series.js';
import { startClusterCharts } from './cluster_charts.js';
import { startFigures } from './cluster_figures.js';
import { keepSeries } from './cluster_series.js';
import { firstSteps } from './first_steps.js';
import { startHostTable } from './host_table.js';

export const title = 'Monitoring';

const frames = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000, '5h': 18_000_000 };

export function open(view) {
  const { query } = view;
  const frame = { name: query.get('frame') in frames ? query.get('frame') : '15m', step: 'auto',
    get span() { return frames[this.name]; } };
  if (steps.includes(Number(query.get('resolution')))) frame.step = Number(query.get('resolution'));

  const charts = h('div', { class: 'charts', id: 'charts' });
  const figures = h('dl', { class: 'panel figures', id: 'figures' });
  const hosts = h('section', { hidden: true }); // until what is above it has its height
  const problem = h('div');
  const welcome = h('div');
  const gap = h('p', { class: 'muted small note' });
  const overTime = h('section', {}, h('h2', { class: 'unseen' }, 'Over time'), problem, charts, gap);

  let chosen = readFields(query.getAll('chart'));
  const fields = startFields(view, (list) => arrange(list));
  const shown = () => (chosen.length > 0 ? chosen : firstFields(fields.list ?? []));
  const controls = choices(frame, { again, pause }, fieldChooser({ name: 'charts', text: 'Charts',
    label: 'Fields in the charts', automatic: 'The charts that this page chooses by itself',
    signal: view.signal, max: fieldsMax, idOf: (id) => id, items: () => ({
      all: ranked(fields.newest).map((one) => ({ ...one, id: one.name })), chosen: shown(),
      isAutomatic: chosen.length === 0 }),
    onChoose: (names) => {
      chosen = names;
      view.setQuery({ chart: chosen });
      arrange(fields.list ?? []);
    } }));
  put(view.root, h('div', { class: 'page-head' }, h('h1', {}, 'Monitoring'), controls), welcome,
    figures, overTime, hosts);

  const drawn = startClusterCharts(view, charts);
  const figured = startFigures(view, figures);
  let arranged = null; // the fields in the charts
  const series = keepSeries(view, problem, charts, frame, async () => {
    await fields.ready();
    return shown();
  }, (now) => {
    drawn.show(now);
    setText(gap, now.beginWords());
  });
  const table = startHostTable(view, hosts, frame, fields, (answer) => {
    figured.hosts(answer);
    const none = answer.total === 0;
    put(welcome, none && firstSteps());
    for (const part of [controls, figures, hosts]) part.hidden = none;
    overTime.hidden = none || shown().length === 0;
  }, () => {
    hosts.hidden = false;
    figured.noHosts();
  });

  function arrange(list) {
    figured.fields(list);
    const now = shown();
    const before = arranged;
    arranged = now.join('\n');
    if (arranged === before) return;
    drawn.arrange(now, list);
    overTime.hidden = now.length === 0;
    hosts.hidden = false;
    if (before !== null) series.anew();
  }
  function again() {
    view.setQuery({ frame: frame.name === '15m' ? null : frame.name,
      resolution: frame.step === 'auto' ? null : frame.step });
    series.anew();
    table.anew();
  }
  function pause(yes) {
    series.pause(yes);
    figured.pause(yes);
    table.pause(yes);
  }
}

function choices(frame, { again, pause }, charts) {
  return h('div', { class: 'controls' },
    choice({ name: 'frame', label: 'Time frame', value: frame.name,
      options: Object.keys(frames).map((name) => [name, name]),
      onChange: (name) => { frame.name = name; again(); } }),
    picker({ name: 'resolution', label: 'Resolution', value: String(frame.step),
      options: [['auto', 'auto'], ...steps.map((step) => [String(step), span(step)])],
      onChange: (step) => { frame.step = step === 'auto' ? step : Number(step); again(); } }),
    charts,
    toggle({ name: 'refresh', label: 'Auto refresh', title: 'Follow the engine, tick by tick',
      value: true, onChange: (on) => pause(!on) }));
}
