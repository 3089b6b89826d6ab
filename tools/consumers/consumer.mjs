#!/usr/bin/env node
// Reads Tocsin's incidents as a member of a consumer group, with ioredis.
//
// Usage: node consumer.mjs [COMMAND [ARGUMENT...]]      (once before: npm ci)
//
// Runs COMMAND once for each event, with the event's fields in its environment as INCIDENT_event,
// INCIDENT_id, INCIDENT_ruleName, ... (docs/redis.md lists them). Exit code 0: the event is done.
// Any other: it is tried again. Without a COMMAND, events are printed.
//
// Environment, with defaults:
//   REDIS_URL     unix://./tocsin-state/redis.sock   or redis://user:password@host:port/db
//   GROUP         pager          each group gets every event, once
//   NAME          the host name  one running consumer each; keep it across restarts
//   FROM          now            where a new group begins: now (and all that is open), or all
//   RETRY_MS      60000          longer than COMMAND ever takes: after that, others take over
//   SEEN_S        864000         how long done events are remembered: retentionPeriod at least
//   PREFIX        tocsin         tocsin.prefix of the configuration
//
// Each event is handled at least once. It is handled twice only if this consumer dies after COMMAND
// did its work and before that was noted, so COMMAND should bear that.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import Redis from 'ioredis';

const env = process.env;
const url = env.REDIS_URL ?? 'unix://./tocsin-state/redis.sock';
const group = env.GROUP ?? 'pager';
const name = env.NAME ?? hostname();
const from = env.FROM ?? 'now';
const retryMs = Number(env.RETRY_MS ?? 60_000);
const seenS = Number(env.SEEN_S ?? 864_000);
const base = `${env.PREFIX ?? 'tocsin'}:{0}:`;
const stream = `${base}incidents`;
const mine = `consumer:{0}:${group}`; // what this consumer keeps; {0}: on the stream's cluster node
const command = process.argv.slice(2);

// While Redis is away, commands wait until it is back; entries that got lost on the way to us are
// ours all the same, and are read by finishOld.
const redis = new Redis(url.startsWith('unix://') ? resolve(url.slice('unix://'.length)) : url, {
  maxRetriesPerRequest: null,
  keepAlive: 10_000,
  socketTimeout: 5_000, // longer than a read blocks: the connection is dead, though nobody said so
  reconnectOnError: (error) => error.message.startsWith('READONLY'), // the primary is another now
});
redis.on('error', (error) => console.error(`consumer: trying again: ${error.message}`));

function print({ event, id, hostName, ruleName, triggerValue }) {
  try {
    writeFileSync(1, `${[event, id, hostName, ruleName, triggerValue].join(' ')}\n`);
    return true;
  } catch (error) { // a full disk, which console.log would not tell of
    console.error(`consumer: ${error.message}`);
    return false;
  }
}

// True when the event is done.
async function processEvent(event) {
  if (command.length === 0) return print(event);
  const variables = Object.fromEntries(
    Object.entries(event).map(([field, value]) => [`INCIDENT_${field}`, String(value)]));
  return new Promise((done) => {
    const child = spawn(command[0], command.slice(1),
      { env: { ...env, ...variables }, stdio: 'inherit' });
    child.on('error', (error) => { console.error(`consumer: ${error.message}`); done(false); });
    child.on('exit', (code) => done(code === 0));
  });
}

// readme: begin done
// Processes an event unless it is done already; then notes that and acknowledges, as one.
async function handle(entry, event) {
  const seen = `${mine}:seen:${event.id}:${event.event}`;
  if (!(await redis.exists(seen)) && !(await processEvent(event))) {
    console.error(`consumer: ${entry} is tried again later`);
    return;
  }
  await redis.multi().set(seen, 1, 'EX', seenS).xack(stream, group, entry).exec();
}
// readme: end

// readme: begin join
// Makes the group, at the last event that is committed; then handles what is open. One that
// somebody removed is made where it began: what was done since is noted.
async function joinGroup() {
  if (await redis.exists(`${mine}:joined`)) return;
  const start = from === 'now' ? await redis.hget(`${base}progress`, 'lastEventId') : null;
  const first = await redis.setnx(`${mine}:began`, start ?? '0-0');
  try {
    await redis.xgroup('CREATE', stream, group, await redis.get(`${mine}:began`), 'MKSTREAM');
  } catch (error) {
    if (!error.message.startsWith('BUSYGROUP')) throw error; // else: it is there already
  }
  if (from === 'now' || !first) {
    for (const text of await redis.hvals(`${base}open`)) {
      await handle('0-0', { event: 'opened', ...JSON.parse(text) });
    }
  }
  await redis.set(`${mine}:joined`, 1);
}
// readme: end

// An entry that was trimmed before it was done: retentionPeriod was too short.
async function lose(entry) {
  console.error(`consumer: ${entry} is lost`);
  await redis.xack(stream, group, entry);
}

// readme: begin claim
// Takes over what others got and did not finish in time; then does all that is ours.
async function finishOld() {
  let cursor = '0-0', lost; // what is trimmed is told here once, whoever had it
  do {
    [cursor, , lost = []] = await redis.xautoclaim(stream, group, name, retryMs, cursor,
      'COUNT', 100, 'JUSTID');
    for (const entry of lost) await lose(entry);
  } while (cursor !== '0-0');
  let entry = '0-0';
  while (entry && !stopping) entry = await read(entry);
}
// readme: end

// readme: begin read
// Handles what comes after an entry of ours, or (`>`) what nobody got yet. Gives the last entry.
async function read(after) {
  const reply = await redis.xreadgroup('GROUP', group, name, 'COUNT', 100, 'BLOCK', 1000,
    'STREAMS', stream, after);
  let last;
  for (const [entry, flat] of reply?.[0][1] ?? []) {
    if (stopping) return undefined; // what is not acknowledged is read again at the next start
    if (flat) await handle(entry, toObject(flat));
    else await lose(entry);
    last = entry;
  }
  return last;
}
// readme: end

function toObject(flat) {
  const out = {};
  for (let i = 0; i < flat.length; i += 2) out[flat[i]] = flat[i + 1];
  return out;
}

// readme: begin run
async function run() {
  await joinGroup();
  let due = Date.now();
  try {
    while (!stopping) {
      if (Date.now() >= due) {
        await finishOld();
        due = Date.now() + retryMs;
      }
      await read('>');
    }
  } catch (error) {
    if (error.message.startsWith('NOGROUP')) await redis.del(`${mine}:joined`);
    throw error; // tried again in a second; a group that somebody removed is joined anew
  }
}
// readme: end

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    stopping = true;
    setTimeout(() => redis.disconnect(), 2_000).unref(); // Redis may be away
  });
}
while (!stopping) {
  try {
    await run();
  } catch (error) {
    if (stopping) break;
    console.error(`consumer: trying again: ${error.message}`);
    await new Promise((passed) => setTimeout(passed, 1_000));
  }
}
redis.disconnect();
