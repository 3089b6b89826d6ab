'use strict'

// Reports what a Node.js program counts and measures to Tocsin. One file, no dependencies,
// Node.js 12 or later. See README.md beside it.
//
//  1. Nothing here throws into the program that uses it, or keeps it alive. What is wrong is said
//     once on standard error (option `log`), and counted in `stats`.
//  2. Every interval one sample is made and put into the backlog; it keeps its time for ever, and
//     two samples of one client never have the same. A sample that is sent twice (an answer was
//     lost) is therefore recognised by the engine, and counts once.
//  3. The backlog is bounded: an hour of samples, at most 36,000 of them and 16 MiB; the oldest go
//     first. One request is under way at a time, of at most 1,000 samples and 1 MiB.

const cluster = require('cluster')
const http = require('http')
const https = require('https')
const os = require('os')

const DEFAULT_URL = 'http://127.0.0.1:9480'
const BACKLOG_MS = 3600000
const BACKLOG_SAMPLES = 36000
const BACKLOG_BYTES = 16 << 20
const BATCH_SAMPLES = 1000
const BATCH_BYTES = 1 << 20
const FIELDS = 256
const NAME_BYTES = 255
const ANSWER_BYTES = 64 << 10
const REST_MS = [250, 5000] // after all URLs have failed: the first, and the longest
const EXIT_MS = 2000 // a program that has nothing left to do waits so long for the last sample
const NOT_FIELDS = ['host', 'ts', 'at', 'labels', 'gone', 'heartbeat', 'serverId']
// A token or a URL may be mended, a proxy or an engine may come back: only these mean that the
// samples themselves are at fault.
const ELSEWHERE = [401, 403, 404, 405, 407, 408, 415, 421, 425, 429]

const UNITS = { '': 1, ms: 1, s: 1000, m: 60000, h: 3600000 }

function milliseconds (text, fallback) {
  const found = /^\s*(\d*\.?\d+)\s*(ms|s|m|h|)\s*$/.exec(String(text))
  const value = found ? Math.round(Number(found[1]) * UNITS[found[2]]) : NaN
  return value > 0 && value <= 86400000 ? value : fallback
}

function hashOf (text) { // FNV-1a, 32 bits
  let hash = 2166136261
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 16777619) >>> 0
  return hash
}

// Retry-After, in seconds or as a date; an hour at most.
function askedWaitMs (headers) {
  const asked = (headers && headers['retry-after']) || ''
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now()
  return Math.min(Math.max(ms || 0, 0), BACKLOG_MS)
}

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits

function jiffies () {
  let idle = 0
  let total = 0
  for (const { times } of os.cpus()) {
    idle += times.idle
    total += times.user + times.nice + times.sys + times.idle + times.irq
  }
  return { idle, total }
}

function isField (name) {
  return typeof name === 'string' && name !== '' && Buffer.byteLength(name) <= NAME_BYTES &&
    !NOT_FIELDS.includes(name) && !/[\u0000-\u001f\u007f-\u009f]/.test(name)
}

const isNumber = value => typeof value === 'number' && Math.abs(value) <= 1e300

let clientsMade = 0

// Small numbers that differ between the processes of an application, where somebody counts them.
function instanceNumber (given) {
  if (Number.isInteger(given)) return given
  const worker = cluster.worker
  if (worker) return worker.id
  const counted = Number(process.env.NODE_APP_INSTANCE || NaN) // PM2
  if (Number.isInteger(counted)) return counted
  try {
    return process.pid + 331 * require('worker_threads').threadId
  } catch (e) { // Node.js without them
    return process.pid
  }
}

class Client {
  constructor (options) {
    this.stats = { sampled: 0, delivered: 0, refused: 0, dropped: 0, failures: 0, ignored: 0 }
    this._log = options.log || (message => console.error(`tocsin: ${message}`))
    if (options.log === false) this._log = () => {}
    this._said = new Set()
    this._counts = new Map()
    this._gauges = new Map()
    this._backlog = []
    this._backlogBytes = 0
    this._failedInTurn = 0
    this._url = 0
    this._rest = REST_MS[0]
    this._lastTs = 0
    this._idleWaiters = []
    this._host = options.host || process.env.TOCSIN_HOST || os.hostname()
    this._serverId = options.serverId || process.env.SERVER_ID || undefined
    const interval = options.interval || process.env.TOCSIN_INTERVAL
    this._interval = Math.max(100, milliseconds(interval, 10000))
    this._timeout = milliseconds(options.timeout, 10000)
    this._labels = options.labels
    this._machine = options.machine !== false
    this._batch = BATCH_SAMPLES
    const anHour = Math.ceil(BACKLOG_MS / this._interval)
    this._backlogMost = Math.max(1, Math.min(BACKLOG_SAMPLES, anHour))
    this._takePlace(options.instance)
    this._readDestination(options)
    if (this._machine) this._jiffies = jiffies()
    for (const field of options.counters || []) this.increment(field, 0)
    this.enabled = this._urls.length > 0 && options.enabled !== false
    if (!this.enabled) return
    this._schedule()
    this._beforeExit = () => { this.close({ timeout: EXIT_MS }) }
    process.once('beforeExit', this._beforeExit)
  }

