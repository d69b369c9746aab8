import { h, keyed, pager, setText } from './dom.js';
import { counted, nanos, time, words } from './format.js';

export function stateMark(state) {
  return h('span', { class: `pill state ${state}` }, state);
}

function updateRow(row, run) {
  const [id, state, submitted, by, hosts, flows, traffic, reason] = row.children;
  id.firstElementChild.href = `#/runs/${encodeURIComponent(run.run_id)}`;
  setText(id.firstElementChild, run.run_id);
  state.firstElementChild.className = `pill state ${run.state}`;
  setText(state.firstElementChild, run.cancelling ? 'CANCELLING' : run.state);
  setText(submitted, time(run.submitted_time));
  setText(by, run.requested_by);
  setText(hosts, `${run.sources.join(', ')} ${run.reverse ? '←' : '→'} ${run.destinations.length ? run.destinations.join(', ') : words(run.topology)}`);
  setText(flows, String(run.flows));
  setText(traffic, `${run.traffic}${run.reverse ? ', reverse,' : ''} ${nanos(run.duration_ns).replace(' ', '\u00a0')}`);
  const why = [...run.reasons, ...(run.waiting_for.length ? [`waits for ${run.waiting_for.join(', ')}`] : [])];
  setText(reason, why.join(' · '));
}

export function runs(main, page) {
  const filter = h('input', { type: 'search', id: 'filter', maxlength: 100, autocomplete: 'off', spellcheck: 'false' });
  const show = h('select', { id: 'show' },
    h('option', { value: 'all' }, 'all runs'),
    h('option', { value: 'live' }, 'that go on'),
    h('option', { value: 'ended' }, 'that ended'));
  const totals = h('p', { class: 'totals' });
  const pages = h('p', { class: 'pager' });
  const body = h('tbody', {});
  const none = h('p', { class: 'empty', hidden: true });
  const columns = ['Run', 'State', 'Submitted', 'By', 'Hosts', 'Flows', 'Traffic', 'Reasons'];
  let at = 0;
  let shownPages = '';
  const follow = () => page.follow({ view: 'runs', filter: filter.value.trim(), show: show.value, page: at }, (view) => {
    setText(totals, `${counted(view.runs, 'run')}, ${counted(view.live, 'goes', 'go')} on${view.matching === view.runs ? '' : ` · ${view.matching} shown by the filter`}; the coordinator remembers the 200 that ended last`);
    keyed(body, view.items, (run) => run.run_id,
      () => h('tr', {},
        ...columns.map((name, i) => (i === 0
          ? h('th', { scope: 'row', 'data-label': name }, h('a', {}))
          : h('td', { 'data-label': name, class: i === 5 ? 'number' : i === 7 ? 'long' : null }, i === 1 ? h('span', {}) : '')))),
      updateRow);
    none.hidden = view.items.length > 0;
    setText(none, view.runs ? 'No run matches the filter.' : 'No run yet. Submit one above, or with: flowlane submit SPEC.yaml');
    at = view.page;
    if (`${view.page}/${view.pages}` !== shownPages) {
      shownPages = `${view.page}/${view.pages}`;
      pages.replaceChildren(...pager(view, (to) => {
        at = to;
        follow();
      }));
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
    h('h1', {}, 'Runs'),
    totals,
    h('form', { class: 'tools', role: 'search', onsubmit: (event) => event.preventDefault() },
      h('label', { for: 'filter' }, 'Run, state, requester, host or reason'), filter,
      h('label', { for: 'show' }, 'Show'), show),
    pages,
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Runs, newest first' },
      h('table', { class: 'runs' },
        h('caption', { class: 'hidden' }, 'Runs, newest first'),
        h('thead', {}, h('tr', {}, ...columns.map((name, i) => h('th', { scope: 'col', class: i === 5 ? 'number' : null }, name)))),
        body)),
    none);
  follow();
  return 'Runs';
}
