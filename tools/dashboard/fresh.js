// Keeps what a page shows fresh: loads it, again when there may be more, and says honestly how what
// is shown stands to that (standing.js). All lists, figures and charts of all pages are kept by it.

import { isAbort } from './api.js';
import { put, setAttribute } from './dom.js';
import { now } from './live.js';
import { Standing } from './standing.js';
import { failure, loading } from './states.js';

const awayMs = 1500; // a stream that is back within that was never away
const retryMs = [1000, 10_000]; // at least, at most

/**
 * Calls `load(signal)`: now, then as options.by says, and some seconds after it threw.
 *   'pulses'  at each pulse, not more often than every `gapMs`
 *   'events'  where events may have been missed: at a reset, and when the stream is there (again);
 *             what happens in between is the page's to take in
 *   'once'    never again
 * `content` are the elements that are made of answers. They have the state as data-state: parts.css
 * hides them until there is one, other than charts, which say so themselves. `place` (an element)
 * says "Loading…" for them, or why it threw and how to try again. `onState(state)` hears of each.
 * Gives { again, look, anew, pause, known, state }: again() loads at once, and drops what is under
 * way; look() does only where nothing is; anew() loads for another question, to which what is shown
 * is no answer; `known`: what is shown is one, so that a list may say that it is empty.
 */
export function keepFresh(view, place, load, options = {}) {
  return new Fresh(view, place, load, options);
}

class Fresh {
  #standing = new Standing();
  #running = null; // AbortController
  #began = -Infinity;
  #answeredAt = null;
  #paused = false;
  #missed = false; // a time to load, while nobody looked
  #once = false; // more: as soon as what is under way is there
  #timers = {};

  constructor(view, place, load, { by = 'pulses', gapMs = 1000, content = [], onState } = {}) {
    Object.assign(this, { view, place, load, by, gapMs, content, onState });
    for (const run of ['again', 'look', 'anew', 'pause']) this[run] = this[run].bind(this);
    if (by !== 'once') this.#listen();
    document.addEventListener('visibilitychange', () => {
      if (this.#missed && !document.hidden) this.#due();
    }, { signal: view.signal });
    view.signal.addEventListener('abort', () => {
      for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    });
    this.#show();
    this.again();
  }

  get state() { return this.#standing.state; }
  get known() { return this.#standing.known; }

  look() {
    if (!this.#running) this.again();
  }

  anew() {
    this.#take('anew');
    return this.again();
  }

  pause(yes) {
    this.#paused = yes;
    if (!yes) this.again();
  }

  async again() {
    this.#running?.abort();
    const mine = this.#running = new AbortController();
    this.#began = performance.now();
    clearTimeout(this.#timers.retry);
    try {
      await this.load(AbortSignal.any([mine.signal, this.view.signal]));
      if (this.#running === mine) this.#answered();
    } catch (error) {
      if (this.#running === mine && !this.view.signal.aborted && !isAbort(error)) this.#failed(error);
    } finally {
      if (this.#running === mine) this.#end();
    }
  }

  #end() {
    this.#running = null;
    if (this.#once) this.again();
    this.#once = false;
  }

  #answered() {
    this.#answeredAt = Date.now();
    this.#take('answered');
    this.place.replaceChildren();
  }

  #failed(error) {
    if (!error.code) console.error(error); // a fault of ours, not an answer
    this.#take('failed');
    const { connected } = now();
    if (isPassing(error) && (error.status !== 0 || connected)) {
      this.#after('retry', Math.min(Math.max(error.retryAfterMs ?? 5000, retryMs[0]), retryMs[1]),
        () => this.#due());
    }
    // The header says so already, and the page shows what it knows.
    if (this.known && error.status === 0 && !connected) return;
    const shown = this.place.firstElementChild?.dataset;
    if (shown?.code !== error.code || shown?.message !== error.message) { // once: it is read aloud
      put(this.place, failure(error, this.again, this.known ? this.#answeredAt : null));
    }
  }

  #take(what) {
    if (!this.#standing.take(what)) return;
    this.#show();
    this.onState?.(this.state);
  }

  #show() {
    const { state } = this;
    for (const node of this.content) {
      setAttribute(node, 'data-state', state);
      setAttribute(node, 'aria-busy', state === 'other' ? 'true' : null);
    }
    const waits = this.content.some((node) => !node.matches('.charts'));
    if (state === 'loading' && waits) put(this.place, loading());
    if (state === 'other') put(this.place, loading('over'));
  }

  #listen() {
    const { view } = this;
    view.on('pulse', () => {
      if (this.by === 'pulses' || !now().connected) this.#due();
    });
    view.on('state', ({ connected }) => (connected ? this.#back() : this.#away()));
    if (this.by === 'events') view.on('reset', this.again);
  }

  #due() {
    if (this.#paused) return;
    this.#missed = document.hidden;
    if (!this.#missed && !this.#running && performance.now() - this.#began >= this.gapMs) this.again();
  }

  #away() {
    this.#timers.away ??= setTimeout(() => this.#take('away'), awayMs);
  }

  // What is under way may have been asked before the stream was there, and have missed its events.
  #back() {
    clearTimeout(this.#timers.away);
    delete this.#timers.away;
    if (this.#paused || (this.by !== 'events' && this.state === 'fresh')) return;
    if (this.by === 'events' && this.#running) this.#once = true;
    else if (!this.#running) this.again();
  }

  #after(name, ms, run) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(run, ms);
  }
}

// Whether it may be over by itself.
function isPassing({ status }) {
  return status === 0 || status === 429 || status >= 500;
}
