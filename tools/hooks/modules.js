'use strict';
// `require`, `import()` and `module` of hooks. What they name is looked for in the hook's own
// folder, in shared_libs beside the data folder, in node_modules of its global folder, in what lies
// beside this file, and in node itself.

const fs = require('fs');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');

const shipped = Object.keys(require('./package.json').dependencies);

// The package of "lodash/fp" is lodash, that of "@scope/name/file" @scope/name.
function packageOf(name) {
  return name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
}

function isBuiltin(name) {
  return name.startsWith('node:') || Module.builtinModules.includes(name);
}

// Where a name leads: to what it is for node (`found`), or to a package below a `root`.
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
      return { found: resolve(name) };
    }
    const found = atPath(path.join(folder, name)) ?? atPath(path.join(sharedLibs, name));
    if (found || name.startsWith('.')) return { found };
    if (isBuiltin(name)) return { found: name };
    return { root: [folder, sharedLibs, globalFolder, __dirname].find((r) => hasPackage(r, name)) };
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

// `import()` as it is for a file in that folder.
function importFrom(root) {
  const from = new Module(path.join(root, 'import.js'));
  from._compile('module.exports = (name) => import(name)', from.id);
  return from.exports;
}

// For one run of the hook in that file.
function modulesFor(file, folders) {
  const own = Module.createRequire(file);
  const folder = path.dirname(file);
  const find = finderFor(own.resolve, folder, folders);
  const resolve = (name) => {
    const { found, root } = find(name);
    if (found === undefined && root === undefined) throw notFound(name, folder, folders);
    return found ?? own.resolve(name, { paths: [root] });
  };
  const require = Object.assign((name) => own(resolve(name)), { resolve, cache: own.cache });
  const module = Object.assign(new Module(file), {
    filename: file, paths: own.resolve.paths('x'), require,
  });
  return {
    require,
    module,
    async import(name) {
      if (/^[a-z][a-z+.-]*:/i.test(name)) return import(name);
      const { found, root } = find(name);
      if (found !== undefined) return import(isBuiltin(found) ? found : pathToFileURL(found).href);
      if (root !== undefined) return importFrom(root)(name);
      if (name.startsWith('.')) return import(new URL(name, pathToFileURL(file)).href);
      throw notFound(name, folder, folders);
    },
  };
}

module.exports = { modulesFor };
