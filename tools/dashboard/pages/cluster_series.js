// The series behind the charts of the cluster: the whole frame is read once, then continued by
// ticks, or by asking for its end where ticks do not say all of it.

import { groups } from '../field_rank.js';
import { keepFresh } from '../fresh.js';
import { Series, stepFor } from '../series.js';

/**
 * `frame` { span, step }. `fields()` promises the names to ask for; none: there is nothing to show.
 * Gives { anew, pause }, and what there is to `show`.
 */
export function keepSeries(view, problem, charts, frame, fields, show) {
  let series = null;
  let paused = false;
  let wanted = true; // more than ticks say
  let whole = true; // the frame, not only its end
  let names = [];
  // Fields that ticks speak of: of sixteen, those of Botpress first.
  const told = new Set(groups.flatMap(({ series: some }) => some.map(({ field }) => field)));
  const draw = () => show(series);
  const ask = (span, step, signal) => view.get('api/v1/series', { fields: names.join(','), ...span,
    step }, { signal });

  const load = async (signal) => {
    if (!wanted) return;
    names = await fields();
    if (names.length === 0) return;
    if (whole || !series || !series.join(await ask({ from: series.askFrom(performance.now()) },
      series.step, signal))) {
      const to = Date.now();
      const step = frame.step === 'auto' ? stepFor(frame.span) : frame.step;
      series = new Series(await ask({ from: to - frame.span, to }, step, signal), frame.span);
    }
    // What was read is kept where time ran out: the next answer reaches further back.
    wanted = whole = series.why === 'time';
    view.draw(draw);
  };
  const fresh = keepFresh(view, problem, load, { content: [charts] });
  view.on('tick', (tick) => {
    for (const name of Object.keys(tick.cluster ?? {})) told.add(name);
    if (paused || wanted || !series) return;
    if (names.every((name) => told.has(name)) && series.add(tick)) view.draw(draw);
    else wanted = true; // the pulse that comes with the tick reads it
  });
  view.on('state', ({ connected }) => { if (!connected) wanted = whole = true; });
  return {
    anew() { wanted = whole = true; fresh.anew(); },
    pause(yes) { paused = yes; wanted = whole = true; fresh.pause(yes); },
  };
}