  // Processes of one machine report under one name. Each has places of its own in time, so that
  // no two samples have the same `ts`: the engine would take the second for a repetition.
  _takePlace (instance) {
    this._step = Math.max(1, Math.min(1000, Math.floor(this._interval / 20)))
    const number = instanceNumber(instance) + Math.floor(0.618 * this._step) * clientsMade++
    this._place = ((number % this._step) + this._step) % this._step
    this._offset = this._interval / 10 +
      hashOf(`${this._host} ${number}`) % Math.max(1, Math.floor(this._interval / 2))
  }

  _readDestination (options) {
    const token = options.token || process.env.TOCSIN_TOKEN
    this._headers = { 'Content-Type': 'application/x-ndjson', 'User-Agent': 'tocsin-node' }
    if (token && /^[\x21-\x7e]+$/.test(token)) this._headers.Authorization = `Bearer ${token}`
    else if (token) this._once('token', 'no header takes the token\'s characters: none is sent')
    const given = options.urls || options.url || process.env.TOCSIN_URL || DEFAULT_URL
    this._urls = []
    for (const text of Array.isArray(given) ? given : String(given).split(',')) {
      try {
        const url = new URL(String(text).trim())
        const module = { 'http:': http, 'https:': https }[url.protocol]
        if (!module) throw new Error('it begins with neither http:// nor https://')
        url.pathname = url.pathname.replace(/\/+$/, '') + '/api/v1/samples'
        const agent = new module.Agent({ keepAlive: true, maxSockets: 1 })
        this._urls.push({ url, module, agent, notBefore: 0, away: false })
      } catch (e) {
        this._once(`url ${e.message}`, `a URL cannot be used, nothing is sent there: ${e.message}`)
      }
    }
  }

  // --- what the program says ---

  /** Adds to a count of this interval. Name it `something.count` or `something_sum`. */
  increment (field, by = 1) {
    if (!isNumber(by)) return this._ignore('by', 'increment() was given what is no number')
    const before = this._counts.get(field)
    if (before === undefined && !this._mayAdd(field)) return
    this._counts.set(field, (before || 0) + by)
  }

  /** Sets what is reported from now on, until it is set again; null ends that. */
  gauge (field, value) {
    if (value === null) return void this._gauges.delete(field)
    if (!isNumber(value)) return this._ignore('value', 'gauge() was given what is no number')
    if (!this._gauges.has(field) && !this._mayAdd(field)) return
    this._gauges.set(field, value)
  }

  _mayAdd (field) {
    if (!isField(field)) {
      return this._ignore('name', 'a field is a text of 1 to 255 bytes, and not ' + NOT_FIELDS.join(', '))
    }
    if (this._counts.size + this._gauges.size >= FIELDS) {
      return this._ignore('many', `more than ${FIELDS} fields: the others are left out`)
    }
    return true
  }

  _ignore (key, why) {
    ++this.stats.ignored
    this._once(key, why)
  }

  /** Counts one HTTP request, and how long its answer takes, once that is sent or given up. */
  observe (response) {
    try {
      const began = process.hrtime()
      let done = false
      const end = () => {
        if (done) return
        done = true
        const [s, ns] = process.hrtime(began)
        this.increment('requests.count')
        this.increment('requests.latency_sum', s * 1e3 + ns / 1e6)
      }
      response.on('finish', end)
      response.on('close', end)
    } catch (e) {
      this._once('observe', `a request could not be observed: ${e.message}`)
    }
  }

  express () {
    this._countRequests()
    return (request, response, next) => {
      this.observe(response)
      next()
    }
  }

  koa () {
    this._countRequests()
    return (context, next) => {
      this.observe(context.res)
      return next()
    }
  }

  _countRequests () { // zero is a value, too: else "no requests" would look like silence
    this.increment('requests.count', 0)
    this.increment('requests.latency_sum', 0)
  }

  // --- samples ---

