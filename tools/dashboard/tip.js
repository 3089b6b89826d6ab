// A small text that belongs to a button: seen while that is pointed at or has the focus, above
// all else, so that no table cuts it off. Screen readers have it in the button's name.

import { h, put } from './dom.js';

let made = null; // there is one at a time

/** Gives the button one: `content()` makes what it holds. */
export function withTip(button, content) {
  const show = () => showTip(button, content);
  button.addEventListener('pointerenter', show);
  button.addEventListener('focus', show);
  button.addEventListener('click', show);
  button.addEventListener('blur', hideTip);
  return button;
}

function showTip(button, content) {
  made ??= h('div', { class: 'tip', popover: 'manual', 'aria-hidden': 'true' });
  if (!made.isConnected) (document.getElementById('main') ?? document.body).append(made);
  made.owner = button;
  put(made, content());
  if (!made.matches(':popover-open')) {
    made.showPopover();
    document.addEventListener('pointerover', onOver);
    document.addEventListener('keydown', onKey);
    addEventListener('scroll', hideTip, { capture: true, passive: true });
  }
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = made;
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
  const below = at.bottom + 4 + height <= innerHeight;
  made.style.setProperty('left', `${left}px`);
  made.style.setProperty('top', `${below ? at.bottom + 4 : Math.max(8, at.top - 4 - height)}px`);
}

function hideTip() {
  document.removeEventListener('pointerover', onOver);
  document.removeEventListener('keydown', onKey);
  removeEventListener('scroll', hideTip, { capture: true });
  if (made?.isConnected && made.matches(':popover-open')) made.hidePopover();
}

function onOver({ target }) {
  const { owner } = made;
  const here = owner.isConnected && (owner.contains(target) || document.activeElement === owner);
  if (!here && !made.contains(target)) hideTip();
}

function onKey({ key }) {
  if (key === 'Escape') hideTip();
}
