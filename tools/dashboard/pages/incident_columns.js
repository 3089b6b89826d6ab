// Columns that lists of incidents have in common.

import { bdi, h, put, setAttribute } from '../dom.js';
import { number, span } from '../format.js';
import { moment } from '../moment.js';
import { link } from '../router.js';
import { compared, condition, endSentence, endWord } from '../words.js';

const labelsMax = 3; // its page has all

/** The rule's name, to the incident's page; on narrow screens with the host below. */
export const ruleColumn = { name: 'rule', label: 'Rule', sort: 'asc', of: ({ id }) => id,
  fill: (cell, one) => put(cell, h('div', {},
    h('a', { class: 'name clamp', href: link('incidents', one.id), title: one.ruleName,
      'aria-label': `${one.ruleName} on ${one.hostName}` }, bdi(one.ruleName)),
    h('span', { class: 'narrow-only muted small' }, h('span', { class: 'clamp' },
      bdi(one.hostName))), labels(one.labels))) };

export const hostColumn = { name: 'host', label: 'Host', sort: 'asc',
  of: ({ hostName }) => hostName,
  fill: (cell, { hostName }) => {
    setAttribute(cell, 'class', 'wide-only');
    put(cell, h('a', { class: 'clamp', href: link('hosts', hostName), title: hostName },
      bdi(hostName)));
  } };

export const startColumn = { name: 'start', label: 'Started', sort: 'desc', number: true,
  of: ({ startTime }) => startTime, fill: (cell, { startTime }) => put(cell, moment(startTime)) };

export const valueColumn = { name: 'value', label: 'Trigger value', sort: 'desc', number: true,
  title: 'The value at the check that opened it, and what the rule asks for',
  of: (one) => `${one.triggerValue} ${one.operand} ${one.threshold}`,
  fill: (cell, { triggerValue, threshold, operand }) => put(cell,
    compared(triggerValue, threshold), h('span', { class: 'muted beside' },
      threshold === undefined ? '' : condition(operand, threshold))) };

export const endColumn = { name: 'end', label: 'Ended', number: true, of: ({ endTime }) => endTime,
  fill: (cell, { endTime }) => put(cell, moment(endTime)) };

export const lengthColumn = { name: 'length', label: 'Duration', number: true,
  of: ({ startTime, endTime }) => span(Date.parse(endTime) - Date.parse(startTime)) };

export const reasonColumn = { name: 'reason', label: 'Reason', of: ({ reason }) => reason ?? '',
  fill: (cell, { reason }) => put(cell, h('span', { title: endSentence(reason) },
    endWord(reason))) };

/** Of open ones: how long by now, or that it was resolved while the list stands still. */
export function ageColumn(now) {
  return { name: 'age', label: 'Open for', number: true,
    of: ({ startTime, endTime }) => (endTime ? 'resolved' : age(now() - Date.parse(startTime))),
    tone: ({ endTime }) => (endTime ? 'good' : '') };
}

/** In whole seconds: what is younger than one opened just now. */
export function age(ms) {
  return ms < 1000 ? 'now' : span(Math.floor(ms / 1000) * 1000);
}

function labels(all) {
  const entries = Object.entries(all ?? {});
  return entries.length > 0 && h('span', { class: 'chips' }, entries.slice(0, labelsMax)
    .map(([name, text]) => h('span', { class: 'chip', title: `${name}: ${text}` },
      bdi(text ? `${name}: ${text}` : name))),
  entries.length > labelsMax && h('span', { class: 'muted small' },
    `+${number(entries.length - labelsMax)}`));
}