  _schedule () {
    const now = Date.now()
    const slack = this._interval / 10 // timers may be early
    const passed = Math.floor((now + slack - this._offset) / this._interval)
    const due = (passed + 1) * this._interval + this._offset
    this._timer = setTimeout(() => {
      this._sample()
      this._send()
      this._schedule()
    }, Math.max(due - now, 1))
    this._timer.unref()
  }

  _now () {
    const now = Date.now()
    let ts = now - now % this._step + this._place
    if (ts > now) ts -= this._step // never ahead of its time
    // A clock that was set back is followed: what it reports twice is long sealed by then.
    if (ts <= this._lastTs && this._lastTs - ts < 2 * this._interval) ts = this._lastTs + this._step
    this._lastTs = ts
    return ts
  }

  _sample (more) {
    try {
      const sample = { host: this._host, serverId: this._serverId, ts: this._now(), ...more }
      if (this._labels) sample.labels = this._labels
      if (this._machine) this._addMachine(sample)
      for (const [field, value] of this._gauges) sample[field] = value
      for (const [field, value] of this._counts) {
        sample[field] = Math.abs(value) < 1e9 ? round(value, 6) : value
      }
      const line = JSON.stringify(sample)
      for (const field of this._counts.keys()) this._counts.set(field, 0)
      ++this.stats.sampled
      this._keep(line)
    } catch (e) {
      this._once('sample', `no sample could be made: ${e.message}`)
    }
  }

  _addMachine (sample) {
    const now = jiffies()
    const total = now.total - this._jiffies.total
    const idle = Math.max(0, now.idle - this._jiffies.idle)
    if (total > 0) sample['cpu.usage'] = round(Math.max(0, 100 - 100 * idle / total), 2)
    this._jiffies = now
    sample['mem.usage'] = round(100 - 100 * os.freemem() / os.totalmem(), 2)
    sample['mem.free'] = Math.floor(os.freemem() / 1024)
    sample.uptime = Math.floor(os.uptime())
  }

  _keep (line) {
    this._backlog.push(line)
    this._backlogBytes += line.length
    while (this._backlog.length > this._backlogMost || this._backlogBytes > BACKLOG_BYTES) {
      if (this._underWay > 0) --this._underWay // the oldest is in the request that is under way
      this._backlogBytes -= this._backlog.shift().length
      ++this.stats.dropped
      this._once('full', 'the backlog is full: the oldest samples are lost')
    }
  }

  // --- sending ---

  _send () {
    if (this._sending || this._resting || !this.enabled) return
    if (this._backlog.length === 0) return this._becomeIdle()
    const to = this._nextUrl()
    if (!to) return this._takeRest()
    let count = 0
    let bytes = 0
    while (count < Math.min(this._batch, this._backlog.length)) {
      bytes += this._backlog[count].length + 1
      if (count > 0 && bytes > BATCH_BYTES) break
      ++count
    }
    this._sending = true
    this._underWay = count
    this._post(to, this._backlog.slice(0, count).join('\n'), (error, status, text, headers) => {
      this._sending = false
      this._answered(to, error, status, text, headers)
      this._send()
    })
  }

  _nextUrl () { // stays with one as long as it takes samples
    const now = Date.now()
    while (this._failedInTurn < this._urls.length) {
      const to = this._urls[this._url]
      if (to.notBefore <= now || to.notBefore > now + BACKLOG_MS || this._closing) return to
      this._url = (this._url + 1) % this._urls.length
      ++this._failedInTurn
    }
  }

  _takeRest () {
    this._becomeIdle()
    this._failedInTurn = 0
    this._resting = setTimeout(() => {
      this._resting = undefined
      this._send()
    }, this._rest * (0.5 + Math.random() / 2))
    if (!this._closing) this._resting.unref()
    this._rest = Math.min(this._rest * 2, REST_MS[1])
  }

  _answered (to, error, status, text, headers) {
    if (status === 202) { // no other: the page of a proxy is no promise
      this._taken(to, text)
    } else if (status === 413 && this._underWay > 1) {
      this._batch = Math.ceil(this._underWay / 2)
    } else if (status >= 400 && status < 500 && !ELSEWHERE.includes(status)) {
      this.stats.refused += this._remove()
      const why = `${status} ${text.slice(0, 500).trim()}`
      this._once(why.slice(0, 60), `samples were refused, they are dropped: ${why}`)
    } else {
      ++this.stats.failures
      ++this._failedInTurn
      this._url = (this._url + 1) % this._urls.length
      to.notBefore = Date.now() + askedWaitMs(headers)
      const why = error ? error.message : `${status} ${text.slice(0, 200).trim()}`
      if (!to.away) this._say(`${to.url.origin} takes no samples (${why}); they are kept`)
      to.away = true
    }
    this._underWay = 0
  }

