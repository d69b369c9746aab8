import { post } from './api.js';
import { lineChart, spark } from './charts.js';
import { cpuLanes, flowsOf } from './lanes.js';
import { h, s, keyed, pager, setText } from './dom.js';
import { bits, bytes, count, counted, flowNumber, nanos, percent, perSecond, share, span, time, words } from './format.js';
import { stateMark } from './runs.js';

const POINTS_MAX = 600;

function figure(name) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, '–'));
}

function laneText(flow, end) {
  const receive = flow[`${end}_receive_cpu_now`] ?? flow[`${end}_receive_cpu`];
  const application = flow[`${end}_application_cpu_now`] ?? flow[`${end}_application_cpu`];
  const planned = flow[`${end}_observed`] ? '' : ' (planned)';
  return `receive ${receive < 0 ? '?' : receive}, application ${application < 0 ? '?' : application}${planned}`;
}

/** What became of a threshold: a class and the words of the command line. */
function fate(one) {
  if (one.measured === null || one.measured === undefined) return ['unmeasured', 'not measured'];
  return one.met ? ['kept', 'kept'] : ['missed', 'MISSED'];
}

function measured(one) {
  if (one.measured === null || one.measured === undefined) return '';
  const figures = { 'bit/s': bits, '/s': perSecond, ns: nanos };
  return `, measured ${(figures[one.unit] ?? count)(one.measured)}${one.trials ? ` (median of ${one.trials})` : ''}`;
}

const datagrams = (view) => view.traffic.startsWith('datagram');

