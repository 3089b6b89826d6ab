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

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0); // of ISO times: faster than dates

export class OpenList {
  #open = new Map(); // id → incident
  #during = null; // events since a reading began
  #frozen = null; // ids in order, while it is frozen
  #ended = new Map(); // id → incident, resolved while it is frozen
  #counts = null;
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
    this.#forget();
    this.#open = new Map(incidents.map((one) => [one.id, one]));
    this.complete = complete;
    for (const one of missed) this.take(one);
  }

  /** An event of an incident that was asked for. */
  take(event) {
    if (this.#during && this.#during.length < eventsMax) this.#during.push(event);
    this.#forget();
    if (event.event === 'opened') this.#open.set(event.id, event);
    else if (this.#open.delete(event.id) && this.frozen) this.#ended.set(event.id, event);
  }

  freeze(sort) {
    this.#frozen ??= this.#order(sort).map(({ id }) => id);
  }

  thaw() {
    this.#frozen = null;
    this.#ended.clear();
  }

  /** In order; those that ended while it is frozen have an endTime. */
  rows(sort) {
    if (!this.#frozen) return this.#order(sort);
    return this.#frozen.map((id) => this.#open.get(id) ?? this.#ended.get(id)).filter(Boolean);
  }

  /** What a frozen list does not show yet: { opened, resolved }. */
  waiting() {
    if (!this.#frozen) return { opened: 0, resolved: 0 };
    const shown = new Set(this.#frozen);
    let opened = 0;
    for (const id of this.#open.keys()) if (!shown.has(id)) ++opened;
    return { opened, resolved: this.#frozen.filter((id) => !this.#open.has(id)).length };
  }

  /** How many of each rule, most first: [[rule, count]…]; and how many hosts. */
  counts() {
    return this.#counts ??= this.#count();
  }

  #count() {
    const rules = new Map();
    const hosts = new Set();
    for (const { ruleName, hostName } of this.#open.values()) {
      rules.set(ruleName, (rules.get(ruleName) ?? 0) + 1);
      hosts.add(hostName);
    }
    return { hosts: hosts.size,
      rules: [...rules].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)) };
  }

  #forget() {
    this.#orders.clear();
    this.#counts = null;
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
