import { h, s } from './dom.js';

const WIDTH_MAX = 1240;
const HEIGHT = 220;
const LEFT = 78;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 36;

/** Steps of 1, 2 or 5 times a power of ten, about so many of them up to the largest value. */
function ticks(largest, about) {
  if (!(largest > 0)) return [0];
  const raw = largest / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw);
  const all = [];
  for (let i = 0; i * step <= largest * 1.0001; i++) all.push(i * step);
  return all;
}

/** From the largest 1, 2 or 5 times a power of ten below the least value to the smallest above the largest. */
function logTicks(least, largest) {
  const all = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(largest)); power++) {
    for (const n of [1, 2, 5]) all.push(n * 10 ** power);
  }
  const from = all.findLastIndex((tick) => tick <= least * 1.0001);
  const to = all.findIndex((tick) => tick >= largest * 0.9999 && tick > all[from]);
  const kept = all.slice(from, to + 1);
  return kept.length <= 7 ? kept : kept.filter((tick, i) => i === 0 || i === kept.length - 1 || Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
}

/**
 * A chart of lines over the run's seconds. Lines differ by colour and by dashes; the same numbers are a table for
 * whoever cannot see it, and its summary is the picture's text.
 */
export function lineChart(title, format) {
  const svg = s('svg', { class: 'chart', viewBox: `0 0 ${WIDTH_MAX} ${HEIGHT}`, role: 'img', 'aria-label': title });
  const legend = h('ul', { class: 'legend-list' });
  const table = h('tbody', {});
  const head = h('tr', {});
  const details = h('details', {}, h('summary', {}, 'Newest values as a table'),
    h('div', { class: 'scroll' }, h('table', {}, h('caption', { class: 'hidden' }, title), h('thead', {}, head), table)));
  const empty = h('p', { class: 'quiet' }, 'No interval yet.');
  const figure = h('figure', { class: 'chart-box' }, h('figcaption', {}, h('h3', {}, title), legend), svg, empty, details);

  let redraw = () => {};
  let drawnWidth = 0;
  new ResizeObserver(() => figure.clientWidth !== drawnWidth && redraw()).observe(figure);

  function draw(lines, { warmupS = 0, endS = 0, logarithmic = false } = {}) {
    redraw = () => draw(lines, { warmupS, endS, logarithmic });
    drawnWidth = figure.clientWidth;
    const shown = lines.filter((line) => line.points.some(([, y]) => y !== null));
    const all = shown.flatMap((line) => line.points);
    empty.hidden = all.length > 0;
    svg.toggleAttribute('hidden', all.length === 0);
    details.hidden = all.length === 0;
    legend.hidden = all.length === 0;
    if (!all.length) return;
    const firstX = Math.min(...all.map(([x]) => x));
    const from = firstX <= 3 * (endS / 100) || firstX < 5 ? 0 : firstX;
    const to = Math.max(endS, ...all.map(([x]) => x));
    // As wide as it is shown, so that its words keep their size on a narrow screen.
    const width = Math.min(WIDTH_MAX, Math.max(300, figure.clientWidth || WIDTH_MAX));
    svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    const top = Math.max(0, ...all.map(([, y]) => y ?? 0)) || 1;
    const positive = all.map(([, y]) => y).filter((y) => y > 0);
    const log = logarithmic && positive.length > 0;
    const steps = log ? logTicks(Math.min(...positive), top) : ticks(top, 4);
    // The uppermost line of the grid is above every value.
    if (!log && steps.length > 1 && steps.at(-1) < top) steps.push(steps.at(-1) + steps[1]);
    const most = log ? steps.at(-1) : Math.max(top, steps.at(-1));
    const height = (value) => (log ? Math.log(Math.max(value, steps[0]) / steps[0]) / Math.log(most / steps[0]) : value / most);
    const x = (value) => LEFT + ((value - from) / (to - from || 1)) * (width - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - height(value) * (HEIGHT - TOP - BOTTOM);
    const parts = [];
    if (warmupS > from) {
      parts.push(s('rect', { class: 'shade', x: x(from), y: TOP, width: Math.max(0, x(Math.min(warmupS, to)) - x(from)), height: HEIGHT - TOP - BOTTOM }));
    }
    for (const step of steps) {
      parts.push(s('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(step), y2: y(step) }));
      parts.push(s('text', { class: 'tick', x: LEFT - 8, y: y(step) + 4, 'text-anchor': 'end' }, step === 0 ? '0' : format(step)));
    }
    for (const step of ticks(to - from, width / 100)) {
      parts.push(s('text', { class: 'tick', x: x(from + step), y: HEIGHT - BOTTOM + 15, 'text-anchor': 'middle' }, `${Number((from + step).toFixed(3))}`));
    }
    parts.push(s('text', { class: 'tick', x: width - RIGHT, y: HEIGHT - 4, 'text-anchor': 'end' }, 'seconds'));
    shown.forEach((line, i) => {
      let path = '';
      let pen = false;
      for (const [px, py] of line.points) {
        if (py === null) {
          pen = false;
        } else {
          path += `${pen ? 'L' : 'M'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
          pen = true;
        }
      }
      parts.push(s('path', { class: `line s${i % 8}`, d: path }));
      const known = line.points.filter(([, py]) => py !== null);
      if (known.length === 1) parts.push(s('circle', { class: `dot s${i % 8}`, cx: x(known[0][0]), cy: y(known[0][1]), r: 3 }));
    });
    if (warmupS > from && x(Math.min(warmupS, to)) - x(from) > 60) {
      // Where lines seldom are: rates begin at 0, loads are high, and round trips leave the middle free.
      const place = log ? TOP + 0.6 * (HEIGHT - TOP - BOTTOM) : HEIGHT - BOTTOM - 7;
      parts.push(s('text', { class: 'tick over', x: x(from) + 4, y: place }, 'warm-up'));
    }
    svg.replaceChildren(...parts);
    legend.replaceChildren(...shown.map((line, i) => h('li', {},
      s('svg', { class: 'swatch', viewBox: '0 0 28 8', 'aria-hidden': 'true' }, s('path', { class: `line s${i % 8}`, d: 'M0 4H28' })),
      line.name)));
    const words = shown.map((line) => {
      const values = line.points.map(([, py]) => py).filter((py) => py !== null);
      return `${line.name}: now ${format(values.at(-1))}, from ${format(Math.min(...values))} to ${format(Math.max(...values))}`;
    });
    svg.setAttribute('aria-label', `${title}, seconds ${from.toFixed(0)} to ${to.toFixed(0)}. ${words.join('. ')}`);
    if (details.open) drawTable(shown);
    else details.ontoggle = () => details.open && drawTable(shown);
  }

  function drawTable(lines) {
    head.replaceChildren(h('th', { scope: 'col' }, 'Second'), ...lines.map((line) => h('th', { scope: 'col' }, line.name)));
    const seconds = [...new Set(lines.flatMap((line) => line.points.map(([px]) => px)))].sort((a, b) => b - a).slice(0, 20);
    const by = lines.map((line) => new Map(line.points));
    table.replaceChildren(...seconds.map((second) => h('tr', {},
      h('th', { scope: 'row' }, String(Number(second.toFixed(3)))),
      ...by.map((values) => {
        const value = values.get(second);
        return h('td', { class: 'number' }, value === undefined || value === null ? '–' : format(value));
      }))));
  }

  return { element: figure, draw };
}

/** The recent rates of a flow, without axes; the number beside it says what it is. */
export function spark(svg, values) {
  const most = Math.max(...values, 0) || 1;
  const step = 100 / Math.max(values.length - 1, 1);
  const d = values.map((value, i) => `${i ? 'L' : 'M'}${(i * step).toFixed(1)} ${(19 - (value / most) * 18).toFixed(1)}`).join('');
  if (!svg.firstElementChild) svg.append(s('path', { class: 'line s0' }));
  svg.firstElementChild.setAttribute('d', d);
}

