// Moments on the page: in the reader's time, with UTC for whoever points at it.

import { h, setAttribute, setText } from './dom.js';
import { time, utc } from './format.js';

/** A <time> of a moment (ms or ISO). */
export function moment(at, attributes) {
  const node = h('time', attributes);
  setMoment(node, at);
  return node;
}

/** Lets it show another. */
export function setMoment(node, at) {
  const known = at !== null && at !== undefined;
  setText(node, time(at));
  setAttribute(node, 'datetime', known ? new Date(at).toISOString() : null);
  setAttribute(node, 'title', known ? utc(at) : null);
}
