// Where the marks of an axis stand. Pure.

/** About n round numbers between min and max. */
export function roundMarks(min, max, n = 4) {
  const rough = (max - min) / n;
  if (!(rough > 0) || !Number.isFinite(rough)) return [min];
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * unit >= rough) * unit;
  const marks = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; ++i) {
    marks.push(Number((i * step).toPrecision(12)));
  }
  return marks;
}

const units = { s: [1, 60, 3600, 86_400], KB: [1, 1024, 1024 ** 2, 1024 ** 3] };

/** Numbers that are round in the unit in which people read a field: minutes, GiB. */
export function unitMarks(unit, min, max, n = 4) {
  const size = Math.max(Math.abs(min), Math.abs(max));
  const scale = units[unit]?.findLast((one) => size >= one) ?? 1;
  return roundMarks(min / scale, max / scale, n).map((mark) => mark * scale);
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
/** Steps of a time axis, in ms, up to a day. */
export const timeSteps = [second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second, minute,
  2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour,
  12 * hour, 24 * hour];

/** At most n round moments of the reader's time between two: { marks, step }. */
export function timeMarks(from, to, n) {
  const step = timeSteps.find((one) => (to - from) / one <= n) ??
    Math.ceil((to - from) / n / (24 * hour)) * 24 * hour;
  const shift = new Date(from).getTimezoneOffset() * minute;
  const marks = [];
  const first = Math.ceil((from - shift) / step) * step + shift;
  for (let at = first; at <= to; at += step) marks.push(at);
  return { marks, step };
}

/** A linear scale: domain [a, b] to range [c, d]. */
export function linear([a, b], [c, d]) {
  const slope = b === a ? 0 : (d - c) / (b - a);
  return (value) => c + (value - a) * slope;
}

/** Index of the number nearest to x in a rising list; -1: it is empty. */
export function nearest(list, x) {
  let best = -1;
  for (let i = 0; i < list.length; ++i) {
    if (best < 0 || Math.abs(list[i] - x) < Math.abs(list[best] - x)) best = i;
  }
  return best;
}
