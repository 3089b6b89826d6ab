// The title of the tab: how many incidents are open, and which page this is.

import { visible } from './visible.js';

let page = '';
let open = 0;

export function setPageTitle(text) {
  page = text;
  show();
}

export function setOpenCount(count) {
  open = count;
  show();
}

function show() {
  const next = visible(`${open > 0 ? `(${open}) ` : ''}${page} · Tocsin`);
  if (document.title !== next) document.title = next;
}
