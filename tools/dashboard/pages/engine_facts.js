// Where the engine stands: storage against its budgets, Redis, rules, samples since its start.

import { bdi, h, put } from '../dom.js';
import { bytes, nothing, number, span } from '../format.js';
import { moment } from '../moment.js';

/** Fills the columns. They hold a few dozen elements; what says the same is left alone. */
export function showFacts(place, engine) {
  const { redis, log, incidents, memory, rules, counts, fields, hosts, stages, lagMs } = engine;
  const parts = [
    ['Storage', [
      ['Log', share(log.bytes, log.budgetBytes), log.oldest && ['back to ', moment(log.oldest)]],
      ['Incidents', share(incidents.bytes, incidents.budgetBytes)],
      ['Windows', share(memory.windowBytes, memory.budgetBytes)],
      ['Hosts', share(hosts.known, hosts.max, number), hosts.refused &&
        ['full: ', bdi(hosts.refused), ' and further ones are dropped']],
      fields && ['Fields', share(fields.known, fields.max, number), crowded(fields)],
      ['Process', bytes(memory.residentBytes)]].filter(Boolean)],
    ['Redis', [
      ['State', redis.answers ? 'Answers' : h('span', { class: 'bad' }, 'Does not answer')],
      ['Version', redis.version ?? nothing],
      ['Memory', bytes(redis.usedBytes)],
      ['Kind', redis.private ? 'private: the engine runs it' : 'external'],
      ['Address', h('code', {}, bdi(redis.address))]]],
    ['Rules', [
      ['In force', h('a', { href: '#/rules' }, number(rules.count)), ['since ', moment(rules.since)]],
      ['From', rules.source === 'cluster' ? 'the cluster' : 'the configuration file'],
      ['Set', h('code', { title: rules.ruleSet }, String(rules.ruleSet).slice(0, 12))],
      ['Last reload', reload(rules.lastReload)]]],
    ['Parts', [['Behind by', span(lagMs)], ...stages.map(part)]],
    ['Samples since the start', [
      ['Accepted', number(counts.accepted)],
      ['Late', counted(counts.late), 'after their tick was sealed'],
      ['Early', counted(counts.early), 'too far in the future'],
      ['Repeated', counted(counts.repeated), 'sent twice, counted once'],
      ['Rejected', counted(counts.rejected), 'no samples: see below'],
      ['Refused', counted(counts.refused), 'while Redis or memory was full'],
      ['Dropped values', counted(counts.dropped), 'no numbers, or too many fields']]],
  ];
  parts.forEach(([title, lines], i) => {
    const text = JSON.stringify(lines, (_, x) => (x instanceof Node ? x.outerHTML : x));
    const panel = place.children[i] ?? place.appendChild(h('div', { class: 'panel pad' }));
    if (panel.said === text) return;
    panel.said = text;
    put(panel, h('h2', {}, title), h('dl', { class: 'facts' }, lines.map(fact)));
  });
}

function fact([name, value, note]) {
  return [h('dt', {}, name),
    h('dd', {}, value, note && h('span', { class: 'muted small' }, ' ', note))];
}

// What hangs says nothing: how long it has is the engine's word.
function part({ stage, stuckMs, why }) {
  return stuckMs < 1000 ? [bdi(stage), 'at work'] :
    [bdi(stage), h('span', { class: 'bad' }, `stands still for ${span(stuckMs)}`), bdi(why)];
}

// While fields find no place: which, and who fills the table.
function crowded({ dropped, most }) {
  return dropped && ['full: ', bdi(dropped.field), ' of ', bdi(dropped.host), ' and others are dropped',
    most && ['; ', bdi(most.host), ` brought ${number(most.fields)}`]];
}

const counted = (n) => (n > 0 ? h('span', { class: 'warn' }, number(n)) : number(n));

function share(used, budget, write = bytes) {
  const part = budget > 0 ? Math.min(1, used / budget) : 0;
  return [`${write(used)} of ${write(budget)}`,
    h('div', { class: 'meter', data: { tone: part > 0.9 ? 'bad' : part > 0.75 ? 'warn' : '' } },
      h('span', { style: { width: `${(part * 100).toFixed(1)}%` } }))];
}

function reload(last) {
  if (!last) return 'none since the start';
  const tone = ['done', 'unchanged'].includes(last.result) ? null : 'bad';
  return [h('span', { class: tone }, last.result), ' ', moment(last.at),
    last.message && h('p', { class: 'muted small' }, last.message)];
}
