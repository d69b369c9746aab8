import { h, keyed, pager, setText } from './dom.js';
import { counted, cpuList, flowNumber, percent, time, words } from './format.js';

/** Colours of runs, and patterns beside them: two runs side by side can be told apart without seeing colours. */
const HUES = 8;

function hue(runId) {
  let sum = 0;
  for (const c of runId) sum = (sum * 31 + c.codePointAt(0)) >>> 0;
  return sum % HUES;
}

const PARTS = {
  application: ['A', 'application CPU'],
  receive: ['R', 'receive CPU'],
  both: ['B', 'application and receive CPU'],
  kept: ['–', 'kept free for a lane'],
};

function describe(cpu, uses) {
  if (!uses.length) return `CPU ${cpu}: free`;
  return `CPU ${cpu}: ${uses.map((use) => `${PARTS[use.part][1]} of flow ${use.flow_id}${use.busy_ratio === null ? '' : `, ${percent(use.busy_ratio)} busy`}${use.drifted ? ', DRIFTED' : ''}`).join('; ')}`;
}

function cellsOf(machine) {
  const used = new Map();
  for (const use of machine.used) used.set(use.cpu, [...(used.get(use.cpu) ?? []), use]);
  const isolated = new Set(cpuList(machine.isolated_cpus));
  // What a flow uses although no host of the machine allows it any more is shown as well.
  const cpus = [...new Set([...cpuList(machine.cpus), ...used.keys()])].sort((a, b) => a - b);
  return cpus.map((cpu) => ({ cpu, uses: used.get(cpu) ?? [], isolated: isolated.has(cpu) }));
}

function updateCell(cell, { cpu, uses, isolated }) {
  const first = uses[0];
  const busy = uses.reduce((most, use) => Math.max(most, use.busy_ratio ?? 0), 0);
  const name = `cell${first ? ` used hue${hue(first.run_id)}` : ''}${isolated ? ' isolated' : ''}${uses.some((use) => use.drifted) ? ' drifted' : ''}${first?.part === 'kept' ? ' kept' : ''}`;
  if (cell.className !== name) cell.className = name;
  cell.style.setProperty('--busy', `${Math.round(busy * 100)}%`);
  const text = describe(cpu, uses) + (isolated ? ', isolated' : '');
  if (cell.title !== text) cell.title = text;
  setText(cell.firstElementChild, first ? PARTS[first.part][0] : '');
  setText(cell.lastElementChild, String(cpu));
}

function makeMachine() {
  return h('article', { class: 'machine' },
    h('h2', {}, h('span', { class: 'machine-name' })),
    h('p', { class: 'quiet summary' }),
    h('ul', { class: 'hosts' }),
    h('ul', { class: 'cells', 'aria-hidden': 'true' }),
    h('ul', { class: 'lanes' }));
}

function updateMachine(article, machine) {
  const [heading, summary, hosts, cells, lanes] = article.children;
  setText(heading.firstElementChild, machine.hosts.map((host) => host.host_id).join(', '));
  article.setAttribute('aria-label', `Machine of ${machine.hosts.map((host) => host.host_id).join(' and ')}`);
  const all = cellsOf(machine);
  const used = all.filter((cell) => cell.uses.length).length;
  const nodes = Object.keys(machine.numa_nodes).length;
  setText(summary, `machine ${machine.machine_id} · ${counted(all.length, 'CPU')} (${machine.cpus}), ${used} in lanes${nodes > 1 ? ` · ${nodes} NUMA nodes: ${Object.entries(machine.numa_nodes).map(([node, cpus]) => `${node} has ${cpus}`).join(', ')}` : ''}${machine.isolated_cpus ? ` · isolated ${machine.isolated_cpus}` : ''}`);
  keyed(hosts, machine.hosts, (host) => host.host_id,
    () => h('li', {}, h('strong', {}), h('span', { class: 'pill' }), h('span', { class: 'quiet' })),
    (item, host) => {
      setText(item.children[0], host.host_id);
      item.children[1].className = `pill ${host.state}`;
      setText(item.children[1], words(host.state));
      setText(item.children[2], `${host.addresses.join(', ')}${host.state === 'ONLINE' ? '' : ` · last heard of ${time(host.last_heartbeat_time)}`}`);
    });
  cells.classList.toggle('many', all.length > 32);
  keyed(cells, all, (cell) => cell.cpu, () => h('li', {}, h('b', {}), h('span', {})), updateCell);
  keyed(lanes, machine.used, (use) => `${use.flow_id} ${use.cpu}`,
    () => h('li', {}, h('a', {}), h('span', {})),
    (item, use) => {
      item.className = `hue${hue(use.run_id)}`;
      item.firstElementChild.href = `#/runs/${encodeURIComponent(use.run_id)}`;
      setText(item.firstElementChild, `${use.run_id} flow ${flowNumber(use.flow_id, use.run_id)}`);
      setText(item.lastElementChild, `CPU ${use.cpu}, ${PARTS[use.part][1]}${use.busy_ratio === null ? '' : `, ${percent(use.busy_ratio)} busy`}${use.drifted ? ', drifted' : ''}`);
    });
}

