import { h, s, keyed, setText } from './dom.js';
import { counted, flowNumber, percent, words } from './format.js';

/** Of more CPUs than this the table has the newest figures. */
const DRAWN_MAX = 24;
const HEIGHT = 96;
const LEFT = 42;
const RIGHT = 8;
const TOP = 7;
const BOTTOM = 18;

/** Kinds of a CPU's time from the bottom upwards, each with the place of its share in a row. */
const KINDS = [['user', 2], ['system', 3], ['irq', 4], ['softirq', 5], ['steal', 6]];

/** The flows that use a CPU: their numbers, or of many how many they are. */
export function flowsOf(cpu, runId) {
  const numbers = cpu.flow_ids.map((id) => flowNumber(id, runId));
  return cpu.flows > numbers.length ? counted(cpu.flows, 'flow') : `${numbers.length === 1 ? 'flow' : 'flows'} ${numbers.join(', ')}`;
}

/** Steps of 1, 2 or 5 times a power of ten, about three of them. */
function seconds(from, to) {
  const raw = (to - from) / 3;
  if (!(raw > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw);
  const all = [];
  for (let i = Math.ceil(from / step); i * step <= to * 1.0001; i++) all.push(Number((i * step).toFixed(3)));
  return all;
}

/**
 * What each CPU of the lanes did with its time: a small drawing for each, since CPUs that are all at 100 % would lie on
 * one line of a common one. An interval is as wide as it is long.
 */
export function cpuLanes() {
  const list = h('ul', { class: 'cpu-lanes' });
  const note = h('p', { class: 'quiet' }, 'No interval yet.');
  const legend = h('ul', { class: 'legend-list' }, ...KINDS.map(([kind]) => h('li', {},
    s('svg', { class: 'swatch', viewBox: '0 0 28 10', 'aria-hidden': 'true' }, s('rect', { class: `part ${kind}`, width: 28, height: 10 })), kind)),
  h('li', { class: 'quiet' }, 'dashed: the end of the warm-up'));
  const element = h('section', { class: 'cpu-box', 'aria-label': 'Time of the lane CPUs' },
    h('h3', {}, 'Time of the lane CPUs'), h('div', { class: 'legend-line' }, h('span', { class: 'quiet' }, 'from the bottom:'), legend), note, list);

  let last = null;
  let drawnWidth = 0;
  new ResizeObserver(() => last && list.clientWidth !== drawnWidth && draw(...last)).observe(list);

  function make() {
    return h('li', {}, h('p', { class: 'cpu-name' }, h('strong', {}), h('span', { class: 'quiet' })),
      s('svg', { class: 'chart', role: 'img', 'aria-label': '' }), h('p', { class: 'quiet cpu-now' }));
  }

  /** `spans` has begin and end in seconds by the interval's number. */
  function draw(cpus, spans, runId, { warmupS, endS }) {
    last = [cpus, spans, runId, { warmupS, endS }];
    drawnWidth = list.clientWidth;
    const drawn = cpus.filter((cpu) => [...cpu.rows.keys()].some((seq) => spans.has(seq))).slice(0, DRAWN_MAX);
    note.hidden = drawn.length > 0 && drawn.length === cpus.length;
    setText(note, drawn.length ? `${drawn.length} of ${cpus.length} lane CPUs are drawn; the table below has all.` : 'No interval yet.');
    legend.parentElement.hidden = drawn.length === 0;
    keyed(list, drawn, (cpu) => `${cpu.host_id} ${cpu.cpu}`, make, (item, cpu) => drawOne(item, cpu, spans, runId, warmupS, endS));
  }

  function drawOne(item, cpu, spans, runId, warmupS, endS) {
    const [name, svg, now] = item.children;
    setText(name.firstElementChild, `${cpu.host_id} CPU ${cpu.cpu}`);
    setText(name.lastElementChild, ` ${words(cpu.use)}, ${flowsOf(cpu, runId)}`);
    const rows = [...cpu.rows.values()].filter((row) => spans.has(row[0])).sort((a, b) => a[0] - b[0]);
    const first = spans.get(rows[0][0])[0];
    const from = first < 5 || first < 0.03 * endS ? 0 : first;
    const to = Math.max(endS, spans.get(rows.at(-1)[0])[1]);
    const width = Math.max(220, item.clientWidth || 300);
    svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    const base = HEIGHT - BOTTOM;
    const x = (value) => LEFT + ((value - from) / (to - from || 1)) * (width - LEFT - RIGHT);
    const y = (share) => base - Math.min(1, share) * (base - TOP);
    const parts = [];
    if (warmupS > from) parts.push(s('rect', { class: 'shade', x: x(from), y: TOP, width: x(Math.min(warmupS, to)) - x(from), height: base - TOP }));
    const below = rows.map(() => 0);
    for (const [kind, place] of KINDS) {
      let path = '';
      rows.forEach((row, i) => {
        if (!row[place]) return;
        const [begin, end] = spans.get(row[0]);
        path += `M${x(begin).toFixed(1)} ${y(below[i]).toFixed(1)}V${y(below[i] + row[place]).toFixed(1)}H${x(end).toFixed(1)}V${y(below[i]).toFixed(1)}Z`;
        below[i] += row[place];
      });
      if (path) parts.push(s('path', { class: `part ${kind}`, d: path }));
    }
    // What lies below the filling would not be seen.
    if (warmupS > from && warmupS < to) parts.push(s('line', { class: 'warm', x1: x(warmupS), x2: x(warmupS), y1: TOP - 4, y2: base }));
    for (const share of [0, 0.5, 1]) {
      parts.push(s('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(share), y2: y(share) }));
      parts.push(s('text', { class: 'tick', x: LEFT - 5, y: y(share) + 4, 'text-anchor': 'end' }, percent(share)));
    }
    for (const second of seconds(from, to)) {
      const end = x(second) > width - RIGHT - 12;
      parts.push(s('text', { class: 'tick', x: end ? width - 1 : x(second), y: HEIGHT - 4, 'text-anchor': end ? 'end' : x(second) < LEFT + 8 ? 'start' : 'middle' }, `${second} s`));
    }
    svg.replaceChildren(...parts);
    const newest = rows.at(-1);
    setText(now, `newest: ${percent(newest[1])} busy: ${KINDS.filter(([, place]) => newest[place] > 0).map(([kind, place]) => `${kind} ${percent(newest[place])}`).join(', ') || 'idle'}`.replaceAll(' %', '\u00a0%'));
    const busy = rows.map((row) => row[1]);
    svg.setAttribute('aria-label', `Time of ${cpu.host_id} CPU ${cpu.cpu}, seconds ${from.toFixed(0)} to ${to.toFixed(0)}. Busy from ${percent(Math.min(...busy))} to ${percent(Math.max(...busy))}. ${now.textContent}`);
  }

  return { element, draw };
}
