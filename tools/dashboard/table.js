// A table that is sorted by its headings and changes only where something changed.
//
// 1. Rows are known by their key: a new list moves, adds and removes rows, and touches a cell only
//    when what it says is another. Focus stays on its row, or where that was if it is gone. Rows that
//    are gone become those that came, unless the reader is at them: that costs least.
// 2. Sorting is told, not done: the page asks the server, or sorts with rows.js.
// 3. Arrow keys go from row to row.

import { h, setAttribute, setText } from './dom.js';

/**
 * options: {
 *   id, caption, key: (row) → text,
 *   columns: [{
 *     name, label, title, number: true (right-aligned), cut: true (a long label is cut off),
 *     sort: 'asc' | 'desc' (first direction),
 *     of: (row) → what decides whether the cell changes; its text, unless there is
 *     fill: (cell, row) → void, or make: (cell) → (row) → void where what it holds is made once,
 *     and tone: (row) → 'good' | 'warn' | 'bad' | '' }],
 *   sort: 'name' or '-name', onSort: (sort) → void,
 *   rowClass: (row) → class }
 * Gives { element, body, show(rows), none(content), foot(text), sorted(sort), columns(columns) }.
 */
export function table(options) {
  return new Table(options);
}

class Table {
  #rows = new Map(); // key → { tr, cells, fills, said }
  #none = null;

  constructor(options) {
    this.options = options;
    this.body = h('tbody', { on: { keydown: (event) => this.#move(event) } });
    this.table = h('table', { id: options.id },
      h('caption', { class: 'unseen' }, options.caption),
      h('thead', {}, this.headRow = h('tr')), this.body, this.footer = h('tfoot'));
    this.element = h('div', { class: 'table-scroll', tabindex: '0', role: 'region',
      'aria-label': options.caption }, this.table);
    this.columns(options.columns);
  }

  /** Has these columns from now on; rows come with the next show(). */
  columns(columns) {
    this.options = { ...this.options, columns };
    const focused = this.headRow.contains(document.activeElement) &&
      document.activeElement.closest('th').dataset.column;
    this.heads = columns.map((column) => this.#head(column));
    this.headRow.replaceChildren(...this.heads);
    this.body.replaceChildren();
    this.#rows.clear();
    this.sorted(this.sort ?? this.options.sort);
    if (focused) this.heads.find((th) => th.dataset.column === focused)?.querySelector('button')?.focus();
  }

  /** Says which column the rows are sorted by. */
  sorted(sort) {
    this.sort = sort;
    this.options.columns.forEach(({ name }, i) => setAttribute(this.heads[i], 'aria-sort',
      sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : null));
  }

  /** Instead of rows: that there are none. */
  none(...content) {
    const next = h('tr', { class: 'none' }, h('td', { colspan: this.heads.length },
      h('div', {}, content)));
    if (this.#none?.isConnected && this.#none.textContent === next.textContent) return;
    this.show([]);
    this.#none = next;
    this.body.append(this.#none);
    this.element.classList.add('bare');
  }

  /** Below the rows: that there are more, which are not shown; '': that is all. */
  foot(text) {
    if (this.footer.textContent === text) return;
    this.footer.replaceChildren(...(text === '' ? [] : [h('tr', { class: 'none' },
      h('td', { colspan: this.heads.length }, h('div', {}, text)))]));
  }

  show(rows) {
    this.#none?.remove();
    this.element.classList.remove('bare');
    const focused = document.activeElement;
    const place = this.body.contains(focused) ? [...this.body.children].indexOf(
      focused.closest('tr')) : -1;
    const spare = this.#takeGone(new Set(rows.map(this.options.key)));
    let before = this.body.firstElementChild;
    for (const row of rows) {
      const key = this.options.key(row);
      const known = this.#rows.get(key) ?? this.#add(key, spare.shift());
      this.#fill(known, row);
      if (known.tr === before) before = before.nextElementSibling;
      else this.body.insertBefore(known.tr, before);
    }
    for (const { tr } of spare) tr.remove();
    if (place < 0 || document.activeElement === focused) return;
    const next = focused.isConnected ? focused :
      this.body.children[Math.min(place, rows.length - 1)]?.querySelector('a, button');
    next?.focus({ preventScroll: true });
  }

  #head(column) {
    const label = h('span', column.cut ? { class: 'cut' } : {}, column.label);
    const shared = { scope: 'col', class: column.number ? 'number' : null, title: column.title,
      data: { column: column.name } };
    if (!column.sort || !this.options.onSort) return h('th', shared, label);
    return h('th', shared, h('button', { type: 'button', on: { click: () =>
      this.options.onSort(this.#next(column)) } }, label,
    h('span', { class: 'arrow', 'aria-hidden': 'true' })));
  }

  #next({ name, sort: first }) {
    const [one, other] = first === 'desc' ? [`-${name}`, name] : [name, `-${name}`];
    return this.sort === one ? other : one;
  }

  // Rows that no longer are: to be used again, other than one that is pointed at or has the focus.
  #takeGone(keys) {
    const spare = [];
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      this.#rows.delete(key);
      if (row.tr.matches(':hover, :focus-within')) row.tr.remove();
      else spare.push(row);
    }
    return spare;
  }

  #add(key, used) {
    const row = used ?? this.#make();
    row.tr.dataset.key = key;
    this.#rows.set(key, row);
    return row;
  }

  #make() {
    const { columns } = this.options;
    const cells = columns.map((column, i) => h(i === 0 ? 'th' : 'td', {
      class: column.number ? 'number' : null, scope: i === 0 ? 'row' : null }));
    return { tr: h('tr', {}, cells), cells, said: new Array(cells.length),
      fills: columns.map((column, i) => column.make?.(cells[i])) };
  }

  #fill({ tr, cells, fills, said }, row) {
    this.options.columns.forEach((column, i) => {
      const now = column.of(row);
      if (column.tone) setAttribute(cells[i], 'data-tone', column.tone(row) || null);
      if (said[i] === now) return;
      said[i] = now;
      if (fills[i]) fills[i](row);
      else if (column.fill) column.fill(cells[i], row);
      else setText(cells[i], now);
    });
    if (this.options.rowClass) setAttribute(tr, 'class', this.options.rowClass(row) || null);
  }

  #move(event) {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const tr = event.target.closest('tr');
    if (!way || !tr || event.target.matches('input, select')) return;
    for (let at = tr; (at = way > 0 ? at.nextElementSibling : at.previousElementSibling);) {
      const link = at.querySelector('a, button');
      if (!link) continue;
      event.preventDefault();
      link.focus();
      return;
    }
  }
}
