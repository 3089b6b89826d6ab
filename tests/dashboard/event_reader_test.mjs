import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventReader } from '../../tools/dashboard/event_reader.js';

const bytes = (text) => new TextEncoder().encode(text);
const stream = ': hello\n\nevent: incident\nid: 17-1\ndata: {"hostName":"wéb 🔔"}\n\n' +
  'event: tick\r\ndata: {"a":1,\r\ndata: "b":2}\r\n\r\n:\n\ndata: bare\n\n';
const events = [
  { type: 'incident', data: '{"hostName":"wéb 🔔"}', id: '17-1' },
  { type: 'tick', data: '{"a":1,\n"b":2}', id: '17-1' },
  { type: 'message', data: 'bare', id: '17-1' },
];

test('events are the same however the bytes are cut', () => {
  const all = bytes(stream);
  for (let size = 1; size <= all.length; ++size) {
    const reader = new EventReader();
    const got = [];
    for (let at = 0; at < all.length; at += size) got.push(...reader.read(all.slice(at, at + size)));
    assert.deepEqual(got, events, `in pieces of ${size}`);
    assert.equal(reader.lastId, '17-1');
  }
});

test('an event that is not ended is not told', () => {
  assert.deepEqual(new EventReader().read(bytes('event: tick\ndata: {}\n')), []);
});

test('what never ends is refused', () => {
  const reader = new EventReader();
  assert.throws(() => { for (let i = 0; i < 20; ++i) reader.read(bytes('x'.repeat(100_000))); },
    /too large/);
});
