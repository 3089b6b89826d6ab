// The cluster at a glance: its figures, its charts, its hosts. Live: each tick says what all hosts
// reported, and is added to the charts; the hosts of the table are asked for again.

import { choice, picker, toggle } from '../controls.js';
import { h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { span } from '../format.js';
import { Series, stepFor, steps } from '../series.js';
import { startClusterCharts } from './cluster_charts.js';
import { startFigures } from './cluster_figures.js';
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
  const hosts = h('section');
  const problem = h('div');
  const welcome = h('div');
  const gap = h('p', { class: 'muted small note' });
  const overTime = h('section', {}, h('h2', { class: 'unseen' }, 'Over time'), problem, charts, gap);
  const controls = choices(frame, { again, pause });
  put(view.root, h('div', { class: 'page-head' }, h('h1', {}, 'Monitoring'), controls), welcome,
    figures, overTime, hosts);

  const drawn = startClusterCharts(view, charts);
  const figured = startFigures(view, figures);
  const series = keepSeries(view, problem, charts, frame, (now) => {
    drawn.show(now);
    setText(gap, now.beginWords());
  });
  const table = startHostTable(view, hosts, frame, (answer) => {
    figured.hosts(answer);
    const none = answer.total === 0;
    put(welcome, none && firstSteps());
    for (const part of [controls, figures, overTime, hosts]) part.hidden = none;
  }, () => figured.noHosts());

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

function choices(frame, { again, pause }) {
  return h('div', { class: 'controls' },
    choice({ name: 'frame', label: 'Time frame', value: frame.name,
      options: Object.keys(frames).map((name) => [name, name]),
      onChange: (name) => { frame.name = name; again(); } }),
    picker({ name: 'resolution', label: 'Resolution', value: String(frame.step),
      options: [['auto', 'auto'], ...steps.map((step) => [String(step), span(step)])],
      onChange: (step) => { frame.step = step === 'auto' ? step : Number(step); again(); } }),
    toggle({ name: 'refresh', label: 'Auto refresh', title: 'Follow the engine, tick by tick',
      value: true, onChange: (on) => pause(!on) }));
}

export const fields = ['cpu.usage', 'mem.usage', 'requests.count', 'eventsIn.count',
  'eventsOut.count', 'warnings.count', 'errors.count', 'criticals.count'];

// The series of the frame: read once, then continued by ticks; read again where one is missing.
function keepSeries(view, problem, charts, frame, show) {
  let series = null;
  let paused = false;
  let wanted = true; // to be read
  const draw = () => show(series);
  const fresh = keepFresh(view, problem, async (signal) => {
    if (!wanted) return;
    const to = Date.now();
    const answer = await view.get('api/v1/series', { fields: fields.join(','), from: to - frame.span,
      to, step: frame.step === 'auto' ? stepFor(frame.span) : frame.step }, { signal });
    series = new Series(answer, frame.span);
    wanted = series.why === 'time'; // what was read is kept: the next answer reaches further back
    view.draw(draw);
  }, { content: [charts] });
  const anew = () => { wanted = true; fresh.anew(); };
  view.on('tick', (tick) => {
    if (paused || wanted || !series) return;
    if (series.add(tick)) view.draw(draw);
    else wanted = true; // the pulse that comes with the tick reads it
  });
  view.on('state', ({ connected }) => { if (!connected) wanted = true; });
  return { anew, pause: (yes) => { paused = yes; wanted = true; fresh.pause(yes); } };
}
