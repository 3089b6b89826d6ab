// The header: whether what is shown is live, and how many incidents are open.

import { forgetToken, get, hasToken } from './api.js';
import { h, put, setAttribute, setText } from './dom.js';
import { number, time } from './format.js';
import * as live from './live.js';
import { setOpenCount } from './page_title.js';
import { announce } from './router.js';
import { news } from './words.js';

const noticeMs = 1500; // a connection that is back within that was never away, for the eye
const lateAfter = 4; // ticks that did not come
const quietMs = 9000; // without a tick: then others evaluate, or the stream is away
const togetherMs = 500; // what happens within that is one piece of news
const newsEveryMs = 10_000; // read aloud: in a storm nobody wants to hear each

export function startHeader() {
  followStream();
  followIncidents();
  const forget = document.getElementById('forget-token');
  live.on('state', () => { forget.hidden = !hasToken(); });
  forget.addEventListener('click', () => { forgetToken(); location.reload(); });
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault(); // the hash is the page
    document.getElementById('main').focus();
  });
}

// "Live" is said only while ticks come: a stream can be open and have nothing to tell.
function followStream() {
  const stream = document.getElementById('stream');
  const text = document.getElementById('stream-text');
  let timer = 0;
  let last = null; // { endMs, at: when it came, interval }

  const show = () => {
    timer = 0;
    const { connected, since, why } = live.now();
    const late = connected && last &&
      performance.now() - last.at > Math.max(10_000, lateAfter * last.interval);
    setAttribute(stream, 'data-state', !connected ? 'away' : late ? 'late' : 'live');
    setAttribute(stream, 'title', !connected ? why : late ?
      'The engine is there, but has ended no tick since' : 'What is shown follows the engine');
    if (connected && !late) setText(text, 'Live');
    else say(text, ...(late ? ['No tick since ', 'No tick since ', last.endMs] :
      ['Reconnecting since ', 'Away since ', since]));
  };
  live.on('tick', ({ endMs }) => {
    last = { endMs, at: performance.now(), interval: last ? endMs - last.endMs : 10_000 };
    if (stream.dataset.state === 'late') show();
  });
  live.on('state', ({ connected }) => {
    last = connected ? last : null;
    if (connected) clearTimeout(timer);
    else if (timer) return;
    timer = setTimeout(show, connected ? 0 : noticeMs);
  });
  setInterval(() => { if (live.now().connected) show(); }, 5000);
  stream.addEventListener('click', live.hurry);
}

// Read aloud when it changes, so it is left alone when it does not.
function say(text, wide, narrow, at) {
  const now = wide + at;
  if (text.dataset.said === now && text.childElementCount > 0) return;
  text.dataset.said = now;
  put(text, h('span', { class: 'wide' }, wide), h('span', { class: 'narrow' }, narrow), time(at));
}

function followIncidents() {
  const badge = document.getElementById('open-count');
  let shown = null;
  const show = (open) => {
    if (open === shown) return;
    shown = open;
    badge.hidden = !open;
    if (open) put(badge, number(open), h('span', { class: 'unseen' }, ' open'));
    setOpenCount(open ?? 0);
  };
  let told = -Infinity; // by a tick
  let asking = false;
  live.on('tick', ({ open }) => {
    told = performance.now();
    show(open);
  });
  // Until the first tick, and where others evaluate: again at the next pulse, if it has no answer.
  const ask = async () => {
    if (asking || performance.now() - told < quietMs) return;
    asking = true;
    const engine = await get('api/v1/engine').catch(() => null);
    asking = false;
    if (engine && performance.now() - told >= quietMs) show(engine.incidents.open);
  };
  live.on('state', ({ connected }) => { if (connected) ask(); });
  live.on('pulse', ask);
  followNews();
}

function followNews() {
  let events = { opened: 0, resolved: 0, last: null };
  let timer = 0;
  let said = -Infinity;
  const say = () => {
    announce(news(events));
    events = { opened: 0, resolved: 0, last: null };
    timer = 0;
    said = performance.now();
  };
  live.on('incident', (event) => {
    ++events[event.event];
    events.last = event;
    timer ||= setTimeout(say, Math.max(togetherMs, said + newsEveryMs - performance.now()));
  });
}
