// What happens in the engine, as it happens: one stream for all pages, read with fetch() since an
// EventSource cannot send a token. It reconnects for ever, and goes on behind the last event read.
//
//   live.on('tick' | 'incident' | 'rules' | 'reset', (data, id) => …)   what the engine says
//   live.on('state', ({ connected, since, why }) => …)                  whether it says anything
//   live.on('pulse', () => …)   time to look again: at each tick, and every 10 s without one
//
// Each gives a function that ends it.

import { ApiError, ask, isAbort } from './api.js';
import { EventReader } from './event_reader.js';

const path = 'api/v1/events';
const waitMs = [500, 10_000]; // before it connects again: the first, and the longest
const silenceMs = 40_000; // the engine says something every 15 s
const pulseMs = 10_000;
// Tabs that nobody sees give their connections back: a browser has six for one engine.
const hiddenMs = 60_000;

const listeners = new Map(); // type → Set
let state = { connected: false, since: Date.now(), why: null };
let lastId = '';
let pulsed = -Infinity;
let skip = null; // ends the wait before the next attempt

export function on(type, run) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(run);
  return () => listeners.get(type).delete(run);
}

export function now() {
  return state;
}

/** Tries again at once. */
export function hurry() {
  skip?.();
}

/** Never returns. */
export async function run() {
  setInterval(() => {
    if (!document.hidden && performance.now() - pulsed >= pulseMs) pulse();
  }, pulseMs / 4);
  addEventListener('online', hurry);
  for (let failures = 0; ;) {
    await seen();
    try {
      await readStream(() => { failures = 0; });
      setState(false, 'The engine ended the stream.');
    } catch (error) {
      setState(false, error.message, error instanceof ApiError ? error : null);
    }
    await rest(Math.min(waitMs[1], waitMs[0] * 2 ** failures++));
  }
}

async function readStream(connected) {
  const watch = new Watch();
  try {
    const headers = lastId ? { 'Last-Event-ID': lastId } : {};
    const response = await ask(path, { headers, signal: watch.signal });
    const reader = response.body.getReader();
    const events = new EventReader();
    setState(true);
    connected();
    for (;;) {
      watch.wind();
      const { done, value } = await reader.read();
      if (done) return;
      for (const one of events.read(value)) take(one);
    }
  } catch (error) {
    if (isAbort(error) && document.hidden) throw new Error('Nobody looked at this page.');
    if (isAbort(error)) throw new Error('The engine fell silent.');
    throw error instanceof TypeError ? new Error('The connection was lost.') : error;
  } finally {
    watch.end();
  }
}

// When somebody looks at the page.
function seen() {
  if (!document.hidden) return undefined;
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', resolve, { once: true });
  });
}

function take({ type, data, id }) {
  if (id) lastId = id;
  emit(type, JSON.parse(data), id);
  if (type === 'tick') pulse();
}

function pulse() {
  pulsed = performance.now();
  emit('pulse');
}

function emit(type, ...what) {
  for (const run of [...(listeners.get(type) ?? [])]) {
    try {
      run(...what);
    } catch (error) {
      console.error(error); // of one page: the others go on
    }
  }
}

function setState(connected, why = null, error = null) {
  const changed = connected !== state.connected;
  state = { connected, why, error, since: changed ? Date.now() : state.since };
  emit('state', state);
}

function rest(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms * (0.75 + Math.random() / 2));
    skip = () => { clearTimeout(timer); resolve(); };
  });
}

// Gives up a connection on which nothing comes any more, or that nobody has looked at for long.
class Watch {
  #controller = new AbortController();
  #timer = 0;
  #unseen = 0;
  #look = () => {
    clearTimeout(this.#unseen);
    if (document.hidden) this.#unseen = setTimeout(() => this.#controller.abort(), hiddenMs);
  };
  constructor() {
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
  }
  get signal() { return this.#controller.signal; }
  wind() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), silenceMs);
  }
  end() {
    document.removeEventListener('visibilitychange', this.#look);
    clearTimeout(this.#timer);
    clearTimeout(this.#unseen);
    this.#controller.abort();
  }
}
