// Numbers, spans of time and moments as people read them. Pure.

const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const digits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

/** What stands where there is no value, and where it is not known yet. */
export const nothing = '–';
export const pending = '…';

/** Six digits count: 1234567 → "1,234,567", 93.2145678 → "93.2146", null → "–". */
export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return nothing;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(5).replace(/\.?0+e/, 'e').replaceAll('-', '−');
  return (size >= 1e6 ? integers : digits).format(value).replace('-', '−');
}

/** For axes and small places: 12,345,678 → "12.3M". */
export function short(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return number(value);
  for (const [size, letter] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e4, 'k']]) {
    if (Math.abs(value) >= size) {
      const scale = letter === 'k' ? 1e3 : size;
      return number(Number((value / scale).toPrecision(3))) + letter;
    }
  }
  return number(value);
}

/** 1536 → "1.5 KiB". */
export function bytes(value) {
  if (value === null || value === undefined) return nothing;
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  for (; value >= 1024 && at < names.length - 1; ++at) value /= 1024;
  return `${number(Number(value.toPrecision(3)))} ${names[at]}`;
}

const spans = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]];

/** Milliseconds in at most two units: "1 min 30 s", "2 h", "3 d 4 h", "12 ms". */
export function span(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return nothing;
  const sign = ms < 0 ? '−' : '';
  const size = Math.abs(ms);
  if (size < 1000) return `${sign}${number(Number(size.toPrecision(3)))} ms`;
  if (size < 59_950) return `${sign}${number(Math.round(size / 100) / 10)} s`;
  // Rounded before it is taken apart, so that there are never sixty of one.
  const [, lower] = spans[spans.findIndex(([, length]) => size >= length) + 1] ?? spans.at(-1);
  const round = Math.round(size / lower) * lower;
  const [name, length] = spans.find(([, one]) => round >= one);
  const [under, small] = spans[spans.findIndex(([one]) => one === name) + 1];
  const rest = Math.round((round % length) / small);
  return `${sign}${Math.floor(round / length)} ${name}${rest ? ` ${rest} ${under}` : ''}`;
}

/** What is so long, after "the last", "every" or "per": 60000 → "minute", 300000 → "5 min". */
export function stretch(ms) {
  const [name] = Object.entries({ second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 })
    .find(([, length]) => length === ms) ?? [];
  return name ?? span(ms);
}

/** The unit of a field that hosts report, as far as its name tells. */
export function unitOf(field) {
  if (/^((cpu|mem|swap|disk)\.usage|disk\.inodes)(\.|$)/.test(field)) return '%';
  if (/^net\.(receive|transmit)\./.test(field)) return 'B/s';
  if (field === 'mem.free') return 'KB';
  if (field === 'uptime') return 's';
  return /latency/.test(field) ? 'ms' : '';
}

/** A field's value with its unit: "93.2 %", "3 h 12 min" of an uptime. */
export function valueOf(field, value) {
  if (value === null || value === undefined) return nothing;
  if (field === 'uptime') return span(value * 1000);
  if (field === 'mem.free') return bytes(value * 1024);
  const unit = unitOf(field);
  return unit ? `${number(value)} ${unit}` : number(value);
}

/** Gives what writes its values at an axis: short, but in the unit where that is another. */
export function axisOf(field) {
  if (field !== 'uptime' && field !== 'mem.free') return short;
  return (value) => (value === 0 ? '0' : valueOf(field, value));
}

const marks = { uptime: [60, 300, 900, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 432_000,
  864_000, 8_640_000], // s
'mem.free': [...Array(40).keys()].map((power) => 2 ** power) }; // KB

/** Steps of its axis that are round in its unit; undefined: in tens. */
export function marksOf(field) {
  return Object.hasOwn(marks, field) ? marks[field] : undefined;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const minutes = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const dated = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit',
  minute: '2-digit', second: '2-digit' });
const withYear = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment (ms or ISO) in local time: "14:03:10", with the date where it is not today. */
export function time(at, now = Date.now()) {
  if (at === null || at === undefined) return nothing;
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return nothing;
  const today = new Date(now);
  if (when.toDateString() === today.toDateString()) return clock.format(when);
  return (when.getFullYear() === today.getFullYear() ? dated : withYear).format(when);
}

/** "14:03" */
export function hoursMinutes(at) {
  return minutes.format(new Date(at));
}

/** The same moment in UTC, whole: "2026-11-21 14:03:10 UTC". */
export function utc(at) {
  const when = new Date(at);
  return Number.isNaN(when.getTime()) ? '' :
    `${when.toISOString().replace('T', ' ').replace(/(\.000)?Z$/, '')} UTC`;
}

/** "3 hosts", "1 host". */
export function count(n, one, many = `${one}s`) {
  return `${number(n)} ${n === 1 ? one : many}`;
}
