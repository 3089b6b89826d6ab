// The open incidents that the reader asked for: as they were read, and as events change them since.
// Pure.
//
// 1. While it is frozen, the order stays: new ones wait, and ended ones stay where they are.
// 2. An event that came while a reading was under way is taken in again after it.

import { sorted } from '../rows.js';

/** Columns by which they can be sorted. */
export const sortValues = {
  rule: ({ ruleName }) => ruleName,
  host: ({ hostName }) => hostName,
  start: ({ startTime }) => Date.parse(startTime),
  value: ({ triggerValue }) => triggerValue,
};

const eventsMax = 1000; // of those that came while it was read: more are read again anyway

// Of names, and of ISO times: faster than dates.
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

export class OpenList {
  #open = new Map(); // id → incident
  #during = null; // events since a reading began
  #frozen = null; // Set of ids in order, while it is frozen
  #left = 0; // of these: how many are no longer open
  #ended = new Map(); // id → incident, resolved while it is frozen
  #rules = new Map(); // name → how many are open
  #hosts = new Map();
  #orders = new Map(); // by what it is sorted by, until something changes
  complete = false; // whether all are here that were open when it was read

  get size() { return this.#open.size; }
  get frozen() { return this.#frozen !== null; }
  values() { return this.#open.values(); }

  begin() { this.#during = []; }

  /** What was read since begin(). */
  replace(incidents, complete) {
    const missed = this.#during ?? [];
    this.#during = null;
    this.#orders.clear();
    this.#open = new Map(incidents.map((one) => [one.id, one]));
    this.#rules.clear();
    this.#hosts.clear();
    for (const one of this.#open.values()) this.#count(one, 1);
    this.#left = [...this.#frozen ?? []].filter((id) => !this.#open.has(id)).length;
    this.complete = complete;
    for (const one of missed) this.take(one);
  }

  /** An event of an incident that was asked for. */
  take(event) {
    if (this.#during && this.#during.length < eventsMax) this.#during.push(event);
    this.#orders.clear();
    const known = this.#open.get(event.id);
    if (event.event === 'opened') {
      this.#open.set(event.id, event);
      if (!known) this.#count(event, 1);
    } else if (known) {
      this.#open.delete(event.id);
      this.#count(known, -1);
      if (!this.#frozen?.has(event.id)) return;
      this.#ended.set(event.id, event);
      ++this.#left;
    }
  }

  freeze(sort) {
    if (this.#frozen) return;
    this.#frozen = new Set(this.#order(sort).map(({ id }) => id));
    this.#left = 0;
  }

  thaw() {
    this.#frozen = null;
    this.#ended.clear();
  }

  /** In order; those that ended while it is frozen have an endTime. */
  rows(sort) {
    if (!this.#frozen) return this.#order(sort);
    return Array.from(this.#frozen, (id) => this.#open.get(id) ?? this.#ended.get(id))
      .filter(Boolean);
  }

  /** What a frozen list does not show yet: { opened, resolved }. */
  waiting() {
    if (!this.#frozen) return { opened: 0, resolved: 0 };
    return { opened: this.#open.size - (this.#frozen.size - this.#left), resolved: this.#left };
  }

  /** How many of each rule, most first: [[rule, count]…]; and how many hosts. */
  counts() {
    return { hosts: this.#hosts.size,
      rules: [...this.#rules].sort(([a, n], [b, m]) => m - n || compare(a, b)) };
  }

  #count({ ruleName, hostName }, more) {
    for (const [names, name] of [[this.#rules, ruleName], [this.#hosts, hostName]]) {
      const now = (names.get(name) ?? 0) + more;
      if (now > 0) names.set(name, now);
      else names.delete(name);
    }
  }

  // The newest first among those that are alike.
  #order(sort) {
    const known = this.#orders.get(sort);
    if (known) return known;
    const newest = [...this.#open.values()].sort((a, b) => compare(b.startTime, a.startTime));
    const order = sort === '-start' ? newest : sorted(newest, sort, sortValues);
    this.#orders.set(sort, order);
    return order;
  }
}
