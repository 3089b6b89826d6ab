// The fields that hosts report, as the engine knows them, kept fresh for one page.

import { h } from './dom.js';
import { keepFresh } from './fresh.js';

const gapMs = 10_000; // between questions: fields come and go with programs, not with ticks

/**
 * Gives { ready, list, newest }: ready() promises the list, `list` is it or null. It is another one,
 * and `onChange` hears of it, only when a field is reported that was not, or is no longer: how many
 * hosts report a field changes at any tick, which is no reason to show other charts. `newest` has
 * the newest numbers.
 */
export function startFields(view, onChange) {
  let list = null;
  let newest = [];
  let names = null;
  let asking = null;
  const ask = () => {
    asking ??= view.get('api/v1/fields').then(({ fields }) => {
      const now = fields.filter(({ hosts }) => hosts > 0).map(({ name }) => name).sort().join('\n');
      const other = now !== names;
      newest = fields;
      if (other) list = fields;
      names = now;
      if (other) onChange(list);
      return list;
    }).finally(() => { asking = null; });
    return asking;
  };
  keepFresh(view, h('div'), ask, { gapMs });
  return { ready: async () => list ?? ask(), get list() { return list; },
    get newest() { return newest; } };
}
