// An engine that no host has reported to: what to do first.

import { hasToken } from '../api.js';
import { h } from '../dom.js';

export function firstSteps() {
  const origin = new URL('.', location.href).href.replace(/\/$/, '');
  const token = hasToken();
  const sample = '{"host":"web-1","cpu":{"usage":31.5},"errors":{"count":12}}';
  return h('section', { class: 'panel pad', data: { part: 'first-steps' } },
    h('h2', {}, 'No host has reported yet'),
    h('p', { class: 'muted' }, 'Whatever can POST JSON reports a host. A first sample, from any shell:'),
    command(`curl ${origin}/api/v1/samples ${token ? '-H "Authorization: Bearer $TOKEN" ' : ''}-d '${
      sample}'`),
    h('p', { class: 'muted' },
      'CPU, load, memory, disks and network of a machine, for as long as it runs:'),
    command(`tocsin agent --to ${origin}${token ? ' --token-file writers' : ''}`),
    h('p', { class: 'muted small', role: 'status' },
      'This page shows the first host within seconds of its first sample.'));
}

function command(text) {
  const say = h('button', { type: 'button', class: 'copy', on: { click: async () => {
    try {
      await navigator.clipboard.writeText(text);
      say.textContent = 'Copied';
    } catch { // no secure context, or not allowed: it is selected, to be copied by hand
      getSelection().selectAllChildren(code);
      say.textContent = 'Selected';
    }
    setTimeout(() => { say.textContent = 'Copy'; }, 2000);
  } } }, 'Copy');
  const code = h('code', { class: 'command', tabindex: '0' }, text);
  return h('div', { class: 'command-line' }, code, say);
}
