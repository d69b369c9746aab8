// Numbers for people, as the command line writes them: three significant digits, SI prefixes, and a unit that fits.

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

function digits(number) {
  return number >= 99.95 ? number.toFixed(0) : number >= 9.995 ? number.toFixed(1) : number.toFixed(2);
}

function scaled(number, unit) {
  let rest = Math.abs(number);
  let prefix = 0;
  while (rest >= 999.5 && prefix < PREFIXES.length - 1) {
    rest /= 1000;
    prefix++;
  }
  const text = prefix === 0 && Number.isInteger(rest) ? String(rest) : digits(rest);
  const sign = number < 0 ? '-' : '';
  return unit === '/s' && prefix === 0 ? `${sign}${text}/s` : `${sign}${text} ${PREFIXES[prefix]}${unit}`;
}

export const bits = (rate) => (rate === null || rate === undefined ? '–' : scaled(rate, 'bit/s'));
export const perSecond = (rate) => (rate === null || rate === undefined ? '–' : scaled(rate, '/s'));
export const bytes = (count) => (count === null || count === undefined ? '–' : scaled(count, 'B'));
export const count = (number) => (number === null || number === undefined ? '–' : String(number));

export function nanos(ns) {
  if (ns === null || ns === undefined) return '–';
  if (ns < 1e3) return `${digits(ns)} ns`;
  if (ns < 999500) return `${digits(ns / 1e3)} µs`;
  if (ns < 999500000) return `${digits(ns / 1e6)} ms`;
  if (ns < 999.5e9) return `${digits(ns / 1e9)} s`;
  return `${(ns / 1e9).toFixed(0)} s`;
}

export const percent = (ratio) => (ratio === null || ratio === undefined ? '–' : `${Math.round(ratio * 100)} %`);

/** A loss that matters has decimals. */
export const share = (ratio) => (ratio === null || ratio === undefined ? '–' : `${(100 * ratio).toFixed(ratio >= 0.01 ? 2 : 4)} %`);

/** A count with its noun: 1 flow, 3 flows. A plural that is more than an s is given. */
export const counted = (number, noun, several = `${noun}s`) => `${number} ${number === 1 ? noun : several}`;

/** A span of time in whole units, as in 10s, 1m 30s, 2h. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return seconds > 0 && seconds < 10 && seconds % 1 ? `${seconds.toFixed(1)} s` : `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`;
  return `${Math.floor(whole / 3600)} h${Math.floor((whole % 3600) / 60) ? ` ${Math.floor((whole % 3600) / 60)} min` : ''}`;
}

/** A time of the broker's clock, in UTC to the second, as everywhere in Flowlane. */
export function time(text) {
  return text ? text.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC') : '–';
}

/** CPUs of the kernel's list form: 0-3,8. */
export function cpuList(text) {
  const cpus = [];
  for (const part of text ? text.split(',') : []) {
    const [from, to] = part.split('-').map(Number);
    for (let cpu = from; cpu <= (to ?? from); cpu++) cpus.push(cpu);
  }
  return cpus;
}

/** Words for an enum's constant: PER_SIDE is per side. */
export const words = (constant) => constant.toLowerCase().replaceAll('_', ' ');

/** The number of a flow in its run, and which measurement it is of: RUN.3~2 is 3~2. */
export const flowNumber = (flowId, runId) => (flowId.startsWith(`${runId}.`) ? flowId.slice(runId.length + 1) : flowId);
