// What rules, verdicts and the ends of incidents are called. Pure.

import { count, nothing, number, unitOf, valueOf } from './format.js';

const units = [['day', 86_400_000, 2], ['hour', 3_600_000, 2], ['minute', 60_000, 1],
  ['second', 1000, 1]];

/** 120000 → "2 minutes", 90000 → "90 seconds", as the engine puts it. */
export function duration(ms) {
  for (const [name, length, parts] of units) {
    const n = ms / length;
    if (n >= 1 && Number.isInteger(n * parts)) return `${n} ${name}${n === 1 ? '' : 's'}`;
  }
  return `${ms} ms`;
}

const nouns = { avg: 'average', sum: 'sum', min: 'minimum', max: 'maximum', last: 'last value',
  count: 'number of ticks with a value' };

/** "average of cpu.usage" */
export function subject({ aggregation, field }) {
  return `${nouns[aggregation] ?? aggregation} of ${field}`;
}

/** A rule, or that of an incident when it was opened, in words; '' if it is not known whole. */
export function ruleWords({ aggregation, field, timeframe, operand, value, threshold = value }) {
  if (!aggregation || !field || timeframe === undefined || threshold === undefined) return '';
  return `${subject({ aggregation, field })} over ${duration(Number(timeframe))} is ${
    quantity({ aggregation, field }, threshold)} or ${wantsMore(operand) ? 'more' : 'less'}`;
}

export function wantsMore(operand) {
  return operand === 'equalOrMoreThan';
}

/** Sum and count: what a rule compares is no value of a tick, but made of all of them. */
export function addsUp(aggregation) {
  return aggregation === 'sum' || aggregation === 'count';
}

/**
 * A value that is compared with a threshold: rounded as all numbers are, unless that made it look
 * like the threshold, or put it on the other side.
 */
export function compared(value, threshold) {
  const text = number(value);
  if (!Number.isFinite(value) || typeof threshold !== 'number' || value === threshold) return text;
  const round = Number(text.replaceAll(',', '').replaceAll('−', '-'));
  const fair = text !== number(threshold) && (round > threshold) === (value > threshold);
  return fair ? text : String(value).replace('-', '−');
}

/**
 * What a rule compares, in the unit of its field, as charts have it: "93.2 %", "1.43 GiB". As
 * compared() has it beside a threshold.
 */
export function quantity({ field = '', aggregation }, value, threshold) {
  const unit = aggregation === 'count' ? '' : unitOf(field);
  if (!unit || !Number.isFinite(value)) return compared(value, threshold);
  const scaled = unit === 's' || unit === 'KB'; // rounded to another unit
  const alike = value !== threshold && valueOf(field, value) === valueOf(field, threshold);
  return scaled && !alike ? valueOf(field, value) : `${compared(value, threshold)} ${unit}`;
}

/** "≥ 60 %" */
export function condition(rule, threshold) {
  if (threshold === undefined) return nothing;
  return `${wantsMore(rule.operand) ? '≥' : '≤'} ${quantity(rule, threshold)}`;
}

export const verdicts = {
  breach: { text: 'In breach', tone: 'bad' },
  clear: { text: 'In order', tone: 'good' },
  unknown: { text: 'Unknown', tone: 'warn' },
};

const ends = {
  recovered: ['Recovered', 'The rule was no longer met.'],
  'no-data': ['No data',
    'The host stopped reporting the field, which this rule takes for a recovery.'],
  'rule-removed': ['Rule removed',
    'The rule was taken out of the configuration while this was open.'],
  'host-gone': ['Host gone', 'The host said goodbye; what was open for it was resolved.'],
  'host-expired': ['Host expired', 'The host was silent for so long that it was forgotten.'],
};

/** Why an incident ended, in a word or two. */
export function endWord(reason) {
  return ends[reason]?.[0] ?? reason ?? '';
}

/** … and in a sentence; empty: this page does not know the reason. */
export function endSentence(reason) {
  return ends[reason]?.[1] ?? '';
}

/** Whether it ended by a check, which can be explained. */
export function endedByCheck(reason) {
  return reason === 'recovered' || reason === 'no-data';
}

/** Parts of { new, blind, slipped, noData, silent } that are not 0: [number, word, meaning]. */
export function unknownParts(why = {}) {
  return [
    [why.new, 'new', 'reported the field for the first time too short a while ago'],
    [why.blind, 'blind', 'nobody could write to the log, so what was reported is not known'],
    [why.slipped, 'slipped', 'the newest report may have slipped over the edge of the tick'],
    [why.noData, 'no data', 'no value in the whole window'],
    [why.silent, 'silent', 'no value in the newest tick'],
  ].filter(([n]) => n > 0);
}

/** What happened to incidents, to be read aloud: the one, or how many. */
export function news({ opened, resolved, last: { event, ruleName, hostName } }) {
  if (opened + resolved === 1) {
    return `${event === 'opened' ? 'Opened' : 'Resolved'}: ${ruleName} on ${hostName}`;
  }
  return [opened && `${count(opened, 'incident')} opened`,
    resolved && `${count(resolved, 'incident')} resolved`].filter(Boolean).join(', ');
}
