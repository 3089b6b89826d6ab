// One incident: what it is, why it opened, what would resolve it or did.

import { bdi, h, put, setAttribute, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { span } from '../format.js';
import { moment } from '../moment.js';
import { link } from '../router.js';
import { condition, endSentence, endWord, quantity, ruleWords } from '../words.js';
import { engineClock } from './engine_clock.js';
import { age as ageOf } from './incident_columns.js';
import { startIncidentReasons } from './incident_reasons.js';
import { labelChips, textFacts } from './texts.js';

export const title = 'Incident';

export function open(view) {
  const { id } = view.parameters;
  const clock = engineClock();
  const place = h('div');
  const problem = h('div');
  const crumb = h('p', { class: 'crumb' }, h('a', { href: '#/alerting' }, 'Alerting'),
    ' / incident');
  put(view.root, h('div', { class: 'page-head' }, h('div', {}, crumb,
    h('h1', {}, 'Incident'))), problem, place);

  let parts = null;
  const fresh = keepFresh(view, problem, async (signal) => {
    const incident = await view.get(`api/v1/incidents/${encodeURIComponent(id)}`, {}, { signal });
    clock.set(incident.asOf);
    parts ??= build(view, incident, place);
    parts.show(incident, clock.now());
  }, { by: 'events', content: [place] });

  view.on('incident', (event) => { if (event.id === id) fresh.again(); });
  view.on('tick', ({ endMs }) => {
    clock.set(endMs);
    parts?.age(clock.now());
  });
}

function build(view, first, place) {
  view.title(`${first.ruleName} on ${first.hostName}`);
  const pill = h('span', { class: 'pill', role: 'status' }); // its age changes too often to be read
  const age = h('span', {});
  put(view.root.querySelector('h1'), bdi(first.ruleName), h('span', { class: 'muted' }, ' on '),
    h('a', { href: link('hosts', first.hostName) }, bdi(first.hostName)));
  const figures = h('dl', { class: 'figures panel' });
  const reasons = h('div');
  put(place, h('p', { class: 'incident-state' }, pill, ' ', age), figures,
    about(first), reasons);
  const explained = startIncidentReasons(view, reasons, first);
  let incident = first;
  let said = '';
  const showAge = (now) => {
    const from = Date.parse(incident.startTime);
    setText(age, incident.endTime ? `after ${span(Date.parse(incident.endTime) - from)}` :
      `for ${ageOf(now - from)}`);
  };
  return {
    age: showAge,
    show: (next, now) => {
      incident = next;
      showAge(now);
      if (said === String(next.endTime)) return;
      said = String(next.endTime);
      setText(pill, next.endTime ? 'Resolved' : 'Open');
      setAttribute(pill, 'data-tone', next.endTime ? 'good' : 'bad');
      put(figures, figuresOf(next));
      explained.show(next);
    },
  };
}

function figuresOf({ startTime, endTime, triggerValue, threshold, reason, ...rule }) {
  const figure = (name, ...value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  return [
    figure('Started', moment(startTime)),
    endTime && figure('Ended', moment(endTime)),
    endTime && figure('Duration', span(Date.parse(endTime) - Date.parse(startTime))),
    figure('Trigger value', quantity(rule, triggerValue, threshold), threshold !== undefined &&
      h('small', {}, ` ${condition(rule, threshold)}`)),
    reason && figure('Reason', h('span', { title: endSentence(reason) }, endWord(reason))),
  ];
}

function about(incident) {
  const words = ruleWords(incident);
  return h('section', { class: 'panel pad' }, h('dl', { class: 'facts wordy' },
    h('dt', {}, 'Rule'), h('dd', {}, h('a', { href: link('rules', incident.ruleName) },
      bdi(incident.ruleName)), words && h('div', { class: 'muted', dir: 'auto' }, words)),
    h('dt', {}, 'Host'), h('dd', {}, h('a', { href: link('hosts', incident.hostName) },
      bdi(incident.hostName))),
    Object.keys(incident.labels ?? {}).length > 0 && [h('dt', {}, 'Labels'),
      h('dd', {}, labelChips(incident.labels))],
    textFacts(incident.annotations),
    h('dt', {}, 'Id'), h('dd', {}, h('code', {}, incident.id))));
}
