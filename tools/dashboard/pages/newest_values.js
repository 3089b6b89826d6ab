// Averages of all hosts in the newest tick, as the events of ticks say them. Pure.

const ticksBack = 2; // hosts that report less often than ticks end have none in each

export class NewestValues {
  #ticks = []; // { endMs, values: Map }

  /** Takes a tick in; `averages`: { field: number | null }. One that is older changes nothing. */
  add(endMs, averages) {
    if (endMs <= (this.#ticks.at(-1)?.endMs ?? -Infinity)) return;
    this.#ticks.push({ endMs, averages });
    if (this.#ticks.length > ticksBack + 1) this.#ticks.shift();
  }

  /** The newest there is of a field, no further back than two ticks before the newest; else null. */
  of(field) {
    const found = this.#ticks.findLast(({ averages }) => (averages[field] ?? null) !== null);
    return found?.averages[field] ?? null;
  }
}
