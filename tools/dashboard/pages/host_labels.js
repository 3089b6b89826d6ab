// The labels of a host in a table: the first few, and how many more there are.

import { bdi, h, put } from '../dom.js';
import { count } from '../format.js';
import { withTip } from '../tip.js';

const chipsMax = 3;

/** A column of labels; `add` filters by the label that was pressed. */
export function labelColumn(add) {
  return { name: 'labels', label: 'Labels', of: (row) => JSON.stringify(row.labels ?? {}),
    fill: (cell, row) => put(cell, labelChips(row.labels, add)) };
}

export const hasLabels = ({ labels }) => labels && Object.keys(labels).length > 0;

function labelChips(labels, add) {
  const all = Object.entries(labels ?? {}).map(([name, text]) => `${name}:${text}`);
  if (all.length === 0) return false;
  const shown = all.length === chipsMax + 1 ? all : all.slice(0, chipsMax); // "+1" is no shorter
  return h('span', { class: 'chips' }, shown.map((label) => h('button', { type: 'button',
    class: 'chip', title: `Only hosts with ${label}`, on: { click: () => add(label) } },
  bdi(label))), all.length > shown.length && rest(all.slice(shown.length)));
}

function rest(labels) {
  const button = h('button', { type: 'button', class: 'chip more-labels',
    'aria-label': `${count(labels.length, 'more label')}: ${labels.join(', ')}` },
  `+${labels.length}`);
  return withTip(button, () => labels.map((label) => h('div', {}, bdi(label))));
}
