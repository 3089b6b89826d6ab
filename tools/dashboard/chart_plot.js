// A uPlot as we draw them: thin lines or stacked bars, blind ticks shaded, thresholds drawn in.

import uPlot from './vendor/uPlot.js';
import { labelPlaces, valueRange } from './chart_data.js';
import { hoursMinutes, short, time } from './format.js';
import { timeSteps } from './scale.js';
import { colour } from './theme.js';

const font = '11px system-ui, sans-serif';
const halfDigit = 3.1; // px, of a time in that font
const paddingRight = 8;
const labelHeight = 12; // px, of a threshold's
const dayMs = 86_400_000;
const wholeSteps = [...Array(15).keys()].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power));

/** Options of uPlot for a chart; `chart` has { look, data }: see chart.js, which changes them. */
export function plotOptions(chart, width, hooks) {
  const { look } = chart;
  return {
    width,
    height: look.height,
    ms: 1,
    padding: [8, paddingRight, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 6, width: 0 },
      ...(look.sync ? { sync: { key: look.sync } } : {}),
    },
    scales: {
      x: { time: true, range: () => [chart.data.from, chart.data.to] },
      y: { range: (u, min, max) => valueRange(min, max, chart.data.thresholds, look) },
    },
    axes: [timeAxis(), valueAxis(look)],
    series: [{}, ...seriesOf(look)],
    hooks: {
      drawClear: [(u) => shadeBlind(u, chart.data.blind)],
      draw: [(u) => drawThresholds(u, chart.data.thresholds, look)],
      setCursor: [hooks.cursor],
    },
  };
}

/** In the order in which uPlot draws: of stacked ones the whole first, so that parts cover it. */
function seriesOf(look) {
  const drawn = look.series.map((one, i) => ({
    label: one.label,
    stroke: () => colour(one.colour),
    width: look.stacked ? 0 : 1.5,
    ...(look.stacked ? { fill: () => colour(one.colour), points: { show: false },
      paths: uPlot.paths.bars({ size: [0.86, 48], align: 1 }) } : {}),
    ...(one.fill ? { fill: () => colour(one.fill) } : {}),
    points: look.stacked ? { show: false } : { size: 4, width: 0, fill: () => colour(one.colour),
      filter: lonely },
    show: !(look.hidden?.has(i)),
  }));
  return look.stacked ? drawn.reverse() : drawn;
}

// A value between two gaps would be no line at all: it is a point.
function lonely(u, index) {
  const values = u.data[index];
  const [first, last] = u.series[0].idxs;
  const found = [];
  for (let i = first; i <= last; ++i) {
    const alone = (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null;
    if (values[i] !== null && values[i] !== undefined && alone) found.push(i);
  }
  return found;
}

function timeAxis() {
  return {
    stroke: () => colour('--muted'),
    font,
    size: 26,
    gap: 4,
    space: 64,
    incrs: [...timeSteps, 2 * dayMs, 7 * dayMs, 30 * dayMs],
    grid: { show: false },
    ticks: { stroke: () => colour('--line'), width: 1, size: 4 },
    values: (u, moments) => {
      const seconds = moments.length > 1 && moments[1] - moments[0] < 60_000;
      const days = u.scales.x.max - u.scales.x.min > dayMs;
      const write = (at) => (days ? time(at) : seconds ? time(at, at) : hoursMinutes(at));
      const [left, width] = [u.bbox.left, u.bbox.width].map((n) => n / (devicePixelRatio || 1));
      return moments.map(write).map((text, i) => { // whole, or not at all
        const [x, half] = [u.valToPos(moments[i], 'x'), text.length * halfDigit];
        return x + left < half || x + half > width + paddingRight ? '' : text;
      });
    },
  };
}

function valueAxis(look) {
  return {
    stroke: () => colour('--muted'),
    font,
    gap: 6,
    space: 28,
    size: (u, texts) => (texts ? 14 + 6.4 * Math.max(...texts.map((text) => text.length)) : 40),
    grid: { stroke: () => colour('--grid'), width: 1 },
    ticks: { show: false },
    ...(look.whole || look.marks ? { incrs: look.marks ?? wholeSteps } : {}),
    values: (u, values) => values.map((value) => look.axis?.(value) ?? short(value)),
  };
}

function shadeBlind(u, blind) {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.fillStyle = colour('--blind');
  for (const [from, to] of blind) {
    const start = Math.max(left, u.valToPos(from, 'x', true));
    const end = Math.min(left + width, u.valToPos(to, 'x', true));
    if (end > start) u.ctx.fillRect(start, top, Math.max(end - start, 1), height);
  }
  u.ctx.restore();
}

function drawThresholds(u, thresholds, look) {
  const { left, top, width, height } = u.bbox;
  const scale = devicePixelRatio || 1;
  const labels = [];
  u.ctx.save();
  u.ctx.strokeStyle = u.ctx.fillStyle = colour('--threshold');
  u.ctx.lineWidth = scale;
  u.ctx.textAlign = 'left';
  u.ctx.textBaseline = 'alphabetic';
  u.ctx.font = `${10 * scale}px system-ui, sans-serif`;
  for (const { value, above, dashed } of thresholds) {
    const y = Math.round(u.valToPos(value, 'y', true));
    if (y < top - 1 || y > top + height + 1) continue;
    u.ctx.setLineDash(dashed ? [5 * scale, 4 * scale] : []);
    u.ctx.beginPath();
    u.ctx.moveTo(left, y);
    u.ctx.lineTo(left + width, y);
    u.ctx.stroke();
    labels.push({ y, text: `${above ? '≥' : '≤'} ${look.axis?.(value) ?? short(value)}` });
  }
  const places = labelPlaces(labels, { top, bottom: top + height, height: labelHeight * scale,
    above: 3 * scale });
  for (const { y, text } of places) { // other lines may run through it
    u.ctx.fillStyle = colour('--panel');
    u.ctx.fillRect(left + 2 * scale, y - 9 * scale, u.ctx.measureText(text).width + 4 * scale, 11 * scale);
    u.ctx.fillStyle = colour('--threshold');
    u.ctx.fillText(text, left + 4 * scale, y);
  }
  u.ctx.restore();
}