  _taken (to, text) {
    this.stats.delivered += this._remove()
    this._failedInTurn = 0
    this._rest = REST_MS[0]
    if (this._batch < BATCH_SAMPLES) this._batch *= 2
    if (to.away) this._say(`${to.url.origin} takes samples again`)
    to.away = false
    if (text.includes('"rejected"') || text.includes('"dropped"')) {
      this._once('in part', `samples were taken in part: ${text.slice(0, 500).trim()}`)
    }
  }

  _remove () {
    const gone = this._backlog.splice(0, this._underWay)
    for (const line of gone) this._backlogBytes -= line.length
    this._underWay = 0
    return gone.length
  }

  // Calls back once, whatever happens: also when the other side never ends its answer.
  _post (to, body, done) {
    let ended = false
    let timer
    const end = (error, status, text, headers) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      this._request = undefined
      done(error, status, text, headers)
    }
    try {
      const headers = { ...this._headers, 'Content-Length': Buffer.byteLength(body) }
      const options = { method: 'POST', agent: to.agent, headers }
      let answer
      const request = to.module.request(to.url, options, response => {
        answer = response
        this._readAnswer(response, end)
      })
      timer = setTimeout(() => {
        request.destroy()
        if (!answer) end(new Error(`no answer within ${this._timeout} ms`))
      }, this._timeout)
      request.on('error', end)
      request.on('close', () => { if (!answer) end(new Error('the connection broke off')) })
      this._request = { request, timer }
      request.on('socket', socket => { if (!this._closing) socket.unref() })
      if (!this._closing) timer.unref()
      request.end(body)
    } catch (e) {
      process.nextTick(end, e)
    }
  }

  _readAnswer (response, end) {
    const text = []
    let bytes = 0
    response.on('data', part => { if ((bytes += part.length) <= ANSWER_BYTES) text.push(part) })
    // Status and headers are the answer: one whose text always breaks off is one all the same.
    for (const event of ['end', 'error', 'aborted', 'close']) {
      response.on(event, () => {
        end(null, response.statusCode, Buffer.concat(text).toString(), response.headers)
      })
    }
  }

  // --- the end ---

  /** Sends what there is now. Resolves to whether nothing is left; never rejects. */
  flush (timeout = 5000) {
    if (!this.enabled) return Promise.resolve(false)
    this._sample()
    return this._drain(timeout)
  }

  /** Ends it: a last sample, then what is left for at most `timeout` ms. With `leave`, the host
   *  is said to be gone: its incidents are resolved. Resolves as flush() does. */
  close ({ timeout = 5000, leave = false } = {}) {
    if (this._closing) return this._closing
    if (!this.enabled) return Promise.resolve(false)
    clearTimeout(this._timer)
    process.removeListener('beforeExit', this._beforeExit)
    this._closing = true // from here on, what is under way keeps the process
    if (this._request) {
      if (this._request.request.socket) this._request.request.socket.ref()
      this._request.timer.ref()
    }
    this._sample(leave ? { gone: true } : {})
    this._closing = this._drain(timeout).then(all => {
      this.enabled = false
      clearTimeout(this._resting)
      if (this._request) this._request.request.destroy()
      for (const to of this._urls) to.agent.destroy()
      if (!all) this._say(`closed with ${this._backlog.length} samples that no engine took`)
      return all
    })
    return this._closing
  }

  _drain (timeout) {
    return new Promise(resolve => {
      const finish = () => {
        clearTimeout(timer)
        this._idleWaiters = this._idleWaiters.filter(w => w !== waiter)
        resolve(this._backlog.length === 0)
      }
      const waiter = () => { if (this._backlog.length === 0) finish() }
      const timer = setTimeout(finish, milliseconds(timeout, 5000))
      this._idleWaiters.push(waiter)
      clearTimeout(this._resting)
      this._resting = undefined
      this._send()
    })
  }

  _becomeIdle () {
    for (const waiter of [...this._idleWaiters]) waiter()
  }

  _say (message) {
    try { this._log(message) } catch (e) { /* theirs, not ours */ }
  }

  _once (key, message) {
    if (this._said.has(key) || this._said.size >= 100) return
    this._said.add(key)
    this._say(message)
  }
}

/** A client that reports from now on. Options, all of them optional: see README.md. */
exports.create = options => {
  try {
    return new Client(options || {})
  } catch (e) {
    console.error(`tocsin: nothing is reported, the options cannot be used: ${e.message}`)
    return new Client({ enabled: false, log: false })
  }
}
