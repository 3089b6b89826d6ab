import { h, put } from '../dom.js';

export const title = 'host';

export function open(view) {
  put(view.root, h('h1', {}, 'host'));
}
