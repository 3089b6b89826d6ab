// Keeps what a page shows fresh: loads it, again at each pulse, and says honestly when it cannot.

import { isAbort } from './api.js';
import { put } from './dom.js';
import { now } from './live.js';
import { failure } from './states.js';

/**
 * Calls `load(signal)` now and at each pulse, never twice at a time and not more often than every
 * `gapMs`. When it throws, `place` (an element) shows why, with a way to try again; what is on the
 * page stays, other than `content` (elements), which is hidden until there is a first answer. Gives
 * { again, pause }: again() drops what is under way and loads at once, for new choices of the reader.
 */
export function keepFresh(view, place, load, { gapMs = 1000, pulses = true,
  content = [] } = {}) {
  let running = null; // AbortController
  let began = -Infinity;
  let paused = false;
  let answered = false;

  const run = async () => {
    running?.abort();
    const mine = running = new AbortController();
    began = performance.now();
    try {
      await load(AbortSignal.any([mine.signal, view.signal]));
      if (running !== mine) return;
      place.replaceChildren();
      if (!answered) for (const node of content) node.hidden = false;
      answered = true;
    } catch (error) {
      if (!answered && !isAbort(error)) for (const node of content) node.hidden = true;
      if (isAbort(error) || running !== mine || view.signal.aborted) return;
      if (!error.code) console.error(error); // a fault of ours, not an answer
      // The header says so already, and the page shows what it knows.
      if (answered && error.status === 0 && !now().connected) return;
      const shown = place.firstElementChild?.dataset;
      if (shown?.code !== error.code || shown?.message !== error.message) {
        put(place, failure(error, run)); // once: it is read aloud
      }
    } finally {
      if (running === mine) running = null;
    }
  };

  if (pulses) {
    let missed = false;
    const due = () => {
      if (paused) return;
      missed = document.hidden;
      if (!missed && !running && performance.now() - began >= gapMs) run();
    };
    view.on('pulse', due);
    const shown = () => { if (missed && !document.hidden) due(); };
    document.addEventListener('visibilitychange', shown, { signal: view.signal });
  }
  run();
  return { again: run, pause: (value) => { paused = value; if (!value) run(); } };
}
