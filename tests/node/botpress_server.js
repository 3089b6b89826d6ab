'use strict'
// usage: botpress_server.js PROJECT vm|plain. Runs the hooks of a Botpress project as a v12 server
// does, with all the events and log lines of a short life. Says how many there were.
const fs = require('fs')
const path = require('path')
const util = require('util')
const { NodeVM } = require('vm2')

const [project, sandbox] = process.argv.slice(2)
const counts = { in: 0, out: 0, warn: 0, error: 0, critical: 0, hookErrors: 0, slowestMs: 0 }

// One class, an object per part of the server; each message ends with it being written.
class Logger {
  constructor (name) { this.name = name }
  forBot (id) { this.bot = id; return this }
  attachError (error) { this.attached = error; return this }
  warn (message) { this.write('warn', message) }
  error (message) { this.write('error', message) }
  critical (message) { this.write('critical', message) }
  info () {}
  write (level, message) {
    if (!(this instanceof Logger)) throw new Error('called on what is no logger')
    if (typeof message !== 'string') throw new Error('called without a message')
    ++counts[level]
  }
}

function lookUp (module, folder) {
  for (const place of [folder, path.join(project, 'shared_libs')]) {
    const file = path.join(place, module + '.js')
    if (fs.existsSync(file)) return require(file)
  }
  return require(module)
}

async function runFile (file, hook, args) {
  const code = fs.readFileSync(file, 'utf8')
  const find = module => lookUp(module, path.dirname(file))
  const given = { HOST: 'localhost', PORT: 3000, env: {} } // no variables of the server's own
  const print = object => util.inspect(object, false, 2, true)
  if (sandbox === 'plain') {
    const all = { ...args, process: given, printObject: print, require: find }
    return await new Function(...Object.keys(all), code)(...Object.values(all))
  }
  const mock = new Proxy({}, { get: (_, name) => find(name) })
  const vm = new NodeVM({
    wrapper: 'none',
    console: 'inherit',
    sandbox: { ...args, process: given, printObject: print },
    timeout: 1000,
    require: { external: true, mock }
  })
  return await vm.run(code, file)
}

async function runHook (hook, args) {
  const folder = path.join(project, 'data/global/hooks', hook)
  for (const name of fs.readdirSync(folder).sort()) {
    if (name.startsWith('.')) continue
    const began = process.hrtime()
    try {
      await runFile(path.join(folder, name), hook, args)
    } catch (error) {
      ++counts.hookErrors
      new Logger('HookService').attachError(error).error(`An error occurred on "${name}". ${error}`)
    }
    const [s, ns] = process.hrtime(began)
    counts.slowestMs = Math.max(counts.slowestMs, s * 1e3 + ns / 1e6)
  }
}

async function main () {
  const bp = Object.freeze({ logger: new Logger('Hooks') })
  await runHook('after_server_start', { bp })
  const parts = ['HTTP', 'Dialog', 'NLU'].map(name => new Logger(name))
  for (let i = 0; i < 300; ++i) {
    const event = { id: String(i), botId: 'support', type: 'text', preview: 'hello' }
    ++counts.in
    await runHook('before_incoming_middleware', { bp, event: { ...event, direction: 'incoming' } })
    for (let j = 0; j < i % 3; ++j) {
      ++counts.out
      const answer = { ...event, direction: 'outgoing' }
      await runHook('before_outgoing_middleware', { bp, event: answer })
    }
    if (i % 10 === 0) parts[i % 3].forBot('support').warn('slow answer')
    if (i % 25 === 0) parts[i % 3].attachError(new Error('it broke')).error('no answer')
    if (i === 150) parts[0].critical('the database is gone')
    if (i === 200) { // somebody changed a hook
      for (const file of Object.keys(require.cache)) {
        if (/[\\/](hooks|shared_libs)[\\/]/.test(file)) delete require.cache[file]
      }
      await runHook('after_server_start', { bp })
    }
    if (i % 5 === 0) await new Promise(resolve => setTimeout(resolve, 5))
  }
  console.log(JSON.stringify(counts))
  process.stdin.resume() // it goes on living, and reports
}

process.once('SIGTERM', async () => {
  await global[Symbol.for('tocsin.botpress')].close()
  process.exit(0)
})
main()
