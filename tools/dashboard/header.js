// The header: whether what is shown is live, and how many incidents are open.

import { forgetToken, hasToken } from './api.js';
import { h, put, setAttribute, setText } from './dom.js';
import { number, time } from './format.js';
import * as live from './live.js';
import { announce } from './router.js';

const noticeMs = 1500; // a connection that is back within that was never away, for the eye

export function startHeader() {
  const stream = document.getElementById('stream');
  const text = document.getElementById('stream-text');
  const forget = document.getElementById('forget-token');
  let timer = 0;

  const show = () => {
    const { connected, since, why } = live.now();
    setAttribute(stream, 'data-state', connected ? 'live' : 'away');
    setAttribute(stream, 'title', connected ? 'What is shown follows the engine' : why);
    if (connected) setText(text, 'Live');
    else put(text, h('span', { class: 'wide' }, 'Reconnecting since '), h('span', { class: 'narrow' }, 'Away since '),
      h('span', {}, time(since)));
    forget.hidden = !hasToken();
  };
  live.on('state', ({ connected }) => {
    if (connected) clearTimeout(timer);
    else if (timer) return;
    timer = setTimeout(() => { timer = 0; show(); }, connected ? 0 : noticeMs);
  });
  stream.addEventListener('click', live.hurry);
  forget.addEventListener('click', () => { forgetToken(); location.reload(); });
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault(); // the hash is the page
    document.getElementById('main').focus();
  });
  followIncidents();
}

function followIncidents() {
  const badge = document.getElementById('open-count');
  live.on('tick', ({ open }) => {
    badge.hidden = !open;
    if (open) put(badge, number(open), h('span', { class: 'unseen' }, ' open'));
  });
  live.on('incident', ({ event, ruleName, hostName }) => {
    announce(`${event === 'opened' ? 'Opened' : 'Resolved'}: ${ruleName} on ${hostName}`);
  });
}
