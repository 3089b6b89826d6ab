// "Why does it not fire?": one rule and a host that the reader picks, check by check as it happens.

import { h, put, setText } from '../dom.js';
import { keepFresh } from '../fresh.js';
import { link } from '../router.js';
import { findHosts, suggest } from '../suggest.js';
import { explainPanel } from './explain_panel.js';

export function startWhy(view, place, rule) {
  let host = view.query.get('host') ?? '';
  let following = null;
  const panel = explainPanel(view, { marker: 'last check', link: true });
  const problem = h('div');
  const hint = h('p', { class: 'muted' },
    'Pick a host: what its window holds, what came out of the last checks, and what is missing.');
  const links = h('span', { class: 'controls small', hidden: true });
  const field = suggest({ name: 'host', label: 'Host to explain', placeholder: 'Pick a host',
    value: host, signal: view.signal, find: findHosts(view), onChoose: (text) => choose(text) });
  put(place, h('div', { class: 'section-head' }, h('h2', { id: 'why-title' },
    'Why does it fire, or not?'),
    field.element, links), h('div', { class: 'panel pad why' }, hint, problem, panel.element));

  const load = async (signal) => {
    if (!host) return;
    panel.show(await view.get('api/v1/explain', { rule, host }, { signal }));
  };
  const choose = (text) => {
    host = text;
    view.setQuery({ host });
    show();
    following?.anew();
  };
  const show = () => {
    hint.hidden = host !== '';
    links.hidden = host === '';
    panel.element.hidden = true;
    put(links, h('a', { href: link('hosts', host) }, 'The host’s page'), ' · ',
      h('a', { href: link('alerting', null, { rule, host }) }, 'Incidents of both'));
    if (host) following ??= keepFresh(view, problem, load, { content: [panel.element] });
    else setText(problem, '');
  };
  show();
}