/** One run: what it is, how it goes, and what may be done about it. */
export function run(main, page, id) {
  const series = new Map();
  const cpuSeries = new Map();
  let flowPage = 0;
  let shownPages = '';
  let newest = null;

  const state = stateMark('');
  const facts = h('p', { class: 'totals' });
  const left = h('p', { class: 'left' });
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Share of the time that has passed', hidden: true });
  const why = h('div', { class: 'notice warn', hidden: true, role: 'status' }, h('h2', {}, 'Why, and what to know'), h('ul', {}));
  const cancel = h('button', { type: 'button', class: 'danger', hidden: true }, 'Cancel this run');
  const asked = h('p', { class: 'quiet', role: 'status' });
  const tiles = {
    throughput: figure('throughput'),
    backward: figure('backward'),
    rate: figure('transactions'),
    p50: figure('round trip p50'),
    p99: figure('round trip p99'),
    max: figure('round trip max'),
    retransmits: figure('retransmitted'),
    lost: figure('datagrams lost'),
    loss: figure('loss'),
    failed: figure('failed connections'),
    received: figure('received'),
  };
  const chartThroughput = lineChart('Throughput of all flows', bits);
  const chartRate = lineChart('Transactions of all flows', perSecond);
  const chartTrips = lineChart('Round trip (logarithmic)', nanos);
  const chartLost = lineChart('Datagrams lost', perSecond);
  const lanes = cpuLanes();
  const gaps = h('ul', { class: 'quiet gaps' });
  const column = (name, number) => h('th', { scope: 'col', class: number ? 'number' : null }, name);
  const flowBody = h('tbody', {});
  const flowTable = h('table', { class: 'cards' }, h('caption', { class: 'hidden' }, 'Flows and their lanes'),
    h('thead', {}, h('tr', {}, column('Flow'), column('Source'), column('Destination'), column('Now', true), column('Recent'), column('p50 / p99', true), column('Retransmitted', true), column('Lane'))),
    flowBody);
  const flowPages = h('p', { class: 'pager' });
  const flowNote = h('p', { class: 'quiet' });
  const cpuBody = h('tbody', {});
  const spec = h('pre', { tabindex: 0, 'aria-label': 'The spec in YAML' });
  const thresholds = h('div', {});
  const missing = h('p', { class: 'notice bad', role: 'status', hidden: true });
  const figuresOf = h('p', { class: 'quiet' });

  cancel.addEventListener('click', async () => {
    if (cancel.dataset.sure !== 'yes') {
      cancel.dataset.sure = 'yes';
      setText(cancel, 'Really cancel? What was measured is kept');
      return;
    }
    cancel.disabled = true;
    setText(asked, 'asking the coordinator');
    try {
      const answer = await post(`/api/runs/${encodeURIComponent(id)}/cancel`, { reason: 'cancelled on the page' });
      setText(asked, `The coordinator answers: ${words(answer.code)}${answer.message ? `, ${answer.message}` : ''}`);
    } catch (e) {
      setText(asked, e.message);
    }
    cancel.disabled = false;
    delete cancel.dataset.sure;
    setText(cancel, 'Cancel this run');
  });
  cancel.addEventListener('blur', () => {
    delete cancel.dataset.sure;
    setText(cancel, 'Cancel this run');
  });

  function remember(view, first) {
    if (first) {
      series.clear();
      cpuSeries.clear();
    }
    // Another measurement of the same run begins again with interval 0.
    if (newest && newest.attempt !== view.attempt) {
      series.clear();
      cpuSeries.clear();
    }
    newest = view;
    for (const row of view.figures.series) series.set(row[0], row);
    const times = new Map([...series.values()].map((row) => [row[0], row[1]]));
    for (const cpu of view.figures.cpus) {
      const key = `${cpu.host_id} CPU ${cpu.cpu}`;
      if (!cpuSeries.has(key)) cpuSeries.set(key, new Map());
      const line = cpuSeries.get(key);
      for (const row of cpu.busy) line.set(row[0], row);
      for (const seq of line.keys()) if (!times.has(seq) && series.size) line.delete(seq);
    }
    const keys = [...series.keys()].sort((a, b) => a - b);
    for (const key of keys.slice(0, Math.max(0, keys.length - POINTS_MAX))) series.delete(key);
  }

  function draw(view) {
    state.className = `pill state ${view.state}`;
    setText(state, view.cancelling ? 'CANCELLING' : view.state);
    const hosts = `${view.sources.join(', ')} ${view.reverse ? '←' : '→'} ${view.destinations.length ? view.destinations.join(', ') : words(view.topology)}`;
    const trials = view.trials_wanted > 1 ? ` · measurement ${Math.min(view.trials + 1, view.trials_wanted)} of ${view.trials_wanted}` : '';
    setText(facts, `${view.traffic}${view.reverse ? `, reverse: the destination ${view.timed ? 'asks' : 'sends'}` : ''} · ${hosts} · ${counted(view.flows, 'flow')} · ${nanos(view.duration_ns)} after ${nanos(view.warmup_ns)} of warm-up${trials} · submitted ${time(view.submitted_time)} by ${view.requested_by}${view.ended_time ? ` · ended ${time(view.ended_time)}` : ''}`);
    drawWhy(view);
    cancel.hidden = !(page.operator() && view.live && !view.cancelling);
    drawTime();

    const rows = [...series.values()].sort((a, b) => a[0] - b[0]);
    // The newest intervals may lack flows whose records are still under way.
    const last = rows.at(-1)?.[0] ?? 0;
    const whole = rows.filter((row) => row[9] >= view.flows || row[0] <= last - 2 || !view.live);
    drawTiles(view, whole);
    // While it goes on the charts end a little after now, so that a long run is not a dot at their left edge.
    const totalS = (view.warmup_ns + view.duration_ns) / 1e9;
    const nowS = whole.at(-1)?.[1] ?? 0;
    const scale = { warmupS: view.warmup_ns / 1e9, endS: view.live ? Math.min(totalS, Math.max(5, nowS * 1.25)) : nowS };
    const bothWays = view.traffic === 'bidirectional';
    chartThroughput.draw([
      { name: bothWays ? 'forward' : 'throughput', points: whole.map((row) => [row[1], row[2]]) },
      ...(bothWays ? [{ name: 'backward', points: whole.map((row) => [row[1], row[10]]) }] : []),
    ], scale);
    chartRate.element.hidden = !view.timed;
    chartTrips.element.hidden = !view.timed;
    if (view.timed) {
      chartRate.draw([{ name: 'transactions', points: whole.map((row) => [row[1], row[3]]) }], scale);
      chartTrips.draw([
        { name: 'p50', points: whole.map((row) => [row[1], row[4]]) },
        { name: 'p99', points: whole.map((row) => [row[1], row[5]]) },
      ], { ...scale, logarithmic: true });
    }
    chartLost.element.hidden = !datagrams(view);
    if (datagrams(view)) chartLost.draw([{ name: 'known to be lost', points: whole.map((row) => [row[1], row[11]]) }], scale);
    const spans = new Map(rows.map((row, i) => [row[0], [i > 0 && rows[i - 1][0] === row[0] - 1 ? rows[i - 1][1] : Math.max(0, row[1] - view.interval_ns / 1e9), row[1]]]));
    lanes.draw(view.figures.cpus.map((cpu) => ({ ...cpu, rows: cpuSeries.get(`${cpu.host_id} CPU ${cpu.cpu}`) ?? new Map() })), spans, view.run_id, scale);
    keyed(gaps, view.figures.left_out, (text) => text, () => h('li', {}), setText);
    missing.hidden = !view.figures.problem;
    setText(missing, view.figures.problem);
    drawFlows(view);
    drawCpus(view);
    setText(spec, view.spec);
  }

  function drawWhy(view) {
    const all = [
      ...view.reasons,
      ...(view.waiting_for.length ? [`waits for ${view.waiting_for.join(', ')}`] : []),
      ...view.notes.map((note) => `note: ${note}`),
      ...(view.result?.notes ?? []).filter((note) => !view.notes.includes(note)).map((note) => `note: ${note}`),
      ...view.figures.notices.slice(0, 10).map((notice) => `${time(notice.time)} ${words(notice.type)}${notice.where ? ` (${notice.where})` : ''}: ${notice.message}`),
    ];
    why.hidden = all.length === 0;
    keyed(why.lastElementChild, [...new Set(all)], (text) => text, () => h('li', {}), setText);
  }

  function drawTime() {
    const view = newest;
    if (!view || !view.live || !view.started_time) {
      bar.hidden = true;
      setText(left, view?.live && view.deadline_time ? `ends by itself within ${span((Date.parse(view.deadline_time) - page.now()) / 1000)}` : '');
      return;
    }
    const total = (view.warmup_ns + view.duration_ns) / 1e9;
    const passed = (page.now() - Date.parse(view.started_time)) / 1000;
    bar.hidden = false;
    bar.value = Math.min(1, Math.max(0, passed / total));
    setText(left, passed < total ? `${span(total - passed)} left` : 'finishing');
  }

  function drawTiles(view, rows) {
    const set = (tile, text) => setText(tile.lastElementChild, text);
    const result = view.result;
    const row = rows.at(-1);
    setText(figuresOf, result ? 'The run’s result:' : row ? `Interval ${row[0]}${row[8] ? ', in the warm-up' : ''}:` : 'No interval yet.');
    set(tiles.throughput, bits(result ? result.throughput_bits_per_second : row?.[2]));
    setText(tiles.throughput.firstElementChild, view.traffic === 'bidirectional' ? 'forward' : 'throughput');
    set(tiles.backward, bits(result ? result.backward_throughput_bits_per_second : row?.[10]));
    set(tiles.lost, count(result ? result.datagrams?.lost_messages : view.figures.lost_datagrams));
    set(tiles.loss, share(result ? result.datagrams?.loss_ratio : view.figures.loss_ratio));
    setText(tiles.lost.firstElementChild, result ? 'datagrams lost' : 'datagrams lost so far');
    setText(tiles.loss.firstElementChild, result ? 'loss' : 'loss so far');
    set(tiles.failed, count(result?.failed_connections));
    set(tiles.rate, perSecond(result ? result.transactions_per_second : row?.[3]));
    set(tiles.p50, nanos(result ? result.round_trip_p50_ns : row?.[4]));
    set(tiles.p99, nanos(result ? result.round_trip_p99_ns : row?.[5]));
    set(tiles.max, nanos(result ? result.round_trip_max_ns : row?.[6]));
    set(tiles.retransmits, count(result ? result.retransmitted_segments : rows.some((one) => one[7] !== null) ? rows.reduce((sum, one) => sum + (one[7] ?? 0), 0) : null));
    set(tiles.received, bytes(result?.received_bytes));
    for (const name of ['rate', 'p50', 'p99', 'max']) tiles[name].hidden = !view.timed;
    tiles.received.hidden = !result;
    tiles.backward.hidden = view.traffic !== 'bidirectional';
    // Datagrams are not sent again. Of connections TCP tells nothing.
    const connections = view.traffic === 'connect-request-response';
    tiles.retransmits.hidden = datagrams(view) || connections;
    tiles.failed.hidden = !(connections && result);
    tiles.lost.hidden = !datagrams(view);
    tiles.loss.hidden = tiles.lost.hidden;
    thresholds.hidden = !(result?.thresholds?.length);
    if (result?.thresholds?.length && !thresholds.firstChild) {
      thresholds.append(h('h2', {}, 'Thresholds'), h('ul', { class: 'thresholds' }, ...result.thresholds.map((one) => h('li', { class: fate(one)[0] }, `${one.threshold}: `, h('strong', { class: 'fate' }, fate(one)[1]), measured(one)))));
    }
  }

  function drawFlows(view) {
    // A column of figures that this kind of traffic has not is left out.
    flowTable.classList.toggle('untimed', !view.timed);
    flowTable.classList.toggle('untold', tiles.retransmits.hidden);
    keyed(flowBody, view.flow_page.items, (flow) => flow.flow_id,
      () => h('tr', {}, h('th', { scope: 'row', 'data-label': 'Flow' }), h('td', { 'data-label': 'Source' }, h('b', {}), h('span', {})), h('td', { 'data-label': 'Destination' }, h('b', {}), h('span', {})),
        h('td', { class: 'number', 'data-label': 'Now' }), h('td', { 'data-label': 'Recent' }, s('svg', { class: 'spark', viewBox: '0 0 100 20', preserveAspectRatio: 'none', 'aria-hidden': 'true' })),
        h('td', { class: 'number', 'data-label': 'p50 / p99' }), h('td', { class: 'number', 'data-label': 'Retransmitted' }), h('td', { 'data-label': 'Lane' })),
      (row, flow) => {
        const [name, source, destination, now, recent, trips, retransmits, lane] = row.children;
        setText(name, flowNumber(flow.flow_id, view.run_id));
        for (const [cell, end] of [[source, 'source'], [destination, 'destination']]) {
          setText(cell.firstElementChild, flow[`${end}_host_id`]);
          setText(cell.lastElementChild, `${laneText(flow, end)} · ${flow[`${end}_address`]}`);
        }
        setText(now, flow.bits_per_second === undefined ? '–' : view.timed ? perSecond(flow.transactions_per_second) : bits(flow.bits_per_second) + (flow.backward_bits_per_second == null ? '' : `, back ${bits(flow.backward_bits_per_second)}`));
        spark(recent.firstElementChild, flow.recent ?? []);
        setText(trips, flow.round_trip_p50_ns == null ? '–' : `${nanos(flow.round_trip_p50_ns)} / ${nanos(flow.round_trip_p99_ns)}`);
        setText(retransmits, count(flow.retransmitted_segments));
        lane.className = flow.drifted_intervals || flow.payload_errors ? 'warned' : '';
        const words = flow.drifted_intervals === undefined ? '–' : flow.drifted_intervals ? `drifted in ${counted(flow.drifted_intervals, 'interval')}: ${flow.drift_reason ?? ''}` : 'held';
        setText(lane, words + (flow.payload_errors ? `; ${counted(flow.payload_errors, 'PAYLOAD ERROR', 'PAYLOAD ERRORS')}` : ''));
      });
    setText(flowNote, view.flow_page.matching ? '' : view.live ? 'No flow is placed yet.' : 'No flow was placed.');
    if (`${view.flow_page.page}/${view.flow_page.pages}` !== shownPages) {
      shownPages = `${view.flow_page.page}/${view.flow_page.pages}`;
      flowPages.replaceChildren(...pager(view.flow_page, (to) => {
        flowPage = to;
        follow();
      }));
    }
  }

  function drawCpus(view) {
    keyed(cpuBody, view.figures.cpus, (cpu) => `${cpu.host_id} ${cpu.cpu}`,
      () => h('tr', {}, h('th', { scope: 'row', class: 'name-of-cpu' }), h('td', {}), h('td', {}), h('td', { class: 'number' }), h('td', {}, h('progress', { max: 1, value: 0, 'aria-hidden': 'true' }))),
      (row, cpu) => {
        setText(row.children[0], `${cpu.host_id} CPU ${cpu.cpu}`);
        setText(row.children[1], words(cpu.use));
        setText(row.children[2], flowsOf(cpu, view.run_id).replace(/^flows? /, ''));
        setText(row.children[3], percent(cpu.busy_ratio));
        row.children[4].firstElementChild.value = cpu.busy_ratio;
      });
  }

  let told = '';
  function follow() {
    page.follow({ view: 'run', run: id, flows: flowPage }, (view, first) => {
      remember(view, first);
      draw(view);
      if (told && told !== view.state) page.say(`Run ${id} is ${view.state.toLowerCase()}${view.reasons.length ? `: ${view.reasons[0]}` : ''}`);
      told = view.state;
    });
  }

  const clock = setInterval(() => (bar.isConnected ? drawTime() : clearInterval(clock)), 500);
  main.append(
    h('p', {}, h('a', { href: '#/runs' }, '← all runs')),
    h('h1', {}, `Run ${id} `, state),
    facts, h('div', { class: 'timebar' }, bar, left), h('p', { class: 'actions' }, cancel), asked, why, missing,
    figuresOf, h('dl', { class: 'figures' }, ...Object.values(tiles)), thresholds,
    h('h2', {}, 'Charts'), gaps,
    h('div', { class: 'charts' }, chartThroughput.element, chartRate.element, chartTrips.element, chartLost.element),
    lanes.element,
    h('h2', {}, 'Flows and their lanes'), flowPages,
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Flows and their lanes' },
      flowTable), flowNote,
    h('h2', {}, 'Lane CPUs'),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Lane CPUs' },
      h('table', {}, h('caption', { class: 'hidden' }, 'Lane CPUs and their load in the newest interval'),
        h('thead', {}, h('tr', {}, column('CPU'), column('Part'), column('Flow'), column('Busy', true), h('td', {}))), cpuBody)),
    h('h2', {}, 'Spec'),
    h('details', {}, h('summary', {}, 'As it was submitted, with every default'), spec),
    h('p', { class: 'quiet' }, 'More of it: ', h('code', {}, `flowlane report ${id}`), ', ', h('code', {}, `flowlane get ${id}`)),
  );
  follow();
  return `Run ${id}`;
}
