// The page of the lab: places calls, and draws each one as its steps arrive. No library, nothing from elsewhere.
const $ = (id) => document.getElementById(id);
const calls = new Map();
let lanes = [];

const element = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

const shownId = () => new URLSearchParams(location.hash.slice(1)).get('call');
const show = (id) => {
  location.hash = `call=${id}`;
};

const states = {
  running: 'in progress',
  reached: 'reached the agent',
  'not reached': 'did not reach the agent',
  broken: 'the lab failed',
};
const stateClass = (state) => (state === 'reached' ? 'good' : state === 'running' ? '' : 'bad');

const notRunning = 'The lab is not running: start it with npm run lab, on the same --port.';

async function placeCall(request) {
  $('problem').textContent = '';
  const response = await fetch('/api/calls', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  }).catch(() => undefined);
  if (response === undefined || !response.ok) {
    $('problem').textContent = response === undefined ? notRunning : await response.text();
    return;
  }
  const call = await response.json();
  if (!calls.has(call.id)) calls.set(call.id, call);
  show(call.id);
}

function stepRow(step) {
  const [from, to] = [lanes.indexOf(step.from), lanes.indexOf(step.to)];
  const center = (lane) => ((lane + 0.5) / lanes.length) * 100;
  const details = element('pre', { hidden: true, textContent: step.content });
  const row = element(
    'button',
    { type: 'button', className: `step ${from < to ? 'right' : 'left'}`, disabled: step.content === '' },
    element('span', { className: 'at', textContent: `${step.at} ms` }),
    element('span', { className: 'parties', textContent: `${step.from} → ${step.to}` }),
    element('span', { className: 'title' }, element('span', { textContent: step.title })),
    element('span', { className: 'arrow' }),
  );
  row.style.setProperty('--left', Math.min(center(from), center(to)));
  row.style.setProperty('--width', Math.abs(center(to) - center(from)));
  row.setAttribute('aria-label', `${step.at} ms, ${step.from} to ${step.to}: ${step.title}`);
  if (step.content !== '') row.setAttribute('aria-expanded', 'false');
  row.addEventListener('click', () => {
    details.hidden = !details.hidden;
    row.setAttribute('aria-expanded', String(!details.hidden));
  });
  return element('li', {}, row, details);
}

function logRow(text) {
  const { event, outcome, reason } = JSON.parse(text);
  const summary = `/${event}: ${outcome}${reason ? ` (${reason})` : ''}`;
  return element('li', {}, element('b', { textContent: summary }), ` ${text}`);
}

/** Adds what is new; what is on the page stays, so that an opened message stays open. */
function grow(list, items, toRow) {
  for (const item of items.slice(list.children.length)) list.append(toRow(item));
}

let drawn;
function draw() {
  const call = calls.get(shownId());
  $('call').hidden = call === undefined;
  $('empty').hidden = call !== undefined;
  drawList();
  if (call === undefined) return;
  if (drawn !== call.id) for (const id of ['steps', 'heard', 'log', 'warnings']) $(id).replaceChildren();
  drawn = call.id;
  $('title').textContent = `${call.caller} calls ${call.called}: ${call.scenario}`;
  $('state').textContent = states[call.state];
  $('state').className = stateClass(call.state);
  $('link').href = `#call=${call.id}`;
  const { steps, heard, log, warnings } = call.story;
  grow($('steps'), steps, stepRow);
  grow($('heard'), heard, ({ at, what }) =>
    element('li', {}, `${what} `, element('time', { textContent: `at ${at} ms` })),
  );
  grow($('log'), log, logRow);
  grow($('warnings'), warnings, ({ code, text }) => element('li', { textContent: `${code} ${text}` }));
  $('warned').hidden = warnings.length === 0;
}

function drawList() {
  const items = [...calls.values()].reverse().map((call) => {
    const time = new Date(call.placed).toLocaleTimeString();
    const button = element(
      'button',
      { type: 'button', onclick: () => show(call.id) },
      call.scenario,
      element(
        'small',
        {},
        `${time}, `,
        element('span', { className: stateClass(call.state), textContent: states[call.state] }),
      ),
    );
    button.setAttribute('aria-current', String(call.id === shownId()));
    return element('li', {}, button);
  });
  const focused = [...$('calls').children].findIndex((item) => item.contains(document.activeElement));
  $('calls').replaceChildren(...items);
  if (focused >= 0) items[focused]?.firstChild?.focus();
}

async function start() {
  const lab = await (await fetch('/api/lab')).json();
  lanes = lab.lanes;
  $('api').textContent = `Synthflow API: ${lab.api}. SIP: stand-in.`;
  $('lanes').append(...lanes.map((lane) => element('div', { textContent: lane })));
  $('scenario').append(
    ...lab.scenarios.map(({ name, title }) => element('option', { value: name, textContent: `${name}: ${title}` })),
  );
  const showParties = () => {
    const { caller, called } = lab.scenarios.find(({ name }) => name === $('scenario').value);
    $('caller').value = caller;
    $('called').value = called;
  };
  $('scenario').addEventListener('change', showParties);
  showParties();
  for (const call of lab.calls) calls.set(call.id, call);

  $('place').addEventListener('submit', (event) => {
    event.preventDefault();
    placeCall({
      caller: $('caller').value,
      called: $('called').value,
      scenario: $('scenario').value,
      cold: $('cold').checked,
    });
  });
  $('again').addEventListener('click', () => {
    const { caller, called, scenario, cold } = calls.get(shownId());
    placeCall({ caller, called, scenario, cold });
  });
  addEventListener('hashchange', draw);
  const events = new EventSource('/api/events');
  // Each connection begins with every call that the lab has; a lab that was restarted has none.
  events.addEventListener('open', () => {
    calls.clear();
    $('problem').textContent = '';
    draw();
  });
  events.addEventListener('message', ({ data }) => {
    const call = JSON.parse(data);
    calls.set(call.id, call);
    draw();
  });
  events.addEventListener('error', () => {
    $('problem').textContent = notRunning;
  });
  draw();
}

start();
