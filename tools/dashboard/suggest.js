// A text field that suggests while one types (ARIA's combobox): of ten thousand names the few that
// fit.
//
// 1. What is chosen is a suggestion or, with Enter, the very text; leaving the field with anything
//    else restores what was chosen before.
// 2. The newest question wins; those before are given up.

import { isAbort } from './api.js';
import { bdi, h, put, setAttribute } from './dom.js';

const typingMs = 150;
const slowMs = 300; // until it says that it waits
let made = 0;

/**
 * options: { name, label, value, placeholder, signal,
 *   find: async (text, signal) → { names: [text], more: number of others },
 *   onChoose: (text) → void; '' if it was emptied }
 * Gives { element, input, set(text) }.
 */
export function suggest(options) {
  return new Suggest(options);
}

class Suggest {
  #running = null;
  #timer = 0;
  #names = [];
  #at = -1;

  constructor(options) {
    this.options = options;
    this.chosen = options.value ?? '';
    const id = `suggest-${++made}`;
    this.list = h('ul', { id, role: 'listbox', 'aria-label': options.label, hidden: true });
    this.note = h('p', { class: 'note', role: 'status' });
    this.popup = h('div', { class: 'popup', hidden: true }, this.list, this.note);
    this.input = h('input', { type: 'search', name: options.name, value: this.chosen, dir: 'auto',
      role: 'combobox', 'aria-label': options.label, 'aria-autocomplete': 'list',
      'aria-expanded': 'false', 'aria-controls': id,
      placeholder: options.placeholder ?? options.label,
      maxlength: 255, autocomplete: 'off', spellcheck: 'false', data: { control: options.name },
      on: { input: () => this.#typed(), keydown: (e) => this.#key(e), blur: () => this.#leave(),
        click: () => { if (this.popup.hidden) this.#look(); } } });
    this.element = h('div', { class: 'suggest' }, this.input, this.popup);
    this.popup.addEventListener('pointerdown', (e) => e.preventDefault()); // keeps the focus
    this.list.addEventListener('click', (e) => {
      const option = e.target.closest('[role=option]');
      if (option) this.#choose(this.#names[Number(option.dataset.index)]);
    });
    options.signal.addEventListener('abort', () => this.#stop());
  }

  /** Shows another choice, without telling. */
  set(text) {
    this.chosen = text;
    if (document.activeElement !== this.input) this.input.value = text;
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = null;
  }

  #typed() {
    if (this.input.value === '') this.#choose('', true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), typingMs);
  }

  async #look() {
    this.#stop();
    const mine = this.#running = new AbortController();
    const slow = setTimeout(() => { if (this.popup.hidden) this.#open([], 0, 'Loading…'); }, slowMs);
    try {
      // What is chosen already is no search: then all is suggested.
      const text = this.input.value === this.chosen ? '' : this.input.value.trim();
      const { names, more } = await this.options.find(text, mine.signal);
      if (!mine.signal.aborted && document.activeElement === this.input) this.#open(names, more);
    } catch (error) {
      if (!isAbort(error) && !mine.signal.aborted) this.#open([], 0, error.message);
    } finally {
      clearTimeout(slow);
    }
  }

  #open(names, more, problem) {
    this.#names = names;
    put(this.list, names.map((name, i) => h('li', { role: 'option', id: `${this.list.id}-${i}`,
      'aria-selected': 'false', data: { index: i } }, bdi(name))));
    put(this.note, problem ?? (names.length === 0 ? 'None is named like that.' :
      more > 0 ? `and ${more.toLocaleString('en-US')} more: type to narrow` : ''));
    this.list.hidden = names.length === 0;
    this.note.hidden = this.note.textContent === '';
    this.popup.hidden = false;
    setAttribute(this.input, 'aria-expanded', 'true');
    this.#mark(-1);
  }

  #close() {
    this.#stop();
    this.popup.hidden = true;
    setAttribute(this.input, 'aria-expanded', 'false');
    this.#mark(-1);
  }

  #mark(at) {
    const options = this.list.children;
    if (options[this.#at]) setAttribute(options[this.#at], 'aria-selected', 'false');
    this.#at = at;
    const option = options[at];
    setAttribute(this.input, 'aria-activedescendant', option?.id);
    if (!option) return;
    setAttribute(option, 'aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
  }

  #key(event) {
    const open = !this.popup.hidden;
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way && !open) this.#look();
    else if (way && this.#names.length > 0) {
      const n = this.#names.length;
      this.#mark(this.#at < 0 ? (way > 0 ? 0 : n - 1) : (this.#at + way + n) % n);
    } else if (event.key === 'Enter') {
      this.#choose(this.#at >= 0 ? this.#names[this.#at] : this.input.value);
    } else if (event.key === 'Escape' && open) this.#close();
    else return;
    event.preventDefault();
  }

  #choose(text, stay = false) {
    const other = text !== this.chosen;
    this.chosen = this.input.value = text;
    if (!stay) this.#close();
    if (other) this.options.onChoose(text);
  }

  #leave() {
    const exact = this.#names.includes(this.input.value);
    if (this.input.value !== this.chosen && exact) this.#choose(this.input.value);
    this.input.value = this.chosen;
    this.#close();
  }
}

const shown = 8;

/** Of a view: names of hosts that the engine knows. */
export function findHosts(view) {
  return async (search, signal) => {
    const { hosts, matched } = await view.get('api/v1/hosts', { search, limit: shown,
      columns: 'last:uptime' }, { signal });
    return { names: hosts.map(({ host }) => host), more: matched - hosts.length };
  };
}

/** Of a list that is here: `names()` gives it, or promises it. */
export function findAmong(names) {
  return async (search) => {
    const wanted = search.toLowerCase();
    const all = (await names()).filter((name) => name.toLowerCase().includes(wanted));
    return { names: all.slice(0, shown), more: Math.max(0, all.length - shown) };
  };
}
