// Which page a hash means: '#/hosts/web-1?frame=15m' → page 'hosts/{name}', its name, its query.
// Pages are modules { title, open(view) }; a page is opened anew when its path changes.

import { setText } from './dom.js';
import { View } from './view.js';

/** 'hosts/{name}' matches any rest, slashes too: { name }, decoded; null: no match. Pure. */
export function match(pattern, path) {
  const at = pattern.indexOf('{');
  if (at < 0) return pattern === path ? {} : null;
  const fixed = pattern.slice(0, at);
  if (!path.startsWith(fixed) || path.length === fixed.length) return null;
  try {
    return { [pattern.slice(at + 1, -1)]: decodeURIComponent(path.slice(fixed.length)) };
  } catch {
    return null; // no UTF-8
  }
}

/** '#/hosts/a%20b?x=1' → { path: 'hosts/a%20b', query }. Pure. */
export function split(hash) {
  const [path, query] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  return { path, query: new URLSearchParams(query ?? '') };
}

/** The address of a page: link('hosts', 'a b') → '#/hosts/a%20b'. Pure. */
export function link(page, name, query) {
  const parameters = new URLSearchParams(query ?? {}).toString();
  return `#/${page}${name === undefined || name === null ? '' : `/${encodeURIComponent(name)}`}` +
    (parameters ? `?${parameters}` : '');
}

/** Shows in `root` what the address says, from now on; `routes` are [pattern, page]. */
export function start(root, routes, notFound) {
  let view = null;
  let shown = null;
  const show = () => {
    const { path, query } = split(location.hash);
    if (shown === location.hash) return;
    const first = shown === null;
    shown = location.hash;
    view?.close();
    const [, page, parameters] = routes.map(([pattern, one]) => [pattern, one, match(pattern, path)])
      .find(([, , found]) => found) ?? [null, notFound, {}];
    view = new View(root, parameters, query, (hash) => { shown = hash; });
    mark(path);
    open(view, page);
    if (!first) focusHeading(root);
  };
  addEventListener('hashchange', show);
  show();
}

function open(view, page) {
  view.title(typeof page.title === 'function' ? page.title(view.parameters) : page.title);
  page.open(view);
}

// The navigation says where we are; pages of one thing belong to the list of these things.
function mark(path) {
  const section = { hosts: '', incidents: 'alerting' }[path.split('/')[0]] ?? path.split('/')[0];
  for (const a of document.querySelectorAll('nav [data-section]')) {
    if (a.dataset.section === section) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
}

// Who reads with a screen reader or the keyboard begins where the new page begins.
function focusHeading(root) {
  scrollTo(0, 0);
  const heading = root.querySelector('h1');
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** Tells screen readers something that happened; politely, and only the last of what comes at once. */
export function announce(text) {
  if (announced === null) {
    requestAnimationFrame(() => {
      setText(document.getElementById('announcer'), announced);
      announced = null;
    });
  }
  announced = text;
}

let announced = null; // of this frame
