'use strict';
// Runs hooks for the engine, one script after the other. Started as `node runner.js SETTINGS`, with
// orders on descriptor 3 and reports on 4, one JSON object per line:
//
//   {"run":N,"name":…,"file":…,"incident":"{…}"}  →  {"end":N,"outcome":…,"error":{…}}
//
// and {"ready":PID} first, {"log":level,"hook":name,"text":…} any time (what hooks log and print),
// {"fatal":{…}} last. The outcome "stale" says that the hook was not run, as files changed: another
// process is to run it (fingerprint.js says why). What reaches standard output and error past node's streams is read there.
// When descriptor 3 is closed, this ends.

const { AsyncLocalStorage } = require('async_hooks');
const fs = require('fs');
const net = require('net');
const path = require('path');
const vm = require('vm');
const { describeError } = require('./errors');
const { fingerprintOf } = require('./fingerprint');
const { modulesFor } = require('./modules');
const { bpFor, printObject, processFor } = require('./scope');

const settings = JSON.parse(process.argv[2]);
const fingerprint = fingerprintOf(settings);
let known; // how the operator's code looked before the first hook ran
const hookOf = new AsyncLocalStorage(); // also of what a hook left behind
const timers = { setTimeout, clearTimeout };
let current = '';

function report(message) {
  fs.writeSync(4, JSON.stringify(message) + '\n');
}

const textMax = 16384; // of UTF-16: as JSON at most 96 KiB, of the 256 that the engine reads

function log(level, hook, text) {
  for (let at = 0; at < text.length; at += textMax) {
    report({ log: level, hook, text: text.slice(at, at + textMax) });
  }
}

// What is printed keeps its order with what is logged, and the name of the hook that prints it,
// also when that hook has long returned.
function takeOutput(stream, level) {
  stream.write = (chunk, encoding, written) => {
    const known = typeof encoding === 'string' ? encoding : 'utf8';
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(known);
    log(level, hookOf.getStore() ?? current, text);
    const done = typeof encoding === 'function' ? encoding : written;
    if (done) process.nextTick(done);
    return true;
  };
}

// A hook file is the body of a function. Scope is one function further out, so that a hook may
// declare a `process` or a `require` of its own.
const scopeNames = ['incident', 'bp', 'process', 'printObject', 'require', 'module', 'exports',
  '__filename', '__dirname'];

function compile(file, importModuleDynamically) {
  const code = fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '').replace(/^#!/, '//');
  const begin = `(function (${scopeNames}) { return (async () => {\n`;
  return new vm.Script(`${begin}${code}\n})(); })`,
    { filename: file, lineOffset: -1, importModuleDynamically });
}

function readIncident(json) {
  const incident = JSON.parse(json);
  incident.startTime = new Date(incident.startTime);
  if (incident.endTime !== undefined) incident.endTime = new Date(incident.endTime);
  return incident;
}

async function runHook(order) {
  const bp = bpFor((level, text) => log(level, order.name, text));
  const { require, module, import: load } = modulesFor(order.file, settings);
  const hook = compile(order.file, (name) => load(name)).runInThisContext();
  await hook(readIncident(order.incident), bp, processFor(settings), printObject, require, module,
    module.exports, order.file, path.dirname(order.file));
  return { outcome: 'returned' };
}

// How it ended, at the latest after the time that a script may take.
function endOf(order) {
  let timer;
  const late = new Promise((resolve) => {
    timer = timers.setTimeout(() => resolve({ outcome: 'timeout' }), settings.timeoutMs);
  });
  const run = hookOf.run(order.name, () => runHook(order)).catch((error) => {
    if (error?.code === 'ENOENT' && error.path === order.file) return { outcome: 'removed' };
    return { outcome: 'threw', error: describeError(error, order.file) };
  });
  return Promise.race([run, late]).finally(() => timers.clearTimeout(timer));
}

// A process that has run nothing yet has nothing to forget.
function isStale() {
  const now = fingerprint.take();
  if (known !== undefined) return now.text !== known || !fingerprint.stands();
  known = now.text;
  if (!now.whole) {
    log('warn', '', 'beside hooks and in shared_libs lie so many files that changes of some of them '
      + 'are not seen before a restart: move away what is no code');
  }
  return false;
}

async function obey(line) {
  const order = JSON.parse(line);
  if (isStale()) return report({ end: order.run, outcome: 'stale' });
  current = order.name;
  const end = await endOf(order);
  fingerprint.remember(Object.keys(require.cache));
  report({ end: order.run, ...end });
}

process.on('unhandledRejection', (error) => {
  const { message, place } = describeError(error);
  log('error', hookOf.getStore() ?? current, `a promise that nobody awaits was rejected: ${message}`
    + (place ? ` (${place})` : ''));
});
process.on('uncaughtException', (error) => {
  report({ fatal: describeError(error) });
  process.exit(1);
});

takeOutput(process.stdout, 'info');
takeOutput(process.stderr, 'warn');
let pending = '';
new net.Socket({ fd: 3, readable: true, writable: false })
  .setEncoding('utf8')
  .on('data', (text) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop();
    for (const line of lines) obey(line);
  })
  .on('close', () => process.exit(0));
report({ ready: process.pid });
