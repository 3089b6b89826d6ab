// What a chart must know about its numbers before it draws them. Pure.

/** Each series on top of those before it, those in `hidden` (a Set) left out. null: none has one. */
export function stack(values, hidden = new Set()) {
  const length = values[0]?.length ?? 0;
  const sums = new Array(length).fill(null);
  return values.map((series, i) => {
    if (hidden.has(i)) return new Array(length).fill(null);
    for (let t = 0; t < length; ++t) {
      if (series[t] !== null && series[t] !== undefined) sums[t] = (sums[t] ?? 0) + series[t];
    }
    return sums.slice();
  });
}

/** Smallest and largest of a series, and the last value there is: null where there is none. */
export function extent(series) {
  let min = null;
  let max = null;
  let last = null;
  for (const value of series) {
    if (value === null || value === undefined) continue;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
    last = value;
  }
  return { min, max, last };
}

const farAway = 19; // times as large as what is shown: then a threshold would flatten all else

/**
 * What the value axis shows: all values, zero, and the thresholds unless they lie far away.
 * `bounds` { min, max } are shown in any case.
 */
export function valueRange(min, max, thresholds = [], bounds = {}) {
  let low = Math.min(0, min ?? 0, bounds.min ?? 0);
  let high = Math.max(0, max ?? 0, bounds.max ?? 0);
  const size = Math.max(high - low, 0);
  for (const { value } of thresholds) {
    if (size > 0 && (value > high + farAway * size || value < low - farAway * size)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) return [low, low + 1];
  const air = (high - low) * 0.06;
  const fixed = (edge, at) => edge !== undefined && at === edge;
  return [low === 0 || fixed(bounds.min, low) ? low : low - air,
    high === 0 || fixed(bounds.max, high) ? high : high + air];
}

/**
 * Where labels of lines stand, so that each can be read: `lines` are [{ y, text }], y downwards. One
 * stands `above` its line where there is room, else below; of those alike there is one, and those that would
 * print over each other follow below one another; what has no room is counted in the last. Gives
 * [{ y, text }], y: of the text's foot.
 */
export function labelPlaces(lines, { top, bottom, height, above = 3 }) {
  const feet = [];
  for (const { y, text } of lines.toSorted((a, b) => a.y - b.y)) {
    if (feet.some((one) => one.text === text)) continue;
    const foot = y - above - height < top ? y + height - 1 : y - above;
    feet.push({ text, y: Math.max(foot, (feet.at(-1)?.y ?? top) + height) });
  }
  const room = Math.max(1, Math.floor((bottom - top) / height));
  const shown = feet.slice(0, room);
  const left = feet.length - shown.length;
  if (left > 0) shown.at(-1).text += ` +${left}`;
  for (let i = shown.length - 1, most = bottom - 1; i >= 0; --i, most -= height) {
    shown[i].y = Math.min(shown[i].y, most);
    most = shown[i].y;
  }
  return shown;
}

/** Index of the step that holds this moment, or -1. Times rise. */
export function indexAt(times, at) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
