// One opening of one page: where it draws, what it was asked, and everything that must end with it.

import { get } from './api.js';
import { put } from './dom.js';
import { on } from './live.js';
import { setPageTitle } from './page_title.js';

export class View {
  #controller = new AbortController();
  #frames = new Map(); // function → requested frame
  #noteHash;

  constructor(root, parameters, query, noteHash) {
    this.root = put(root);
    this.parameters = parameters; // of the path: { name: 'web-1' }
    this.query = query; // URLSearchParams of the hash
    this.#noteHash = noteHash;
  }

  /** Aborted when the reader goes elsewhere. */
  get signal() { return this.#controller.signal; }

  title(text) { setPageTitle(text); }

  /** GET, given up when the page closes (or `signal` says so). */
  get(path, parameters, { signal } = {}) {
    const both = signal ? AbortSignal.any([this.signal, signal]) : this.signal;
    return get(path, parameters, { signal: both });
  }

  /** live.on(), until the page closes. */
  on(type, run) {
    const end = on(type, run);
    this.signal.addEventListener('abort', end);
  }

  /** Runs it in the next frame, once however often it is asked for. Hidden tabs draw nothing. */
  draw(run) {
    if (this.signal.aborted || this.#frames.has(run)) return;
    this.#frames.set(run, requestAnimationFrame(() => {
      this.#frames.delete(run);
      run();
    }));
  }

  every(ms, run) {
    const timer = setInterval(run, ms);
    this.signal.addEventListener('abort', () => clearInterval(timer));
  }

  /** Keeps what the reader chose in the address; null, undefined and '' leave it. No new history. */
  setQuery(values) {
    for (const [name, value] of Object.entries(values)) {
      this.query.delete(name);
      for (const one of [value].flat()) {
        if (one !== null && one !== undefined && one !== '') this.query.append(name, one);
      }
    }
    const path = location.hash.split('?')[0] || '#/';
    const query = this.query.toString();
    history.replaceState(null, '', query ? `${path}?${query}` : path);
    this.#noteHash(location.hash);
  }

  close() {
    this.#controller.abort();
    for (const frame of this.#frames.values()) cancelAnimationFrame(frame);
    this.#frames.clear();
  }
}
