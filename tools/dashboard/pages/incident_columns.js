// Columns that lists of incidents have in common.

import { bdi, h, put, setAttribute, setText } from '../dom.js';
import { number, span } from '../format.js';
import { setMoment } from '../moment.js';
import { link } from '../router.js';
import { condition, endSentence, endWord, quantity } from '../words.js';

const labelsMax = 3; // its page has all

/** The rule's name, to the incident's page; on narrow screens with the host below. */
export const ruleColumn = { name: 'rule', label: 'Rule', sort: 'asc', of: ({ id }) => id,
  make: (cell) => {
    const [rule, host] = [bdi(''), bdi('')];
    const a = h('a', { class: 'name clamp' }, rule);
    const chips = h('span', { class: 'chips' });
    put(cell, h('div', {}, a, h('span', { class: 'narrow-only muted small' },
      h('span', { class: 'clamp' }, host)), chips));
    let labelled = '';
    return ({ id, ruleName, hostName, labels }) => {
      setText(rule, ruleName);
      setText(host, hostName);
      setLink(a, link('incidents', id), ruleName, `${ruleName} on ${hostName}`);
      const now = JSON.stringify(labels ?? {});
      if (now !== labelled) put(chips, labelChips(labels));
      labelled = now;
    };
  } };

export const hostColumn = { name: 'host', label: 'Host', sort: 'asc',
  of: ({ hostName }) => hostName,
  make: (cell) => {
    setAttribute(cell, 'class', 'wide-only');
    return nameLink(cell, 'clamp', ({ hostName }) => [link('hosts', hostName), hostName]);
  } };

/** In a column's make: a link with a name; `of` a row gives [address, name]. */
export function nameLink(cell, className, of) {
  const name = bdi('');
  const a = h('a', { class: className }, name);
  put(cell, a);
  return (row) => {
    const [href, text] = of(row);
    setText(name, text);
    setLink(a, href, text);
  };
}

function setLink(a, href, title, label) {
  setAttribute(a, 'href', href);
  setAttribute(a, 'title', title);
  setAttribute(a, 'aria-label', label);
}

const momentIn = (name) => (cell) => {
  const time = h('time');
  put(cell, time);
  return (row) => setMoment(time, row[name]);
};

export const startColumn = { name: 'start', label: 'Started', sort: 'desc', number: true,
  of: ({ startTime }) => startTime, make: momentIn('startTime') };

export const valueColumn = { name: 'value', label: 'Trigger value', sort: 'desc', number: true,
  title: 'The value at the check that opened it, and what the rule asks for',
  of: (one) => `${one.triggerValue} ${one.operand} ${one.threshold}`,
  fill: (cell, one) => put(cell, quantity(one, one.triggerValue, one.threshold),
    h('span', { class: 'muted beside' },
      one.threshold === undefined ? '' : condition(one, one.threshold))) };

export const endColumn = { name: 'end', label: 'Ended', number: true, of: ({ endTime }) => endTime,
  make: momentIn('endTime') };

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

function labelChips(all) {
  const entries = Object.entries(all ?? {});
  return [entries.slice(0, labelsMax).map(([name, text]) => h('span', { class: 'chip',
    title: `${name}: ${text}` }, bdi(text ? `${name}: ${text}` : name))),
  entries.length > labelsMax && h('span', { class: 'muted small' },
    `+${number(entries.length - labelsMax)}`)];
}
