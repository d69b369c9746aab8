// What is asked of the coordinator. The token, where one is needed, stays in this tab.

const KEY = 'flowlane-token';

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: (value) => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
};

/** An answer that is no; message is for a person. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
  }
}

function headers(more = {}) {
  const bearer = token.get();
  return bearer ? { ...more, Authorization: `Bearer ${bearer}` } : more;
}

async function refused(response) {
  let problem;
  try {
    problem = await response.json();
  } catch {
    problem = { message: `the server answers ${response.status}` };
  }
  const where = problem.where && problem.where !== 'spec' ? `${problem.where}: ` : '';
  const allowed = problem.allowed ? `; allowed: ${problem.allowed}` : '';
  return new Refused(response.status, { ...problem, message: `${where}${problem.message}${allowed}` });
}

export async function get(path) {
  const response = await fetch(path, { headers: headers(), cache: 'no-store', redirect: 'error' });
  if (!response.ok) throw await refused(response);
  return response.json();
}

export async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: headers({ 'Content-Type': 'application/json' }),
    body: JSON.stringify(body),
    redirect: 'error',
  });
  if (!response.ok) throw await refused(response);
  return response.json();
}

export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== '' && value !== 0 && value !== null && value !== undefined);
  return new URLSearchParams(given).toString();
}

/**
 * Server-Sent Events over fetch, which unlike EventSource sends the token and tells why it was refused. Connects again
 * by itself, with growing pauses, until it is closed.
 */
export function events(values, onView, onState) {
  const abort = new AbortController();
  let pause = 500;
  (async () => {
    while (!abort.signal.aborted) {
      try {
        const response = await fetch(`/api/events?${query(values)}`, { headers: headers(), signal: abort.signal, cache: 'no-store', redirect: 'error' });
        if (!response.ok) {
          const problem = await refused(response);
          onState('refused', problem);
          if ([400, 401, 403, 404, 421].includes(response.status)) return;
        } else {
          let first = true;
          onState('live');
          pause = 500;
          for await (const view of parsed(response.body)) {
            onView(view, first);
            first = false;
          }
        }
      } catch (e) {
        if (abort.signal.aborted) return;
        if (!(e instanceof TypeError) && e.name !== 'AbortError') console.error(e);
      }
      if (abort.signal.aborted) return;
      onState('lost');
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, 8000);
    }
  })();
  return () => abort.abort();
}

async function* parsed(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const data = rest.slice(0, end).split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n');
      rest = rest.slice(end + 2);
      if (data) yield JSON.parse(data);
    }
  }
}
