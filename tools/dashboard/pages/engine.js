// The engine itself: is it doing its work, how long does that take, and what has it refused?

import { chart } from '../chart.js';
import { h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { number, short, span, stretch } from '../format.js';
import { prose } from '../prose.js';
import { showExamples } from './engine_examples.js';
import { showFacts } from './engine_facts.js';
import { TickHistory } from './tick_history.js';

export const title = 'Engine';

export function open(view) {
  const status = h('div', { class: 'status', id: 'engine-status' });
  const notReady = h('div');
  const problem = h('div');
  const charts = h('div', { class: 'charts', id: 'charts' });
  const facts = h('section', { class: 'columns', id: 'facts' });
  const examples = h('section', { id: 'examples' });
  put(view.root, h('div', { class: 'page-head' }, h('div', {}, h('h1', {}, 'Engine'), status)),
    notReady, problem, h('section', {}, h('h2', { class: 'unseen' }, 'Ticks'), charts), facts, examples);

  const ticks = new TickHistory();
  const drawn = startCharts(view, charts);
  const draw = () => { if (fresh.known) drawn.show(ticks); }; // not the newest without those before
  view.on('tick', (tick) => { if (ticks.add(tick)) view.draw(draw); });
  const fresh = keepFresh(view, problem, async (signal) => {
    const engine = await view.get('api/v1/engine', {}, { signal });
    ticks.load(engine.ticks, engine.interval);
    view.draw(draw);
    showStatus(status, notReady, engine);
    showFacts(facts, engine);
    showExamples(examples, engine);
  }, { gapMs: 5000, content: [status, charts, facts, examples] });
}

const roles = { owner: 'Evaluating', standby: 'Standing by', recovering: 'Recovering',
  connecting: 'Connecting' };

function showStatus(status, place, engine) {
  const tone = !engine.ready ? 'bad' : engine.role === 'owner' ? 'good' : 'warn';
  const text = [engine.ready ? roles[engine.role] ?? engine.role : 'Not ready',
    `Tocsin ${engine.version}`, `on ${engine.host}`, `cluster ${engine.cluster}`,
    `up ${span(Date.parse(engine.asOf) - Date.parse(engine.startedAt))}`,
    `a tick every ${stretch(engine.interval)}`];
  const now = JSON.stringify([tone, ...text]);
  if (status.dataset.said !== now) {
    status.dataset.said = now;
    put(status, h('span', { class: 'pill', data: { tone } }, text[0]),
      text.slice(1).map((one) => h('bdi', {}, one)));
  }
  put(place, engine.notReady && h('div', { class: 'state failure', role: 'alert' },
    h('div', {}, h('strong', {}, 'The engine does not do its work'), h('p', {}, prose(engine.notReady)))));
}

const looks = [
  { label: 'Time of a tick', about: 'end of the tick to its incidents', value: span,
    axis: (ms) => (ms >= 1000 ? `${short(ms / 1000)} s` : `${short(ms)} ms`), series: [
      { label: 'Lag', of: 'lagMs', colour: '--series-1' },
      { label: 'Evaluation', of: 'evaluationMs', colour: '--series-3' },
      { label: 'Commit', of: 'commitMs', colour: '--series-2' }] },
  { label: 'Samples per second', about: 'accepted', named: true, series: [
    { label: 'Samples', of: 'rate', colour: '--series-1', fill: '--series-1-faint' }] },
  { label: 'Incidents', about: 'events of each tick', stacked: true, whole: true, series: [
    { label: 'Opened', of: 'opened', colour: '--series-error' },
    { label: 'Resolved', of: 'resolved', colour: '--series-3' }] },
];

function startCharts(view, place) {
  const charts = looks.map((look) => chart({ ...look, signal: view.signal, sync: 'engine',
    height: 170, value: look.value ?? number }));
  put(place, charts.map((one) => one.element));
  charts.forEach((one, i) => setText(one.about, looks[i].about));
  return {
    show(ticks) {
      looks.forEach(({ series }, i) => charts[i].set({ time: ticks.time, blind: ticks.blind,
        from: ticks.from, to: ticks.to, values: series.map(({ of }) => ticks.of(of)) }));
    },
  };
}
