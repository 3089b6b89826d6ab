// What a reader chooses with: one of a few, a list, a search, a page.

import { h, setAttribute, setText } from './dom.js';
import { number } from './format.js';
import { announce } from './router.js';

/** One of a few, side by side: radio buttons, in arrow keys and names as in looks. */
export function choice({ name, label, options, value, onChange }) {
  return h('fieldset', { class: 'choice', data: { control: name } },
    h('legend', { class: 'unseen' }, label),
    options.map(([option, text]) => h('label', {},
      h('input', { type: 'radio', name, value: option, checked: option === value,
        on: { change: () => onChange(option) } }), h('span', {}, text))));
}

/** One of many. */
export function picker({ name, label, options, value, onChange }) {
  return h('label', { class: 'picker' }, h('span', {}, label),
    h('select', { name, data: { control: name }, on: { change: (e) => onChange(e.target.value) } },
      options.map(([option, text]) => h('option', { value: option, selected: option === value },
        text))));
}

/** On or off. */
export function toggle({ name, label, title, value, onChange }) {
  const button = h('button', { type: 'button', class: 'toggle', title, 'aria-pressed': String(value),
    data: { control: name }, on: { click: () => {
      const next = button.getAttribute('aria-pressed') !== 'true';
      setAttribute(button, 'aria-pressed', String(next));
      onChange(next);
    } } }, label);
  return button;
}

const typingMs = 250;

/** Text that is searched for, as soon as the typing pauses. '/' goes there. */
export function search({ name, label, value, signal, onChange }) {
  let timer = 0;
  const input = h('input', { type: 'search', name, value, placeholder: label, 'aria-label': label,
    maxlength: 255, spellcheck: 'false', autocomplete: 'off', data: { control: name }, on: {
      input: () => {
        clearTimeout(timer);
        timer = setTimeout(() => onChange(input.value.trim()), typingMs);
      } } });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.('input, select, textarea, dialog')) return;
    event.preventDefault();
    input.focus();
  }, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  return input;
}

let hints = 0;

/** A field with a line below it, seen while the field has the focus, that says how to use it. */
export function withHint(input, text) {
  const id = `hint-${++hints}`;
  setAttribute(input, 'aria-describedby', id);
  setAttribute(input, 'title', text);
  return h('div', { class: 'hinted' }, input, h('p', { class: 'hint', id }, text));
}

/** Where the last page begins. */
export function lastOffset(total, limit) {
  return Math.floor(Math.max(0, total - 1) / limit) * limit;
}

/**
 * "1–50 of 1,234", and the ways to the pages beside. Numbers change with every tick: they are read
 * aloud only when the reader chose() something.
 */
export function pager({ what, onOffset }) {
  const text = h('span');
  let place = { offset: 0, limit: 50, total: 0 };
  let chosen = false;
  const go = (button, way) => {
    if (!isOff(button)) onOffset(Math.max(0, place.offset + way * place.limit));
  };
  const before = h('button', { type: 'button', data: { control: 'previous' },
    on: { click: () => go(before, -1) } }, 'Previous');
  const after = h('button', { type: 'button', data: { control: 'next' },
    on: { click: () => go(after, 1) } }, 'Next');
  const ways = h('span', { class: 'ways' }, before, after);
  return {
    element: h('div', { class: 'pager' }, text, ways),
    chose() { chosen = true; },
    set(next) {
      place = next;
      const { offset, limit, total } = next;
      const last = Math.min(offset + limit, total);
      setText(text, total === 0 ? `No ${what}` : offset === 0 && last === total ?
        `${number(total)} ${total === 1 ? what.replace(/s$/, '') : what}` :
        `${number(offset + 1)}–${number(last)} of ${number(total)}`);
      if (chosen) announce(text.textContent);
      chosen = false;
      turnOff(before, offset === 0);
      turnOff(after, last >= total);
      ways.hidden = isOff(before) && isOff(after) && !ways.contains(document.activeElement);
    },
  };
}

/** Lets a button do nothing, but keep the focus, which one that is disabled loses. */
export function turnOff(button, yes) {
  setAttribute(button, 'aria-disabled', yes ? 'true' : null);
}

export function isOff(button) {
  return button.getAttribute('aria-disabled') === 'true';
}
