// A browser that a test drives over standard input: one call a line as JSON, one answer a line.
//
//   { on, call, args }   calls a method of Playwright's: `on` is 0 (the browser) or the number of
//                        something that an earlier call gave ({ made: number })
//   → { value } | { made } | { error };  { on, call: 'said' } gives what a page complained of
import { createInterface } from 'node:readline';
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--js-flags=--expose-gc'] });
const made = [browser];
const said = new Map(); // page → what it complained of

function listen(page) {
  const list = [];
  said.set(page, list);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) {
      list.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => list.push(`fault: ${error.stack}`));
  page.on('dialog', (dialog) => { list.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
}

// The engine's policy lets no script in; the debugger may evaluate one all the same.
async function judge(page) {
  if (!await page.evaluate('Boolean(window.axe)')) await page.evaluate(axe);
  const { violations } = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) =>
    `${node.html.slice(0, 200)} | ${node.failureSummary.replaceAll('\n', ' ')}`).join(' || ')}`);
}

async function run({ on, call, args = [] }) {
  const target = made[on];
  if (call === 'said') return { value: said.get(target).splice(0) };
  if (call === 'judge') return { value: await judge(target) };
  if (call === 'cdp') return keep(await target.context().newCDPSession(target));
  const value = await target[call](...args);
  if (call === 'newPage') listen(value);
  if (Buffer.isBuffer(value)) return { value: value.toString('base64') };
  return value !== null && typeof value === 'object' && typeof value.on === 'function'
    ? keep(value) : call.startsWith('wait') || call === 'goto' ? { value: null } : { value };
}

function keep(object) {
  made.push(object);
  return { made: made.length - 1 };
}

console.log(JSON.stringify({ value: browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await run(JSON.parse(line));
  } catch (error) {
    answer = { error: error.message };
  }
  console.log(JSON.stringify(answer.value === undefined && !answer.made && !answer.error
    ? { value: null } : answer));
}
await browser.close();
