// Labels and annotations: texts that people gave to rules.

import { bdi, h } from '../dom.js';
import { count } from '../format.js';

export function labelChips(labels) {
  return h('span', { class: 'chips' }, Object.entries(labels ?? {}).map(([name, text]) =>
    h('span', { class: 'chip' }, bdi(text ? `${name}: ${text}` : name))));
}

/** "2 servers" of a host on which more than one reports. Pure. */
export function serverWords({ servers }) {
  return servers > 1 ? count(servers, 'server') : '';
}

/** Names and texts for a list of facts. A text that is a web address is a link to there. */
export function textFacts(texts) {
  return Object.entries(texts ?? {}).map(([name, text]) => [h('dt', { class: 'given' }, bdi(name)),
    h('dd', { class: 'text' }, webAddress(text) ? outside(text) : bdi(text))]);
}

const outside = (text) =>
  h('a', { href: text, rel: 'noopener noreferrer', target: '_blank' }, bdi(text));

/** Whether a text is an address of the web and nothing else, without name and password. Pure. */
export function webAddress(text) {
  if (!/^https?:\/\/[^\s]+$/.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password;
}
