import { h, put } from '../dom.js';

export const title = 'engine';

export function open(view) {
  put(view.root, h('h1', {}, 'engine'));
}
