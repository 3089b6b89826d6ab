// Sentences of the engine, as people read them: moments in the reader's time, numbers without a
// tail and in the unit of their field, what stands between backticks set apart.

import { bdi, h } from './dom.js';
import { compared, quantity } from './words.js';
import { moment } from './moment.js';

const value = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/.source;
const marks = new RegExp(`${/`([^`]+)`|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/.source}|${
  // What a rule compares: "was 44.6; 60 or more is needed", "is less than 60".
  `(?<=\\b(?:was|less than|more than) )(${value})(?![\\w.]*\\w)|(?<![\\w.-])(${value})(?= or (?:more|less)\\b)`}|${
  /(?<![\w.])(-?\d+\.\d{5,}(?:e-?\d+)?)(?![\w.])/.source}`, 'g');

/**
 * Parts of a sentence: texts, { at } for moments, { code }. Of a sentence about a rule the field
 * keeps its first letter. Pure.
 */
export function parts(text, rule = {}, { within = false } = {}) {
  const { field: keep = '', value: threshold } = rule;
  const begin = within || (keep && text.startsWith(keep)) ? text :
    text.charAt(0).toUpperCase() + text.slice(1);
  const whole = /[.!?…]$/.test(begin) ? begin : `${begin}.`;
  const found = [];
  let last = 0;
  const add = (part) => { // texts beside one another are one
    if (typeof part === 'string' && typeof found.at(-1) === 'string') found[found.length - 1] += part;
    else found.push(part);
  };
  for (const match of whole.matchAll(marks)) {
    add(whole.slice(last, match.index));
    const [all, code, at, was, wanted, tail] = match;
    add(code ? { code } : at ? { at } : tail ? compared(Number(tail), threshold) :
      quantity(rule, Number(was ?? wanted), threshold));
    last = match.index + all.length;
  }
  add(whole.slice(last));
  return found.filter((part) => part !== '');
}

/** The same as nodes and texts, for h() and put(). `within`: not the beginning of a sentence. */
export function prose(text, rule, options) {
  return parts(text, rule, options)
    .map((part) => (typeof part === 'string' ? part : part.at ? moment(part.at) :
      h('code', {}, bdi(part.code))));
}
