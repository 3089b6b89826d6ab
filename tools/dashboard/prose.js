// Sentences of the engine, as people read them: moments in the reader's time, numbers without a
// tail.

import { compared } from './words.js';
import { moment } from './moment.js';

const marks = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)|(?<![\w.])(-?\d+\.\d{5,}(?:e-?\d+)?)(?![\w.])/g;

/** Parts of a sentence: texts, and { at } for moments. A field keeps its first letter. Pure. */
export function parts(text, { keep = '', threshold, within = false } = {}) {
  const begin = within || (keep && text.startsWith(keep)) ? text :
    text.charAt(0).toUpperCase() + text.slice(1);
  const whole = /[.!?…]$/.test(begin) ? begin : `${begin}.`;
  const found = [];
  let last = 0;
  for (const match of whole.matchAll(marks)) {
    found.push(whole.slice(last, match.index));
    found.push(match[1] ? { at: match[1] } : compared(Number(match[2]), threshold));
    last = match.index + match[0].length;
  }
  found.push(whole.slice(last));
  return found.filter((part) => part !== '');
}

/** The same as nodes and texts, for h() and put(). `within`: not the beginning of a sentence. */
export function prose(text, rule, { within = false } = {}) {
  return parts(text, { keep: rule?.field, threshold: rule?.value, within })
    .map((part) => (typeof part === 'string' ? part : moment(part.at)));
}
