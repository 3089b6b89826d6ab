'use strict';
// `require` of hooks: the hook's own folder, shared_libs beside the data folder, node_modules of
// its global folder, what lies beside this file, and node itself.

const fs = require('fs');
const { builtinModules, createRequire } = require('module');
const path = require('path');

const shipped = Object.keys(require('./package.json').dependencies);

// The package of "lodash/fp" is lodash, that of "@scope/name/file" @scope/name.
function packageOf(name) {
  return name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
}

function isBuiltin(name) {
  return name.startsWith('node:') || builtinModules.includes(name);
}

function finderFor(resolve, folder, { sharedLibs, globalFolder }) {
  const atPath = (file) => {
    try {
      return resolve(file);
    } catch (error) {
      if (error.code === 'MODULE_NOT_FOUND') return undefined;
      throw error;
    }
  };
  const hasPackage = (root, name) => fs.existsSync(path.join(root, 'node_modules', packageOf(name)));
  return (name) => {
    if (typeof name !== 'string' || path.isAbsolute(name) || name.startsWith('node:')) {
      return resolve(name);
    }
    const found = atPath(path.join(folder, name)) ?? atPath(path.join(sharedLibs, name));
    if (found || name.startsWith('.')) return found;
    if (isBuiltin(name)) return name;
    const root = [folder, sharedLibs, globalFolder, __dirname].find((r) => hasPackage(r, name));
    return root && resolve(name, { paths: [root] });
  };
}

function notFound(name, folder, { sharedLibs, globalFolder }) {
  const install = shipped.includes(packageOf(String(name))) ? `; it is one of those that come with `
    + `Tocsin, and they are not installed: run \`npm ci --omit=dev\` in ${__dirname}` : '';
  const error = new Error(`Cannot find module '${name}' in ${folder}, ${sharedLibs} and `
    + `${globalFolder}/node_modules${install}`);
  error.code = 'MODULE_NOT_FOUND';
  return error;
}

function stampOf(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : 'gone';
}

function modulesFor(folders) {
  const { cache } = require;
  const stamps = new Map();
  return {
    requireFor(file) {
      const own = createRequire(file);
      const folder = path.dirname(file);
      const find = finderFor(own.resolve, folder, folders);
      const resolve = (name) => {
        const found = find(name);
        if (found === undefined) throw notFound(name, folder, folders);
        return found;
      };
      return Object.assign((name) => own(resolve(name)), { resolve, cache });
    },
    // Notes what is loaded of the operator's own files.
    remember() {
      for (const file of Object.keys(cache)) {
        const own = !file.includes('/node_modules/') && !file.startsWith(`${__dirname}/`);
        if (own && !stamps.has(file)) stamps.set(file, stampOf(file));
      }
    },
    // After a change of one of them all are loaded anew: they may hold on to each other.
    forgetChanged() {
      if ([...stamps].every(([file, stamp]) => stampOf(file) === stamp)) return;
      for (const file of stamps.keys()) delete cache[file];
      stamps.clear();
    },
  };
}

module.exports = { modulesFor };
