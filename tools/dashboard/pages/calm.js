// What an empty list of open incidents means. That all is calm is said only where the engine counts
// none, rules are in force, and hosts report.

import { h } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { count, time } from '../format.js';

/**
 * Pure. `open`: as many as the engine counts; `rules` in force; `hosts` { total, reporting }; each is
 * null or undefined while it is not known. `staleSince`: ms, where the list may be old.
 */
export function calmWords({ filtered, open, rules, hosts, staleSince }) {
  if (staleSince) return `Nothing${filtered ? ' like that' : ''} was open at ${time(staleSince)}.`;
  if (filtered) return 'Nothing like that is open.';
  if (open !== 0) return 'Loading…';
  if (rules === 0) return 'No rule is in force, so nothing can open.';
  if (!hosts) return 'Nothing is open.';
  if (hosts.total === 0) return 'Nothing is open: no host has reported yet.';
  if (hosts.reporting === 0) {
    return `Nothing is open, but no host reports: ${hosts.total === 1 ? 'the only one is' :
      `all ${count(hosts.total, 'host')} are`} silent.`;
  }
  return rules > 0 ? 'Nothing is open. All is calm.' : 'Nothing is open.';
}

/**
 * Asks for rules and hosts from the first look() on, while `wanted()`, and tells `onAnswer`. Gives
 * { known: { rules, hosts }, look }.
 */
export function startCalm(view, wanted, onAnswer) {
  const known = { rules: null, hosts: null };
  let fresh = null;
  // An engine that does not evaluate knows no hosts, but what is open.
  const part = async (path, parameters, signal) => {
    try {
      return await view.get(path, parameters, { signal });
    } catch (error) {
      if (error.status === 503) return null;
      throw error;
    }
  };
  const load = async (signal) => {
    if (!wanted()) return;
    const [rules, hosts] = await Promise.all([part('api/v1/rules', { limit: 1 }, signal),
      part('api/v1/hosts', { state: 'reporting', limit: 1, columns: 'last:uptime' }, signal)]);
    known.rules = rules?.total ?? null;
    known.hosts = hosts && { total: hosts.total, reporting: hosts.matched };
    onAnswer();
  };
  view.on('rules', () => fresh?.again());
  return { known, look: () => { fresh ??= keepFresh(view, h('div'), load, { gapMs: 9000 }); } };
}
