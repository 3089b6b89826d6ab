// Values over time of some fields, as the engine gives them (GET api/v1/series), kept up to date by
// what each tick says of all hosts. Pure.
//
// 1. It never holds more steps than the span has.
// 2. A tick that does not follow the last one is not taken: add() says so, and it is read again.
// 3. A step that is not over holds a part of what it will: it is not drawn (drawn()).

import { stretch, time } from './format.js';

/** The resolutions to choose from. */
export const steps = [10_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000];

/** The step for a span of time: at most 120 of them. (The engine takes no less than its interval.) */
export function stepFor(spanMs) {
  return [1000, 2000, 5000, ...steps].find((step) => spanMs / step <= 120) ?? steps.at(-1);
}

const fieldsMax = 16; // of a tick's event
const lookAgainMs = 60_000;
const inMemoryMs = 300_000; // of one host, at least where the engine has run for so long

export class Series {
  #looked = null; // when it was asked for what came late

  constructor(answer, spanMs) {
    this.span = spanMs;
    this.step = answer.step;
    this.interval = answer.interval;
    this.time = answer.time.slice();
    this.blind = answer.blind.slice();
    this.complete = answer.complete;
    this.begins = answer.begins; // start of the first tick in it,
    this.why = answer.whyIncomplete; // and why there is none before, where more was asked for
    this.end = Date.parse(answer.asOf); // end of the last tick in it
    this.fields = new Map(answer.series.map(({ field, min, max, avg, sum, count }) =>
      [field, { min, max, avg, sum, count }].map((x) => (typeof x === 'string' ? x : copy(x)))));
  }

  /** Of the field, one of min, max, avg, sum, count per step; empty if it was not asked for. */
  of(field, what) {
    return this.fields.get(field)?.[what] ?? this.time.map(() => null);
  }

  /** What the time axis shows. */
  get to() { return this.time.length > 0 ? this.time.at(-1) + this.step : this.end; }
  get from() { return this.to - Math.max(this.span, this.step); }

  /**
   * What a chart shows of some [field, what]: { time, values, from, to, open }. The step under way is
   * left out, unless no other has a value. `open`: its start; null: there is none.
   */
  drawn(wanted) {
    const values = wanted.map(([field, what]) => this.of(field, what));
    const whole = this.time.length - (this.to > this.end ? 1 : 0);
    const open = whole < this.time.length ? this.time[whole] : null;
    const alone = open !== null && values.some((all) => (all[whole] ?? null) !== null) &&
      values.every((all) => all.slice(0, whole).every((value) => value === null));
    if (open === null || alone) {
      return { time: this.time, values, from: this.from, to: this.to, open, alone };
    }
    const to = whole > 0 ? open : this.to;
    return { time: this.time.slice(0, whole), values: values.map((all) => all.slice(0, whole)),
      from: to - Math.max(this.span, this.step), to, open, alone };
  }

  /** What a chart's steps are, in words: "per 5 min, up to 11:50:00"; '' where a step is a tick. */
  stepWords({ open, alone }) {
    if (this.step <= this.interval) return '';
    return `per ${stretch(this.step)}${open === null ? '' : alone ? ', not over yet' :
      `, up to ${time(open)}`}`;
  }

  /** Why it does not reach back as far as was asked for: one cause, and from when on there is all. */
  beginWords() {
    const at = time(this.begins);
    return { beginning: `The log begins at ${at}: there is nothing from before.`,
      log: `What was reported before ${at} is not in the log any more.`,
      interval: `Before ${at} ticks were of another length or grace: those are not shown beside these.`,
      time: `Reading what was before ${at} took too long.`,
      length: `Charts hold 200,000 ticks: none from before ${at}.` }[this.why] ?? '';
  }

  /** Takes a tick event in; false: something is missing, read the series again. */
  add({ endMs, blind, cluster }) {
    if (endMs <= this.end) return true; // known
    if (endMs - this.end !== this.interval || (!cluster && !blind)) return false;
    // Fields that nobody reported are left out, and what is beyond the first sixteen.
    if (!blind && Object.keys(cluster).length >= fieldsMax) {
      for (const name of this.fields.keys()) if (!(name in cluster)) return false;
    }
    this.end = endMs;
    const start = endMs - this.interval;
    this.#reach(start);
    if (blind) this.#shade(start, endMs);
    else for (const [name, field] of this.fields) merge(field, this.time.length - 1, cluster[name]);
    return true;
  }

  /**
   * From when on to ask for the same again: the step of the first tick that is not in it, and once a
   * minute (`now`: any clock, ms) what the engine has in memory, as values may have come late.
   */
  askFrom(now) {
    const next = floor(this.end, this.step);
    this.#looked ??= now;
    if (now - this.#looked < lookAgainMs) return next;
    this.#looked = now;
    return Math.min(next, floor(this.end - inMemoryMs, this.step) + this.step);
  }

  /** Takes in the answer to what askFrom() said; false: it does not fit, read the series again. */
  join(answer) {
    if (answer.step !== this.step || answer.time.length === 0) return answer.step === this.step;
    if (answer.time[0] > floor(this.end, this.step)) return false; // a hole
    for (let i = 0; i < answer.time.length; ++i) {
      if (!(answer.time[i] <= this.time.at(-1))) this.#reach(answer.time[i]);
      const at = this.time.length - 1 - (this.time.at(-1) - answer.time[i]) / this.step;
      if (at < 0) continue;
      for (const given of answer.series) {
        const field = this.fields.get(given.field);
        for (const [what, values] of Object.entries(field ?? {})) values[at] = given[what][i];
      }
    }
    for (const [from, to] of answer.blind) if (to > this.end) this.#shade(Math.max(from, this.end), to);
    this.end = Math.max(this.end, Date.parse(answer.asOf));
    return true;
  }

  #reach(at) {
    const step = floor(at, this.step);
    if (this.time.at(-1) === step) return;
    this.time.push(step);
    this.#each((values) => values.push(null));
    while (this.time.length > 1 && this.time[0] < this.from) {
      this.time.shift();
      this.#each((values) => values.shift());
    }
    this.blind = this.blind.filter(([, to]) => to > this.time[0]);
  }

  #each(run) {
    for (const field of this.fields.values()) Object.values(field).forEach(run);
  }

  #shade(from, to) {
    const last = this.blind.at(-1);
    if (last && last[1] === from) this.blind[this.blind.length - 1] = [last[0], to];
    else this.blind.push([from, to]);
  }
}

const floor = (at, step) => Math.floor(at / step) * step;
const copy = (field) => Object.fromEntries(Object.entries(field).map(([k, v]) => [k, v.slice()]));

// Into the last step, of which there may be some already.
function merge(field, at, tick) {
  if (!tick || !tick.count) return;
  field.count[at] = (field.count[at] ?? 0) + tick.count;
  field.sum[at] = (field.sum[at] ?? 0) + tick.sum;
  field.avg[at] = field.sum[at] / field.count[at];
  field.min[at] = field.min[at] === null ? tick.min : Math.min(field.min[at], tick.min);
  field.max[at] = field.max[at] === null ? tick.max : Math.max(field.max[at], tick.max);
}
