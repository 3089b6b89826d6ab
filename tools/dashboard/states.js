// What stands where there is nothing to show: why, and what to do.

import { h } from './dom.js';
import { moment } from './moment.js';
import { prose } from './prose.js';

const words = {
  unreachable: 'No connection to the engine',
  timeout: 'No answer from the engine',
  starting: 'The engine is starting',
  'not-evaluating': 'This engine does not evaluate',
  'redis-away': 'Redis is away',
  'redis-refused': 'Redis refuses',
  busy: 'The engine is busy',
  'token-lacks-right': 'The token may not do this',
  'not-found': 'Not found',
  'unknown-host': 'No such host',
  'unknown-rule': 'No such rule',
  'unknown-incident': 'No such incident',
  'too-slow': 'This took too long',
  'too-large': 'This is too much to show',
  'bad-parameter': 'The address asks for something that is not there',
};

/**
 * A box that says why something could not be read. Errors of the API say it in their own words.
 * `since`: when what is shown all the same was read, in ms; null: nothing is.
 */
export function failure(error, retry, since = null) {
  return h('div', { class: 'state failure', role: 'alert', data: {
    code: error.code ?? 'fault', message: error.message } },
    h('div', {}, h('strong', {}, words[error.code] ?? 'This could not be read'),
      h('p', {}, prose(error.message || 'A fault of the page: its console says more.')),
      since !== null && h('p', {}, 'What stands here was read at ', moment(since), '.'),
      error.code && h('p', { class: 'muted small' },
        h('code', {}, error.status ? `${error.status} ${error.code}` : error.code))),
    retry && h('button', { type: 'button', on: { click: () => retry() } }, 'Try again'));
}

/** A quiet note that there is nothing. */
export function empty(title, ...more) {
  return h('div', { class: 'state' }, h('div', {}, h('strong', {}, title),
    more.length > 0 && h('p', {}, ...more)));
}

/** While an answer is on its way; 'over': on what is there, which it does not move. */
export function loading(where = '') {
  return h('div', { class: `state loading ${where}`, role: 'status' }, h('span', {}, 'Loading…'));
}