export function fleet(main, page) {
  const filter = h('input', { type: 'search', id: 'filter', maxlength: 100, autocomplete: 'off', spellcheck: 'false' });
  const show = h('select', { id: 'show' },
    h('option', { value: 'all' }, 'all machines'),
    h('option', { value: 'busy' }, 'with lanes'),
    h('option', { value: 'trouble' }, 'with hosts away, or drift'));
  const totals = h('p', { class: 'totals' });
  // Above and below: two dozen machines are many screens.
  const pages = [h('p', { class: 'pager' }), h('p', { class: 'pager' })];
  const machines = h('div', { class: 'machines' });
  const none = h('p', { class: 'empty', hidden: true });
  let at = 0;
  let shownPages = '';
  const follow = () => page.follow({ view: 'fleet', filter: filter.value.trim(), show: show.value, page: at }, (view) => {
    setText(totals, `${counted(view.hosts, 'host')} on ${counted(view.machines, 'machine')}: ${Object.entries(view.hosts_by_state).filter(([, n]) => n > 0).map(([state, n]) => `${n} ${words(state)}`).join(', ') || 'none yet'}${view.matching === view.machines ? '' : ` · ${view.matching} shown by the filter`}`);
    keyed(machines, view.items, (machine) => machine.machine_id, makeMachine, updateMachine);
    none.hidden = view.items.length > 0;
    setText(none, view.machines ? 'No machine matches the filter.' : 'No host is known yet. Start a daemon: flowlane host-daemon --bootstrap HOST:PORT --host-id NAME');
    at = view.page;
    const newPages = `${view.page}/${view.pages}`;
    if (newPages !== shownPages) {
      shownPages = newPages;
      for (const place of pages) {
        place.replaceChildren(...pager(view, (to) => {
          at = to;
          follow();
          window.scrollTo(0, 0);
        }));
      }
    }
  });
  let waiting = 0;
  filter.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      at = 0;
      follow();
    }, 250);
  });
  show.addEventListener('change', () => {
    at = 0;
    follow();
  });
  main.append(
    h('h1', {}, 'Fleet'),
    totals,
    h('form', { class: 'tools', role: 'search', onsubmit: (event) => event.preventDefault() },
      h('label', { for: 'filter' }, 'Machine, host, run or flow'), filter,
      h('label', { for: 'show' }, 'Show'), show),
    h('details', { class: 'legend' }, h('summary', {}, 'What the cells mean'),
      h('p', {}, 'Each cell is a CPU. The colour tells runs apart, the height of the filling is how busy the CPU was in the newest interval, and the letter is its part in the lane: A application, R receive, B both, – kept free. A dashed frame is an isolated CPU, a thick red one with an exclamation mark a flow that left its lane. Below the cells the same is a list.')),
    pages[0], machines, none, pages[1]);
  follow();
  return 'Fleet';
}
