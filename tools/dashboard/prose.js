// Sentences of the engine, as people read them: moments in the reader's time, numbers without a
// tail, what stands between backticks set apart.

import { bdi, h } from './dom.js';
import { compared } from './words.js';
import { moment } from './moment.js';

const marks = /`([^`]+)`|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)|(?<![\w.])(-?\d+\.\d{5,}(?:e-?\d+)?)(?![\w.])/g;

/** Parts of a sentence: texts, { at } for moments, { code }. A field keeps its first letter. Pure. */
export function parts(text, { keep = '', threshold, within = false } = {}) {
  const begin = within || (keep && text.startsWith(keep)) ? text :
    text.charAt(0).toUpperCase() + text.slice(1);
  const whole = /[.!?…]$/.test(begin) ? begin : `${begin}.`;
  const found = [];
  let last = 0;
  for (const match of whole.matchAll(marks)) {
    found.push(whole.slice(last, match.index));
    const [all, code, at, value] = match;
    found.push(code ? { code } : at ? { at } : compared(Number(value), threshold));
    last = match.index + all.length;
  }
  found.push(whole.slice(last));
  return found.filter((part) => part !== '');
}

/** The same as nodes and texts, for h() and put(). `within`: not the beginning of a sentence. */
export function prose(text, rule, { within = false } = {}) {
  return parts(text, { keep: rule?.field, threshold: rule?.value, within })
    .map((part) => (typeof part === 'string' ? part : part.at ? moment(part.at) :
      h('code', {}, bdi(part.code))));
}
