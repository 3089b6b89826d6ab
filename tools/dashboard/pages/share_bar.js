// How the hosts of a rule are shared out among the verdicts, as a bar.

import { h, setAttribute } from '../dom.js';
import { number } from '../format.js';

const kinds = [['breach', 'in breach'], ['unknown', 'unknown'], ['clear', 'in order']];

export function shareBar(attributes = {}) {
  const parts = kinds.map(([kind]) => h('span', { class: kind }));
  const element = h('span', { class: 'share', role: 'img', ...attributes }, parts);
  return { element, set: (state) => {
    const total = kinds.reduce((sum, [kind]) => sum + state[kind], 0);
    kinds.forEach(([kind], i) => {
      parts[i].style.setProperty('flex-grow', total ? state[kind] / total : 0);
      parts[i].hidden = state[kind] === 0;
    });
    setAttribute(element, 'aria-label', total === 0 ? 'no host yet' :
      kinds.map(([kind, words]) => `${number(state[kind])} ${words}`).join(', '));
  } };
}
