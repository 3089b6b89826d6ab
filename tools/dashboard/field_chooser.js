// Where a reader chooses fields: a button, and below it a search with the fields that it finds.
//
// 1. While it is open its lines stay where they are: only signs change.
// 2. At most `shownMax` fields are listed; the search finds the others.

import { turnOff } from './controls.js';
import { bdi, h, put, setAttribute, setText } from './dom.js';
import { count, number } from './format.js';
import { matching } from './rows.js';

const shownMax = 60;
let made = 0;

/**
 * options: { name, text (of the button), label, automatic (what a press on it means), signal, max,
 *   items: () → { all: [{ id, name, hosts }] in order of rank, chosen: [id],
 *     isAutomatic: nobody chose them },
 *   idOf: (id) → name of its field; ways: [[value, text]], wayOf: (id) → value and
 *   withWay: (id, value) → id, where of a field one of several things is shown,
 *   onChoose: ([id]) → void; []: what is shown is chosen by the page again }
 */
export function fieldChooser(options) {
  return new FieldChooser(options).element;
}

class FieldChooser {
  #chosen = [];
  #search = '';

  constructor(options) {
    this.options = options;
    const { name, text, label, signal } = options;
    const id = `chooser-${++made}`;
    this.button = h('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': id,
      data: { control: name }, on: { click: () => (this.popup.hidden ? this.#open() :
        this.#close()) } }, text);
    this.find = h('input', { type: 'search', 'aria-label': `Search fields for ${label}`,
      placeholder: 'Search fields', maxlength: 255, autocomplete: 'off', spellcheck: 'false',
      dir: 'auto', on: { input: () => { this.#search = this.find.value; this.#list(); } } });
    this.list = h('ul', { 'aria-label': label });
    this.note = h('p', { class: 'note', role: 'status' });
    this.reset = h('button', { type: 'button', title: options.automatic, on: { click: () =>
      this.#reset() } }, 'Automatic');
    this.popup = h('div', { id, class: 'popup', role: 'group', 'aria-label': label, hidden: true },
      this.find, this.list, this.note, h('div', { class: 'actions' }, this.reset,
        h('button', { type: 'button', on: { click: () => this.#close(true) } }, 'Close')));
    this.element = h('div', { class: 'chooser', on: { keydown: (e) => this.#key(e),
      focusout: (e) => this.#left(e.relatedTarget) } },
    this.button, this.popup);
    document.addEventListener('pointerdown', (e) => {
      if (!this.element.contains(e.target)) this.#close();
    }, { signal });
  }

  #open() {
    this.#search = this.find.value = '';
    this.popup.hidden = false;
    setAttribute(this.button, 'aria-expanded', 'true');
    this.#list();
    this.find.focus({ preventScroll: true });
  }

  #close(back = this.popup.contains(document.activeElement)) {
    if (this.popup.hidden) return;
    if (back) this.button.focus({ preventScroll: true });
    this.popup.hidden = true;
    setAttribute(this.button, 'aria-expanded', 'false');
    put(this.list);
  }

  #left(to) {
    if (to && !this.element.contains(to)) this.#close();
  }

  #key(event) {
    if (event.key !== 'Escape' || this.popup.hidden) return;
    event.preventDefault();
    this.#close(true);
  }

  // What is chosen first, then the others by rank.
  #list() {
    const { all, chosen } = this.options.items();
    this.#chosen = chosen;
    const nameOf = this.options.idOf;
    const theirs = new Set(chosen.map(nameOf));
    const hostsOf = new Map(all.map(({ name, hosts }) => [name, hosts]));
    const rows = [...chosen.map((id) => ({ id, name: nameOf(id), hosts: hostsOf.get(nameOf(id)) ?? 0 })),
      ...all.filter(({ name }) => !theirs.has(name))];
    const found = matching(rows, this.#search, ({ name }) => [name]);
    this.lines = found.slice(0, shownMax).map((row) => this.#line(row));
    put(this.list, this.lines.map(({ line }) => line));
    this.left = found.length - shownMax;
    this.none = found.length === 0;
    this.#say();
  }

  #line(row) {
    const { ways, wayOf, withWay } = this.options;
    let { id } = row;
    const box = h('input', { type: 'checkbox', on: { change: () => {
      if (!box.checked) this.#take(this.#chosen.filter((one) => one !== id));
      else if (!this.#chosen.includes(id)) this.#take([...this.#chosen, id]);
    } } });
    box.checked = this.#chosen.includes(id);
    const way = ways && h('select', { 'aria-label': `What of ${row.name}`, on: { change: () => {
      const next = withWay(id, way.value);
      const there = this.#chosen.includes(next);
      if (there) { way.value = wayOf(id); return; }
      const before = id;
      id = next;
      this.#take(this.#chosen.map((one) => (one === before ? next : one)));
    } } }, ways.map(([value, text]) => h('option', { value, selected: value === wayOf(id) }, text)));
    const line = h('li', {}, h('label', {}, box, bdi(row.name),
      h('span', { class: 'muted small' }, row.hosts > 0 ? count(row.hosts, 'host') :
        'not reported')), way);
    return { line, sync: () => {
      box.disabled = !box.checked && this.#chosen.length >= this.options.max;
      if (way) way.hidden = !box.checked;
    } };
  }

  #take(chosen) {
    this.#chosen = chosen;
    this.options.onChoose(chosen);
    if (chosen.length > 0) return this.#say();
    this.#list(); // what the page chooses by itself
    return this.find.focus({ preventScroll: true });
  }

  #reset() {
    if (this.options.items().isAutomatic) return;
    this.options.onChoose([]);
    this.#list();
  }

  #say() {
    for (const { sync } of this.lines) sync();
    turnOff(this.reset, this.options.items().isAutomatic);
    setText(this.note, this.none ? 'No field is named like that.' :
      this.#chosen.length >= this.options.max ? `${this.options.max} at most` :
        this.left > 0 ? `and ${number(this.left)} more: type to narrow` : '');
    this.note.hidden = this.note.textContent === '';
  }
}
