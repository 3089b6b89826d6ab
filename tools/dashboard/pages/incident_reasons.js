// Why an incident opened, how it stands now, and why it ended: the checks once more.

import { h, put } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { prose } from '../prose.js';
import { link } from '../router.js';
import { endedByCheck, endSentence, ruleWords } from '../words.js';
import { explainPanel } from './explain_panel.js';

/** Shows it in `place`; show(incident) when it is another: it has ended. */
export function startIncidentReasons(view, place, { ruleName, hostName, ...incident }) {
  const now = h('section', { hidden: true });
  const ended = h('section', { hidden: true });
  const opened = h('section');
  put(place, now, opened, ended);
  const about = { rule: ruleName, host: hostName };
  explainOnce(view, opened, { head: 'Why it opened', marker: 'opened', expected: 'breach', about,
    incident, at: Date.parse(incident.startTime) });
  let following = null;
  return { show: ({ endTime, reason }) => {
    if (!endTime) {
      following ??= follow(view, now, about);
      return;
    }
    following?.pause(true);
    now.hidden = true;
    ended.hidden = false;
    if (endedByCheck(reason)) {
      explainOnce(view, ended, { head: 'Why it was resolved', marker: 'resolved', expected: 'clear',
        about, incident, at: Date.parse(endTime), first: endSentence(reason),
        more: standing(about, 'How it stands now') });
    } else {
      put(ended, heading('Why it was resolved'), h('p', { class: 'panel pad' },
        endSentence(reason) || `The engine says: ${reason}.`, ' No check decided it.'));
    }
  } };
}

const standing = ({ rule, host }, text) => h('span', { class: 'controls small' },
  h('a', { href: link('rules', rule, { host }) }, text));

const heading = (text, ...more) => h('div', { class: 'section-head' }, h('h2', {}, text), more);

function explainOnce(view, place, { head, more, marker, expected, about, incident, at, first }) {
  const panel = explainPanel(view, { marker, open: true });
  const problem = h('div');
  const note = h('div');
  put(place, heading(head, more), first && h('p', { class: 'lead' }, first), problem, note,
    panel.element);
  keepFresh(view, problem, async (signal) => {
    try {
      const answer = await view.get('api/v1/explain', { ...about, at }, { signal });
      put(note, changedRule(incident, answer) ?? otherwise(answer, expected));
      panel.show(answer);
    } catch (error) {
      const words = notKnown(error.code);
      if (!words) throw error;
      put(note, h('div', { class: 'state', data: { code: error.code } }, h('div', {},
        h('strong', {}, words[0]), h('p', {}, words[1]), h('p', { class: 'muted small' },
          prose(error.message)))));
    }
  }, { by: 'once', content: [panel.element] });
}

function follow(view, place, about) {
  const panel = explainPanel(view, { marker: 'last check' });
  const problem = h('div');
  place.hidden = false;
  put(place, heading('Now', standing(about, 'Follow on the rule’s page')), problem, panel.element);
  return keepFresh(view, problem, async (signal) =>
    panel.show(await view.get('api/v1/explain', about, { signal })), { content: [panel.element] });
}

function notKnown(code) {
  return {
    'unknown-check': ['The values of that time are not kept any more',
      'The engine’s windows have moved on and its log no longer reaches back so far, so the ' +
      'check cannot be shown again. What the incident itself kept is above.'],
    'unknown-rule': ['The rule is not in force any more',
      'Without it, its checks cannot be shown again. What the incident itself kept is above.'],
  }[code];
}

// What came late may have changed what the engine knew then.
function otherwise({ verdict }, expected) {
  return verdict === expected ? null : h('div', { class: 'state failure' }, h('div', {},
    h('strong', {}, 'Computed again, this check comes out otherwise'), h('p', {},
      'The engine decided by what it knew then; values that came late may have been counted since.')));
}

// What the check was made under: the rule of then, or, where that is not kept, the one in force now,
// under which it may come out otherwise.
function changedRule(incident, { under, rule, ruleNow }) {
  const differs = incident.threshold !== undefined && (incident.threshold !== rule.value ||
    incident.operand !== rule.operand || incident.field !== rule.field ||
    incident.aggregation !== rule.aggregation || Number(incident.timeframe) !== rule.timeframe);
  if (under !== 'then' && !differs) return null;
  const now = under !== 'then' ? `Now: ${ruleWords(rule)}` :
    !ruleNow ? 'Now no rule of this name is in force' :
      ruleWords(ruleNow) === ruleWords(rule) ? 'Now it differs in what silence or a cooldown means' :
        `Now: ${ruleWords(ruleNow)}`;
  const base = under === 'then' ? 'What follows is computed with the rule as it was then.' :
    'The rules of then are not kept any more: what follows is computed with the one that is in ' +
    'force now.';
  return h('div', { class: under === 'then' ? 'state' : 'state failure', data: { under } },
    h('div', {}, h('strong', {}, 'The rule has changed since'), h('p', { dir: 'auto' },
      `Then: ${ruleWords(under === 'then' ? rule : incident)}. ${now}. ${base}`)));
}
