import { get, events, token, Refused } from './api.js';
import { h, setText } from './dom.js';
import { fleet } from './fleet.js';
import { runs } from './runs.js';
import { run } from './run.js';
import { submit } from './submit.js';

const main = document.getElementById('main');
const live = document.getElementById('live');
const trouble = document.getElementById('trouble');
const theme = document.getElementById('theme');
const forget = document.getElementById('forget');

let session = null;
let closeEvents = () => {};
let shown = '';
let skewMs = 0;

/** Says something to a screen reader, without showing it. */
function say(text) {
  setText(document.getElementById('say'), text);
}

function alertOf(text) {
  trouble.hidden = !text;
  setText(trouble, text);
}

/** The broker's clock, as far as this page knows it. */
const now = () => Date.now() + skewMs;

/** What a view may do with the page around it. */
const page = {
  say,
  now,
  alert: alertOf,
  operator: () => session?.role === 'OPERATOR',
  go: (hash) => {
    location.hash = hash;
  },
  /** Follows a view of the coordinator; one at a time. */
  follow(values, onView) {
    closeEvents();
    closeEvents = events(values, (view, first) => {
      alertOf(view.coordinator.ready ? '' : `The coordinator does not decide now: ${view.coordinator.problem}`);
      onView(view, first);
    }, state);
  },
};

/** Nothing is followed by a view that is only a form. */
function quiet() {
  live.className = 'pill';
  setText(live, 'not followed');
}

function state(name, problem) {
  const texts = { live: 'live', lost: 'connection lost, trying again', refused: 'no live data' };
  live.className = `pill ${name}`;
  setText(live, texts[name]);
  if (name === 'refused') {
    if (problem.status === 401) signIn(problem.message);
    else alertOf(problem.message);
  }
}

function route() {
  const [, view = 'fleet', id] = location.hash.slice(1).split('/');
  const views = { fleet, runs: id ? run : runs, submit };
  const make = views[view] ?? fleet;
  const name = view in views ? view : 'fleet';
  closeEvents();
  closeEvents = () => {};
  alertOf('');
  quiet();
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#/${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  main.replaceChildren();
  let argument = id;
  try {
    argument = id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    argument = id;
  }
  const title = make(main, page, argument);
  document.title = `${title} – Flowlane`;
  // A person who cannot see that the view has changed hears where they are now; not at the very first view.
  if (shown) main.focus({ preventScroll: true });
  if (shown) window.scrollTo(0, 0);
  shown = location.hash || '#/fleet';
}

function signIn(message) {
  closeEvents();
  const field = h('input', { id: 'token', type: 'password', autocomplete: 'off', required: true, size: 40 });
  main.replaceChildren(
    h('h1', {}, 'Sign in'),
    h('p', {}, 'This coordinator asks for a token. It stays in this tab and is gone when you close it.'),
    h('p', { class: 'notice bad', role: 'alert', hidden: !token.get() }, message),
    h('form', {
      class: 'stack',
      onsubmit: (event) => {
        event.preventDefault();
        token.set(field.value.trim());
        start();
      },
    }, h('label', { for: 'token' }, 'Token of a viewer or an operator'), field, h('p', {}, h('button', { class: 'main' }, 'Sign in'))),
  );
  field.focus();
}

async function start() {
  try {
    session = await get('/api/session');
  } catch (e) {
    if (e instanceof Refused && e.status === 401) {
      signIn(e.message);
    } else {
      alertOf(e instanceof Refused ? e.message : 'The coordinator cannot be reached; trying again.');
      setTimeout(start, 2000);
    }
    return;
  }
  skewMs = Date.parse(session.now) - Date.now();
  setText(document.getElementById('role'), session.role.toLowerCase());
  document.getElementById('nav-submit').hidden = session.role !== 'OPERATOR';
  forget.hidden = !session.credentials_needed || !token.get();
  route();
}

forget.addEventListener('click', () => {
  token.forget();
  location.reload();
});

theme.value = localStorage.getItem('flowlane-theme') ?? '';
function paint() {
  if (theme.value) document.documentElement.dataset.theme = theme.value;
  else delete document.documentElement.dataset.theme;
}
theme.addEventListener('change', () => {
  localStorage.setItem('flowlane-theme', theme.value);
  paint();
});
paint();

document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener('hashchange', () => session && route());
start();
