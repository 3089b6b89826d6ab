// The cluster at a glance: its figures, its charts, its hosts.

import { h, put } from '../dom.js';
import { startHostTable } from './host_table.js';

export const title = 'Monitoring';

export function open(view) {
  const hosts = h('section', { 'aria-labelledby': 'hosts-title' });
  put(view.root, h('div', { class: 'page-head' }, h('h1', {}, 'Monitoring')), hosts);
  startHostTable(view, hosts, { span: 300_000 });
}
