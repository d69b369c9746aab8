import { get, post } from './api.js';
import { h } from './dom.js';
import { counted } from './format.js';

/** Keys that most runs differ by; the text below takes all of them. */
const FIELDS = ['sources', 'destinations', 'topology', 'flows', 'traffic.kind', 'duration', 'warmup', 'interval', 'placement.application-cpu', 'placement.exclusive'];

const LABELS = {
  sources: 'Sources',
  destinations: 'Destinations',
  topology: 'Topology',
  flows: 'Flows per pair of hosts',
  'traffic.kind': 'Traffic',
  duration: 'Duration',
  warmup: 'Warm-up',
  interval: 'Interval',
  'placement.application-cpu': 'Application CPU',
  'placement.exclusive': 'Exclusive CPUs',
};

/** A form for a spec: fields on top of a text, as the command line has options on top of a file. */
export function submit(main, page) {
  const fields = h('div', { class: 'fields' });
  const text = h('textarea', { id: 'yaml', rows: 10, spellcheck: 'false', autocomplete: 'off', 'aria-describedby': 'yaml-help problem' });
  const problem = h('div', { id: 'problem', class: 'notice bad', role: 'alert', tabindex: -1, hidden: true });
  const good = h('div', { class: 'notice good', role: 'status', hidden: true });
  const inputs = new Map();
  const buttons = [
    h('button', { class: 'main', type: 'submit' }, 'Submit'),
    h('button', { type: 'button', onclick: () => send('/api/spec/check') }, 'Check only'),
  ];

  function body() {
    const set = {};
    for (const [key, input] of inputs) if (input.value.trim()) set[key] = input.value.trim();
    return { spec: text.value, set };
  }

  function show(failure) {
    good.hidden = true;
    for (const input of inputs.values()) {
      input.removeAttribute('aria-invalid');
      input.parentElement.querySelector('.fault')?.remove();
      input.setAttribute('aria-describedby', `${input.id}-help`);
    }
    const all = failure.problem?.problems ?? [];
    problem.hidden = false;
    problem.replaceChildren(h('h2', {}, all.length > 1 ? `${all.length} things are wrong` : 'Not submitted'),
      all.length
        ? h('ul', {}, ...all.map((one) => h('li', {}, h('strong', {}, one.key ? `${one.key}: ` : ''), one.message)))
        : h('p', {}, failure.message));
    for (const one of all) {
      const input = inputs.get(one.key);
      if (input && input.getAttribute('aria-invalid') !== 'true') {
        input.setAttribute('aria-invalid', 'true');
        input.setAttribute('aria-describedby', `${input.id}-fault`);
        input.parentElement.append(h('p', { class: 'fault', id: `${input.id}-fault` }, one.message));
      }
    }
    problem.focus();
  }

  async function send(path) {
    for (const button of buttons) button.disabled = true;
    try {
      const answer = await post(path, body());
      problem.hidden = true;
      if (path === '/api/runs') {
        page.say(`Run ${answer.run_id} was submitted`);
        page.go(`#/runs/${encodeURIComponent(answer.run_id)}`);
      } else {
        good.hidden = false;
        good.replaceChildren(h('h2', {}, `The spec is good: ${counted(answer.flows, 'flow')}`),
          h('details', {}, h('summary', {}, 'With every default'), h('pre', { tabindex: 0 }, answer.spec)));
      }
    } catch (e) {
      show(e);
    }
    for (const button of buttons) button.disabled = false;
  }

  function field(key) {
    const id = `key-${key.key.replaceAll('.', '-')}`;
    const about = { id, 'aria-describedby': `${id}-help`, autocomplete: 'off' };
    let input;
    if (key.choices.length) {
      input = h('select', about, h('option', { value: '' }, `default (${key.default})`), ...key.choices.map((choice) => h('option', { value: choice }, choice)));
    } else {
      input = h('input', { ...about, type: 'text', spellcheck: 'false', placeholder: key.default || key.placeholder, list: key.type === 'NAME_LIST' ? 'known-hosts' : null });
    }
    inputs.set(key.key, input);
    return h('div', { class: 'field' }, h('label', { for: id }, LABELS[key.key]), input, h('p', { class: 'quiet', id: `${id}-help` }, key.doc));
  }

  async function load() {
    try {
      const [{ keys }, fleet] = await Promise.all([get('/api/spec'), get('/api/fleet')]);
      const by = new Map(keys.map((key) => [key.key, key]));
      fields.replaceChildren(...FIELDS.filter((name) => by.has(name)).map((name) => field(by.get(name))));
      const hosts = fleet.items.flatMap((machine) => machine.hosts).filter((host) => host.state === 'ONLINE').map((host) => host.host_id);
      fields.append(h('datalist', { id: 'known-hosts' }, ...hosts.map((host) => h('option', { value: host }))));
      if (hosts.length > 1 && hosts.length <= 3) {
        inputs.get('sources').value = hosts[0];
        inputs.get('destinations').value = hosts[1];
      }
    } catch (e) {
      page.alert(e.message);
    }
  }

  main.append(
    h('h1', {}, 'Submit a run'),
    ...(page.operator() ? [] : [h('p', { class: 'notice warn' }, 'You are a viewer here: submitting needs the role operator.')]),
    problem, good,
    h('form', {
      class: 'stack',
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        send('/api/runs');
      },
    },
    fields,
    h('div', { class: 'field wide' },
      h('label', { for: 'yaml' }, 'More, as the text of a spec (YAML or JSON)'),
      text,
      h('p', { class: 'quiet', id: 'yaml-help' }, 'Takes every key, such as run: nightly-1 for an id of your own, or thresholds: ["p99 < 200us"]. The fields above win over the text; empty ones say nothing.')),
    h('p', { class: 'actions' }, ...buttons)),
  );
  load();
  return 'Submit';
}
