'use strict';
// How the operator's own code looks now. As long as its process lives node remembers each module,
// where it was found, which links led there and what package.json said, and most of that cannot be
// made to be forgotten: so after a change hooks get a new process.
//
// 1. Folders of hooks and shared_libs: files of code, what links lead to, and each folder itself,
//    but not JSON and other data: hooks may keep their own there.
// 2. A node_modules: the folder, and the packages that were loaded; nobody edits below.
// 3. What was loaded from elsewhere.

const fs = require('fs');
const path = require('path');

const entriesMax = 10_000; // some 20 ms a look
const isCode = (name) => /\.(?:[cm]?[jt]s|node)$/.test(name) || name === 'package.json';

function statOf(file) {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined; // a loop of links, a folder that may not be read
  }
}

function stampOf(file) {
  const stat = statOf(file);
  return stat ? `${stat.ctimeMs} ${stat.size} ${stat.dev}:${stat.ino}` : 'gone';
}

function placeOf(file) {
  const stat = statOf(file);
  return stat && { at: `${stat.dev}:${stat.ino}`, isFolder: stat.isDirectory() };
}

function namesIn(folder) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // removed meanwhile, or never there
  }
}

// Each folder once, wherever links lead.
function walk(folder, seen, out) {
  for (const entry of namesIn(folder)) {
    if (++seen.entries > entriesMax) return;
    const file = path.join(folder, entry.name);
    if (entry.name === 'node_modules') {
      out.push(file, stampOf(file), stampOf(path.join(file, '.package-lock.json')));
    } else if (entry.isDirectory() || entry.isSymbolicLink()) {
      const place = placeOf(file);
      out.push(file, place?.at);
      if (place && !place.isFolder && isCode(entry.name)) out.push(stampOf(file));
      if (!place?.isFolder || seen.folders.has(place.at)) continue;
      seen.folders.add(place.at);
      walk(file, seen, out);
    } else if (isCode(entry.name)) {
      out.push(file, stampOf(file));
    }
  }
}

// Where node looks on its way up from a folder, and from the one that it really is.
function above(folder) {
  let real = folder;
  try {
    real = fs.realpathSync.native(folder);
  } catch { /* it is not there */ }
  const out = new Set();
  for (const from of [folder, real]) {
    for (let at = from; at !== path.dirname(at); at = path.dirname(at)) {
      out.add(path.join(at, 'package.json')).add(path.join(at, 'node_modules'));
    }
  }
  return out;
}

function fingerprintOf({ sharedLibs, globalFolder }) {
  const roots = [path.join(globalFolder, 'hooks', 'on_incident_status_changed'), sharedLibs];
  const loaded = new Map();
  return {
    // Of the folders, as they are now.
    take() {
      const out = [], seen = { entries: 0, folders: new Set() };
      for (const root of roots) {
        out.push(root, placeOf(root)?.at);
        walk(root, seen, out);
        for (const file of above(root)) out.push(file, stampOf(file));
      }
      return { text: out.join('\n'), whole: seen.entries <= entriesMax };
    },
    // Notes what is loaded: files, and packages by what says their version.
    remember(files) {
      for (const file of files) {
        if (file.startsWith(`${__dirname}/`)) continue;
        const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file);
        const noted = found ? `${found[0]}/package.json` : file;
        if (!loaded.has(noted)) loaded.set(noted, stampOf(noted));
      }
    },
    // Whether what is loaded is still there as it was.
    stands() {
      return [...loaded].every(([file, stamp]) => stampOf(file) === stamp);
    },
  };
}

module.exports = { fingerprintOf };
