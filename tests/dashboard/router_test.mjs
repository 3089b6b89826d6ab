import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address } from '../../tools/dashboard/api.js';
import { link, match, split } from '../../tools/dashboard/router.js';

const names = ['web-1', 'a/b c?d#e%20', '<img src=x onerror=alert(1)>', '\u202eabc', 'é🔔', '%', '.', '..'];

test('whatever its name, the address of a host means that host', () => {
  for (const name of names) {
    const { path, query } = split(new URL(link('hosts', name, { frame: '1h' }), 'http://x/').hash);
    assert.deepEqual(match('hosts/{name}', path), { name });
    assert.equal(query.get('frame'), '1h');
  }
});

test('addresses mean their page and no other', () => {
  assert.deepEqual(match('', split('').path), {});
  assert.deepEqual(match('', split('#/').path), {});
  assert.deepEqual(match('engine', split('#/engine?x=1').path), {});
  assert.equal(match('engine', 'engine2'), null);
  assert.equal(match('hosts/{name}', 'hosts/'), null);
  assert.equal(match('hosts/{name}', 'hosts/%ff'), null);
});

test('parameters that are empty are not asked', () => {
  assert.equal(address('api/v1/hosts', { search: '', label: ['a:b', 'c&d'], offset: 0, state: null }),
    'api/v1/hosts?label=a%3Ab&label=c%26d&offset=0');
  assert.equal(address('api/v1/engine', {}), 'api/v1/engine');
});
