// All rules with how they stand, page by page of GET api/v1/rules; and what is shown of one.

import { number } from '../format.js';
import { unknownParts } from '../words.js';

const perQuestion = 1000;
const rulesMax = 20_000;

/** { rules, total, ruleSet, asOf, standing: whether they come with their `state`, if it is asked for }. */
export async function readRules(view, signal, state = true) {
  const rules = [];
  for (;;) {
    const answer = await view.get('api/v1/rules', { state, offset: rules.length,
      limit: perQuestion }, { signal });
    rules.push(...answer.rules);
    const { ruleSet, asOf } = answer;
    const total = answer.total ?? rules.length;
    if (answer.rules.length === 0 || rules.length >= Math.min(total, rulesMax)) {
      return { rules, total, ruleSet, asOf, standing: rules.some(({ state }) => state) };
    }
  }
}

/** One rule of that list, and where: { rule, at, asOf }, or null. `at` is where it was last. */
export async function readRule(view, name, at, signal) {
  if (at !== null) {
    const { rules, asOf } = await view.get('api/v1/rules', { state: true, offset: at, limit: 1 },
      { signal });
    if (rules[0]?.name === name) return { rule: rules[0], at, asOf };
  }
  const { rules, asOf } = await readRules(view, signal);
  const found = rules.findIndex((rule) => rule.name === name);
  return { rule: rules[found] ?? null, at: found < 0 ? null : found, asOf };
}

/** Columns by which the list can be sorted. */
export const sortValues = {
  name: ({ name }) => name,
  open: ({ state }) => state?.open,
  breach: ({ state }) => state?.breach,
  coolingDown: ({ state }) => state?.coolingDown,
  unknown: ({ state }) => state?.unknown,
  clear: ({ state }) => state?.clear,
  hosts: ({ state }) => state?.hosts,
  cost: ({ cost }) => cost?.nsPerTick,
};

/** "4 new, 2 no data" */
export function whyUnknown(state) {
  return unknownParts(state?.unknownWhy).map(([n, word]) => `${number(n)} ${word}`).join(', ');
}

/** 1234567 ns → "1.23 ms" */
export function cost(ns) {
  if (ns === null || ns === undefined) return number(null);
  const [size, unit] = ns >= 1e6 ? [1e6, 'ms'] : ns >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  return `${number(Number((ns / size).toPrecision(3)))} ${unit}`;
}
