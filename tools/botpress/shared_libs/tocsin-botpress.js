'use strict'

// What the hooks count, for Tocsin. It lies in Botpress's `shared_libs`, and `tocsin.js` beside it.
// Botpress loads it again when a hook changes: what must not begin anew hangs from the process,
// under this key.
const KEY = Symbol.for('tocsin.botpress')
const LEVELS = { warn: 'warnings.count', error: 'errors.count', critical: 'criticals.count' }

function client () {
  if (!global[KEY]) {
    const counters = ['eventsIn.count', 'eventsOut.count', ...Object.values(LEVELS)]
    global[KEY] = require('./tocsin').create({ counters })
  }
  return global[KEY]
}

// Who has the method: the class of all loggers, so that what any part of the server logs counts.
function ownerOf (logger, method) {
  let owner = logger
  while (owner && !Object.prototype.hasOwnProperty.call(owner, method)) {
    owner = Object.getPrototypeOf(owner)
  }
  return owner
}

function countCalls (owner, method, field) {
  const before = owner[method]
  if (before[KEY]) return
  const counted = function () {
    client().increment(field)
    return before.apply(this, arguments)
  }
  counted[KEY] = true
  owner[method] = counted
}

/** after_server_start: reports from now on, and counts what the server logs. */
exports.started = bp => {
  const missed = []
  for (const method of Object.keys(LEVELS)) {
    try {
      countCalls(ownerOf(bp.logger, method), method, LEVELS[method])
    } catch (e) {
      missed.push(LEVELS[method])
    }
  }
  client()
  if (missed.length > 0) {
    console.error(`tocsin: this version's logger is not known here, no ${missed.join(', no ')}`)
  }
}

/** before_incoming_middleware. */
exports.eventIn = () => client().increment('eventsIn.count')

/** before_outgoing_middleware. */
exports.eventOut = () => client().increment('eventsOut.count')
