// An address that means no page.

import { h, put } from '../dom.js';
import { empty } from '../states.js';

export const title = 'Not found';

export function open(view) {
  put(view.root, h('div', { class: 'page-head' }, h('h1', {}, 'There is no such page')),
    empty('The address means none of the pages', 'It may have been cut off when it was copied. ',
      h('a', { href: '#/' }, 'To Monitoring'), '.'));
}
