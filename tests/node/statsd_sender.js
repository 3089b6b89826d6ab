'use strict'
// usage: statsd_sender.js PORT. Sends metrics with a StatsD client from the registry, over some
// seconds; says what it sent as JSON.
const StatsD = require('hot-shots')

const errors = []
const options = {
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  errorHandler: error => errors.push(String(error))
}
const buffered = new StatsD({ ...options, maxBufferSize: 1000, bufferFlushInterval: 20 })
const plain = new StatsD({ ...options, globalTags: { env: 'test' } })
const web = plain.childClient({ globalTags: { host: 'web-1' } })
const sent = { hits: 0, web: 0, times: 0, time: 0, sizes: 0, size: 0, depth: 0, changes: 0, sets: 0 }

function round (i) {
  plain.increment('hits', i % 3)
  buffered.increment('hits')
  sent.hits += i % 3 + 1
  web.increment('hits', 2)
  sent.web += 2
  buffered.timing('web.request', i % 50)
  ++sent.times
  sent.time += i % 50
  plain.distribution('size', i)
  ++sent.sizes
  sent.size += i
  plain.gauge('depth', -i) // with a tag: below zero, and not a change
  buffered.gaugeDelta('change', 1)
  sent.depth = -i
  ++sent.changes
  plain.set('users', i)
  ++sent.sets
}

let i = 0
const timer = setInterval(() => {
  for (let n = 0; n < 5; ++n) round(i++)
  if (i < 1000) return
  clearInterval(timer)
  buffered.close(() => plain.close(() => console.log(JSON.stringify({ ...sent, errors }))))
}, 10)
