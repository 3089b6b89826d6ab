'use strict';
// What an error says and where it happened, for the engine's log.

const { inspect } = require('util');

// "FILE:LINE", the line of code, carets below it: so begins the stack of a syntax error.
function placeOfSyntaxError(stack) {
  const lines = stack.split('\n');
  const begin = /^(\/.*):(\d+)$/.exec(lines[0]);
  const caret = lines.slice(1, 4).find((line) => /^\s*\^+\s*$/.test(line));
  return begin && caret ? `${begin[1]}:${begin[2]}:${caret.indexOf('^') + 1}` : undefined;
}

// The innermost frame in that file; else the innermost that is neither node's nor the runner's.
function placeInStack(stack, file) {
  let other;
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:.* \()?(?:async )?(?:file:\/\/)?(\/.*:\d+:\d+)\)?$/.exec(line);
    if (!frame) continue;
    if (file && frame[1].startsWith(`${file}:`)) return frame[1];
    if (!other && !frame[1].startsWith(`${__dirname}/`)) other = frame[1];
  }
  return other;
}

// Never throws, whatever was thrown.
function describeError(error, file) {
  try {
    if (!(error instanceof Error) && typeof error?.stack !== 'string') {
      return { message: `threw ${inspect(error).slice(0, 2000)}` };
    }
    const stack = String(error.stack);
    const place = placeOfSyntaxError(stack) ?? placeInStack(stack, file);
    const name = error.name || 'Error';
    const message = error.message ? `${name}: ${error.message}` : String(name);
    return { message: message.slice(0, 2000), place, stack: stack.slice(0, 8000) };
  } catch {
    return { message: 'threw something that cannot be shown' };
  }
}

module.exports = { describeError };
