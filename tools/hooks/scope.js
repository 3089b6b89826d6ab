'use strict';
// What a hook finds in its scope beside `incident` and `require`.

const { inspect, format } = require('util');

const envNames = ['TZ', 'LANG', 'LC_ALL', 'LC_CTYPE', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

// The members that are there; asking for another one throws, rather than giving undefined.
function only(members, path) {
  return new Proxy(members, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target || name === 'then' || name === 'toJSON') {
        return target[name];
      }
      throw new Error(`${path}.${name} is not there: hooks have bp.logger only, see docs/hooks.md`);
    },
  });
}

function loggerFor(log, error) {
  const write = (level) => (...words) => {
    log(level, format(...words) + (error === undefined ? '' : `\n${error?.stack ?? inspect(error)}`));
  };
  const members = { attachError: (e) => loggerFor(log, e), forBot: () => loggerFor(log, error) };
  for (const level of ['debug', 'info', 'warn', 'error']) members[level] = write(level);
  return only(members, 'bp.logger');
}

function bpFor(log) {
  return only({ logger: loggerFor(log) }, 'bp');
}

function processFor({ url, externalUrl }) {
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('EXPOSED_') || envNames.includes(name)) env[name] = value;
  }
  const proxy = env.HTTPS_PROXY || env.HTTP_PROXY;
  const { protocol, hostname, port } = new URL(url);
  return {
    HOST: hostname.replace(/[[\]]/g, ''), PORT: Number(port) || (protocol === 'https:' ? 443 : 80),
    EXTERNAL_URL: externalUrl, PROXY: proxy, ROOT_PATH: '', env,
  };
}

function printObject(object) {
  return inspect(object, false, 2, true);
}

module.exports = { bpFor, processFor, printObject };
