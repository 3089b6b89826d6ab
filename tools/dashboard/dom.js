// Elements. What comes from hosts and rules is put on the page here, and only as text: a name such
// as `<img onerror=…>` is shown, never read as markup; what would turn the direction of a text or
// break its line is shown as what it is (visible.js).

import { visible } from './visible.js';

const namespace = 'http://www.w3.org/2000/svg';

/**
 * Makes an element: h('a', { href: '#/', class: 'name' }, 'text', node, [more]).
 * Of the attributes, `on` takes listeners, `data` data-attributes and `style` CSS properties (which
 * a policy without inline style allows, other than the attribute); null, undefined and false are
 * left out. Children that are no nodes become text.
 */
export function h(tag, attributes, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes, ...children) {
  return build(document.createElementNS(namespace, tag), attributes, children);
}

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') each(value, (type, run) => node.addEventListener(type, run));
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'style') each(value, (what, text) => node.style.setProperty(what, text));
    else setAttribute(node, name, value === true ? '' : value);
  }
  node.append(...nodes(children));
  return node;
}

function each(object, run) {
  for (const [name, value] of Object.entries(object)) run(name, value);
}

function nodes(children) {
  return children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false)
    .map((c) => (c instanceof Node ? c : document.createTextNode(visible(String(c)))));
}

/** Replaces what is in a node. The focus goes from a link or button to the new one that is alike. */
export function put(node, ...children) {
  const focused = document.activeElement;
  const inside = focused !== node && node.contains(focused);
  node.replaceChildren(...nodes(children));
  if (inside && !focused.isConnected) {
    [...node.querySelectorAll('a, button')].find((one) => sign(one) === sign(focused))
      ?.focus({ preventScroll: true });
  }
  return node;
}

const sign = (node) => `${node.tagName} ${node.getAttribute('href') ?? node.textContent}`;

/** Sets a node's text, if it is another: what did not change costs the page nothing. */
export function setText(node, text) {
  const next = visible(String(text ?? ''));
  if (node.textContent !== next) node.textContent = next;
}

const readByPeople = new Set(['title', 'aria-label', 'placeholder']);

/** Sets an attribute, if it is another; null removes it. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const next = readByPeople.has(name) ? visible(String(value)) : String(value);
  if (node.getAttribute(name) !== next) node.setAttribute(name, next);
}

/**
 * Tells how wide an element is, in whole pixels, now and whenever that changes. Asking the element
 * itself would have the page laid out in the middle of an update, and once more after it.
 */
export function onWidth(element, signal, run) {
  const sized = new ResizeObserver((entries) => run(Math.floor(entries.at(-1).contentRect.width)));
  sized.observe(element);
  signal.addEventListener('abort', () => sized.disconnect());
}

/** A name that others gave (a host, rule, label): kept apart from the direction of the text around. */
export function bdi(text, attributes) {
  return h('bdi', attributes, text);
}

/** Text for screen readers only. */
export function unseen(text) {
  return h('span', { class: 'unseen' }, text);
}

/** A small line drawing, for the eye only. */
export function icon(path) {
  return svg('svg', { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true' },
    svg('path', { d: path }));
}
