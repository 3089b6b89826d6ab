// Why a rule fired for a host, or did not, as GET api/v1/explain says it: a sentence, what would
// change it, and the numbers behind.

import { h, put, setAttribute, setText } from '../dom.js';
import { moment } from '../moment.js';
import { link } from '../router.js';
import { prose } from '../prose.js';
import { verdicts } from '../words.js';
import { checksChart, windowChart } from './explain_charts.js';

const sources = { windows: 'From the engine’s windows', log: 'Computed again from the log' };

/**
 * options: { marker: what happened at the check, open: the tables are, link: to the incident that
 *   is open }.
 */
export function explainPanel(view, options = {}) {
  return new ExplainPanel(view, options);
}

class ExplainPanel {
  #said = '';
  #drawnFor = '';
  #charts = [];

  constructor(view, options) {
    this.view = view;
    this.options = options;
    this.pill = h('span', { class: 'pill' });
    this.words = h('span', { class: 'words', dir: 'auto' });
    this.next = h('p', { class: 'next', dir: 'auto' });
    this.charts = h('div', { class: 'columns' });
    this.source = h('p', { class: 'muted small' });
    this.element = h('div', { class: 'explain', hidden: true },
      h('p', { class: 'verdict' }, this.pill, ' ', this.words), this.next,
      this.charts, this.source);
  }

  show(answer) {
    const { verdict, words, rule, reason } = answer;
    this.element.hidden = false;
    const { text, tone } = verdicts[verdict] ?? verdicts.unknown;
    setText(this.pill, text);
    setAttribute(this.pill, 'data-tone', tone);
    setAttribute(this.element, 'data-verdict', verdict);
    setAttribute(this.element, 'data-reason', reason);
    this.#say(answer);
    this.words.hidden = !words;
    this.#draw(answer, rule);
  }

  // Sentences hold moments, which are elements: they are made again only when they say another
  // thing.
  #say(answer) {
    const { words, rule, incident, window: { to } } = answer;
    const next = nextWords(answer);
    const said = JSON.stringify([words, next, to, answer.source, incident]);
    if (said === this.#said) return;
    this.#said = said;
    put(this.words, prose(words, rule));
    put(this.next, this.options.link && incident && openSince(incident),
      next.map(([head, text]) => [h('strong', {}, head), ' ', prose(text, rule,
        { within: true }), ' ']));
    this.next.hidden = this.next.childNodes.length === 0;
    put(this.source, to ? [sources[answer.source] ?? 'As known', ', check at ', moment(to)] :
      ['As of ', moment(answer.asOf)], '.');
  }

  #draw(answer, rule) {
    const none = answer.reason === 'never-reported' || answer.window.ticks.length === 0;
    this.charts.hidden = none;
    if (none) return;
    const key = JSON.stringify([rule.field, rule.aggregation, rule.operand, rule.value]);
    if (key !== this.#drawnFor) {
      this.#drawnFor = key;
      this.#charts = [checksChart(this.view, rule, this.options),
        windowChart(this.view, rule, this.options)];
      put(this.charts, this.#charts.map((chart) => chart.element));
    }
    for (const chart of this.#charts) chart.set(answer);
  }
}

function openSince({ id, startTime }) {
  return [h('strong', {}, h('a', { href: link('incidents', id) }, 'Open')), ' since ',
    moment(startTime), '. '];
}

// The beginnings of sentences, and their ends in the engine's words.
function nextWords({ state, resolvesWhen, opensWhen, notBefore }) {
  const when = resolvesWhen ? [['Resolves when', resolvesWhen]] : opensWhen ?
    [[state === 'coolingDown' ? 'Cooling down. Opens when' : 'Opens when', opensWhen]] : [];
  return notBefore && when.length > 0 ? [...when, ['Not before', `${notBefore}: until then the ` +
    'window holds ticks of which nothing is known']] : when;
}
