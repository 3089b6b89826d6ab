// Sorting and searching lists that are here whole. Pure.

/** `by` maps a column's name to (row) → number | text | null. null comes last, whatever the way. */
export function sorted(rows, sort, by) {
  const down = sort.startsWith('-');
  const value = by[down ? sort.slice(1) : sort];
  if (!value) return rows;
  return rows.slice().sort((a, b) => {
    const [x, y] = [value(a) ?? null, value(b) ?? null];
    if (x === null || y === null) return (x === null) - (y === null);
    const order = typeof x === 'string' ? x.localeCompare(y) : x - y;
    return down ? -order : order;
  });
}

/** Those of which one of the texts holds what is searched for, whatever the case. */
export function matching(rows, search, texts) {
  const wanted = search.trim().toLowerCase();
  return wanted === '' ? rows :
    rows.filter((row) => texts(row).some((text) => text.toLowerCase().includes(wanted)));
}

/** Rows in an order that was: those in `order` (their keys) as there, then those that came since. */
export function kept(rows, order, key) {
  const places = new Map(order.map((one, i) => [one, i]));
  const place = (row) => places.get(key(row)) ?? Infinity;
  return rows.slice().sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}
