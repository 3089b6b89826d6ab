// Which incidents the reader wants to see, as the address of the page keeps it. Pure.

export const frames = [['1h', 'Last hour', 3_600_000], ['6h', 'Last 6 hours', 21_600_000],
  ['24h', 'Last 24 hours', 86_400_000], ['7d', 'Last 7 days', 604_800_000]];

/** { state: '' | 'open' | 'resolved', rule, host, frame, from, to }: what makes no sense is ''. */
export function readQuery(query) {
  const one = (name, allowed) => {
    const value = query.get(name) ?? '';
    return !allowed || allowed.includes(value) ? value : '';
  };
  const date = (name) => {
    const at = Date.parse(query.get(name) ?? '');
    return Number.isNaN(at) || at < 0 ? '' : new Date(at).toISOString();
  };
  const [from, to] = [date('from'), date('to')];
  return { state: one('state', ['open', 'resolved']), rule: one('rule'), host: one('host'),
    frame: from || to ? '' : one('frame', frames.map(([name]) => name)), from, to };
}

/** Parameters of GET api/v1/incidents. `now` (ms) is the engine's. */
export function parameters({ rule, host, frame, from, to }, now) {
  const length = frames.find(([name]) => name === frame)?.[2];
  const since = length ? Math.max(0, Math.floor(now - length)) : from && Date.parse(from);
  return { rule, host, from: since,
    to: to && Date.parse(to) };
}

/** Whether an incident is one of these; `at` (ms) is its start while it is open, then its end. */
export function fits(asked, { ruleName, hostName }, at) {
  return (!asked.rule || asked.rule === ruleName) && (!asked.host || asked.host === hostName) &&
    (!asked.from || at >= asked.from) && (!asked.to || at <= asked.to);
}

export function isFiltered({ rule, host, frame, from, to }) {
  return [rule, host, frame, from, to].some(Boolean);
}

/** The text of an input of type datetime-local for a moment, in the reader's time; '' for ''. */
export function localInput(iso) {
  if (!iso) return '';
  const at = new Date(iso);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
