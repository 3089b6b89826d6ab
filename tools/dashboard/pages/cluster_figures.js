// The line of figures at the top: what one wants to know before anything else. That of open incidents
// is the way to them.

import { h, put, setAttribute, setText } from '../dom.js';
import { number, span } from '../format.js';
import { link } from '../router.js';

const figures = [
  ['hosts', 'Hosts'], ['silent', 'Silent'], ['open', 'Open incidents'], ['cpu', 'CPU, avg'],
  ['memory', 'Memory, avg'], ['samples', 'Samples per s'], ['lag', 'Lag of last tick'],
];

/** Gives { hosts(answer), series(series), pause(yes) }; ticks it hears itself. */
export function startFigures(view, place) {
  const values = Object.fromEntries(figures.map(([name]) => [name, h(name === 'open' ? 'a' : 'span',
    { href: name === 'open' ? link('alerting') : null, data: { figure: name } }, number(null))]));
  put(place, figures.map(([name, label]) => h('div', {}, h('dt', {}, label),
    h('dd', {}, values[name]))));
  const set = (name, text, tone) => {
    setText(values[name], text);
    setAttribute(values[name], 'data-tone', tone || null);
  };
  let interval = null;
  let lastEnd = null;
  let paused = false;
  const showTick = (tick) => {
    set('open', number(tick.open), tick.open > 0 && 'bad');
    set('lag', tick.blind ? 'blind' : span(tick.lagMs), tick.blind && 'warn');
    const took = lastEnd === null ? interval : tick.endMs - lastEnd;
    lastEnd = tick.endMs;
    const rate = tick.samples / (took / 1000);
    if (took > 0) set('samples', number(rate < 10 ? Number(rate.toPrecision(2)) : Math.round(rate)));
    set('hosts', number(tick.hosts));
  };
  view.on('tick', (tick) => { if (!paused) showTick(tick); });
  // Until the first tick comes: what the engine says of the last one.
  view.get('api/v1/engine').then(({ ticks, interval: every }) => {
    interval ??= every;
    if (lastEnd === null && ticks.length > 0) showTick(ticks.at(-1));
  }, () => {});
  return {
    pause(yes) { paused = yes; },
    hosts({ total, matched, silent }) {
      set('hosts', number(total));
      // Of the hosts that match: only without a filter that is all of them.
      if (matched === total) set('silent', number(silent), silent > 0 && 'warn');
    },
    series(series) {
      ({ interval } = series);
      for (const [name, field] of [['cpu', 'cpu.usage'], ['memory', 'mem.usage']]) {
        const last = series.of(field, 'avg').at(-1) ?? null;
        set(name, last === null ? number(null) : `${number(Math.round(last * 10) / 10)} %`);
      }
    },
  };
}
