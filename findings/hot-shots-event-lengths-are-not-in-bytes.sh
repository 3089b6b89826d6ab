#!/usr/bin/env bash
# hot-shots declares the lengths of a DogStatsD event in UTF-16 units, where the protocol has bytes.
#
# Version:  hot-shots 17.1.1; node 18 or later.
# Input:    client.event('Disk fast voll', 'Füllstand 95 %'), and one with an emoji.
# Guess:    `_e{TITLE,TEXT}:` holds the lengths of title and text in bytes of UTF-8, as DogStatsD
#           documents it, so that a reader may skip a text that holds line ends or bars.
# Seen:     _e{14,14} before a text of 15 bytes; _e{1,2} before one of 4.
# So:       whoever reads events by these lengths ends inside a character, takes the rest of the text
#           for a section, and loses the event (or the line behind it): find the end by the line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional hot-shots@17.1.1
cat >send.js <<'JS'
const { StatsD } = require('hot-shots');
const socket = require('dgram').createSocket('udp4');
let left = 2;
socket.on('message', (packet) => {
  const [, title, text] = /^_e\{(\d+),(\d+)\}:/.exec(packet);
  const body = packet.subarray(packet.indexOf(':') + 1).toString().trimEnd();
  const bytes = body.split('|').slice(0, 2).map((part) => Buffer.byteLength(part));
  console.log(`declared ${title},${text} sent ${bytes}`);
  if (--left === 0) process.exit(0);
});
socket.bind(0, '127.0.0.1', () => {
  const client = new StatsD({ host: '127.0.0.1', port: socket.address().port, maxBufferSize: 0 });
  client.event('Disk fast voll', 'Füllstand 95 %', {}, () => client.event('x', '🔥'));
});
setTimeout(() => process.exit(1), 20_000);
JS
node send.js | tee seen
diff seen - <<'SEEN'
declared 14,14 sent 14,15
declared 1,2 sent 1,4
SEEN
