// The newest ticks, as the engine keeps them, continued by its events. Pure.

const ticksMax = 360;

export class TickHistory {
  #ticks = [];
  interval = 10_000;

  load(ticks, interval) {
    this.interval = interval;
    const newest = ticks.at(-1)?.endMs ?? 0;
    this.#ticks = [...ticks, ...this.#ticks.filter(({ endMs }) => endMs > newest)].slice(-ticksMax);
  }

  /** False: it is known already. */
  add(tick) {
    if (tick.endMs <= (this.#ticks.at(-1)?.endMs ?? 0)) return false;
    this.#ticks.push(tick);
    if (this.#ticks.length > ticksMax) this.#ticks.shift();
    return true;
  }

  /** Starts of the ticks. */
  get time() { return this.#ticks.map(({ endMs }) => endMs - this.interval); }
  get to() { return this.#ticks.at(-1)?.endMs ?? Date.now(); }
  /** As long a span as there are ticks, but at least thirty of them. */
  get from() { return Math.min(this.#ticks[0]?.endMs ?? this.to, this.to - 30 * this.interval); }

  get blind() {
    return this.#ticks.filter(({ blind }) => blind)
      .map(({ endMs }) => [endMs - this.interval, endMs]);
  }

  of(name) {
    if (name === 'rate') return this.#ticks.map(({ samples }) => samples / (this.interval / 1000));
    return this.#ticks.map((tick) => tick[name] ?? null);
  }
}
