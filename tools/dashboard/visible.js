// Names may hold characters that nobody sees, but that turn the direction of what stands around them
// or break the line: they are shown as what they are. Pure.

const unseen = /[\0-\b\v-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** 'a\u202eb' → 'a\\u202eb': control characters (other than tab and newline), marks of direction,
 * and separators of lines as JSON writes them. */
export function visible(text) {
  return text.replace(unseen, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
