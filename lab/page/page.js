// The page of the lab: places calls, and draws each one as its steps arrive. It loads nothing from elsewhere.
const { html, render, useState } = htmPreact;

const saved = document.getElementById('saved');
const emptyForm = { caller: '', called: '', scenario: '', forwardedFrom: '', at: '', parameters: '' };
const state = {
  lab: undefined,
  calls: new Map(),
  known: { instance: '', version: -1 },
  isOnline: true,
  form: { ...emptyForm, cold: false },
  /** The parties that the scenario gave: what somebody writes instead stays. */
  given: {},
  problem: undefined,
  /** What the called number gets; `undefined` while nobody looks. */
  settings: undefined,
  filter: '',
  /** What is said about all real calls. */
  overview: {},
};

const draw = () => render(html`<${Page} />`, document.body);
const change = (changes) => {
  Object.assign(state, changes);
  draw();
};
/** The value of a JSON text; `undefined` for any other. */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const shownId = () => (saved ? [...state.calls.keys()][0] : new URLSearchParams(location.hash.slice(1)).get('call'));
const show = (id) => {
  location.hash = `call=${id}`;
};
/** Asks for all that is known of the real call that is shown. */
const wantRecord = () => {
  if (state.lab?.live && shownId())
    fetch(`api/record?${new URLSearchParams({ call: shownId() })}`).catch(() => undefined);
};

const states = {
  waiting: 'waits for another call',
  running: 'in progress',
  broken: 'could not be placed',
  agent: 'reached the agent',
  'not the agent': 'did not reach the agent',
  elsewhere: 'went elsewhere, as its route says',
  'hung up': 'hung up while it rang',
  refused: 'refused',
  open: 'in progress',
};
const stateClass = (one) => ({ agent: 'good', 'not the agent': 'bad', broken: 'bad' })[one] ?? '';

async function placeCall(body) {
  change({ problem: undefined });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch('api/calls', { method: 'POST', headers, body }).catch(() => undefined);
  if (response === undefined) return change({ isOnline: false });
  const answer = await response.json();
  if (!response.ok) {
    change({ problem: answer });
    const field = document.getElementById(answer.field);
    field.closest('details')?.setAttribute('open', '');
    return field.focus();
  }
  if (!state.calls.has(answer.id)) state.calls.set(answer.id, answer);
  show(answer.id);
  // An env file may be there now that wasn't before.
  await showLab();
  return draw();
}

function submit(event) {
  event.preventDefault();
  sessionStorage.setItem('form', JSON.stringify(state.form));
  placeCall(JSON.stringify(state.form));
}

/** The parties of the scenario, where nobody has written others. */
function chooseScenario(name) {
  const { caller, called, forwardedFrom = '' } = state.lab.scenarios.find((one) => one.name === name);
  const given = { caller, called, forwardedFrom };
  const own = Object.entries(given).filter(([id]) => state.form[id] === (state.given[id] ?? ''));
  change({ given, form: { ...state.form, ...Object.fromEntries(own), scenario: name } });
  showSettings();
}

async function showSettings() {
  if (state.settings === undefined) return;
  const query = new URLSearchParams({ called: state.form.called });
  const rows = await ask(`api/number?${query}`);
  if (rows !== undefined)
    change({ settings: Array.isArray(rows) ? rows : [{ name: 'problem', source: '', value: rows }] });
}

/** What was written before a reload; nothing of another version of the page, whose scenarios may have other names. */
function earlierForm() {
  const earlier = parseJson(sessionStorage.getItem('form') ?? '') ?? {};
  const isKnown = state.lab.scenarios.some(({ name }) => name === earlier.scenario);
  const texts = Object.keys(emptyForm).every((name) => typeof earlier[name] === 'string');
  return isKnown && texts ? earlier : {};
}

/** Shows what the lab says of itself; returns whether it answered. */
async function showLab() {
  const lab = await ask('api/lab');
  if (lab === undefined) return false;
  state.lab = lab;
  wantRecord();
  if (state.lab.live || state.form.scenario !== '') return true;
  const earlier = earlierForm();
  chooseScenario(earlier.scenario ?? state.lab.scenarios[0].name);
  Object.assign(state.form, earlier);
  return true;
}

/** What the lab answers; `undefined` if it doesn't. */
async function ask(path) {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(15_000) });
    return response.ok ? await response.json() : undefined;
  } catch (error) {
    // A busy machine is late; only a connection that fails says that nobody is there.
    return error.name === 'TimeoutError' ? ask(path) : undefined;
  }
}

/** Polls for changes without end: after a gap, the page sends what it knows and gets the rest. */
async function follow() {
  for (;;) {
    const news = await ask(`api/news?${new URLSearchParams(state.known)}`);
    const isNew = news !== undefined && news.instance !== state.known.instance;
    if (news === undefined || (isNew && !(await showLab()))) {
      change({ isOnline: false });
      await pause(500);
      continue;
    }
    const { instance, version, ids, calls, overview } = news;
    if (isNew) state.calls.clear();
    for (const call of calls) state.calls.set(call.id, call);
    for (const id of state.calls.keys()) if (!ids.includes(id)) state.calls.delete(id);
    change({ known: { instance, version }, isOnline: true, overview });
  }
}

function Field({ id, label, as = 'input', children, ...attributes }) {
  const isWrong = state.problem?.field === id;
  const write = ({ target }) => change({ form: { ...state.form, [id]: target.value } });
  return html`<div>
    <label for=${id}>${label}</label>
    <${as} id=${id} value=${state.form[id]} onInput=${write} autocomplete="off" spellcheck="false"
      aria-invalid=${isWrong ? 'true' : undefined} aria-describedby="${id}-problem" ...${attributes}>${children}<//>
    <small id="${id}-problem" class="bad">${isWrong ? `${label}: ${state.problem.problem}` : ''}</small>
  </div>`;
}

const Switch = ({ id, children }) => {
  const write = ({ target }) => change({ form: { ...state.form, [id]: target.checked } });
  return html`<label><input type="checkbox" id=${id} checked=${state.form[id]} onChange=${write} /> ${children}</label>`;
};

const Options = ({ id, values }) =>
  html`<datalist id=${id}>${values.map((value) => html`<option value=${value} />`)}</datalist>`;

function Form() {
  const { lab, form } = state;
  const { title, changes } = lab.scenarios.find(({ name }) => name === form.scenario);
  const openPanel = ({ target }) => {
    state.settings = target.open ? (state.settings ?? []) : undefined;
    showSettings();
  };
  return html`<form aria-label="Place a call" novalidate onSubmit=${submit}>
    <div class="grid">
    <${Field} id="caller" label="Caller" list="callers" />
    <${Field} id="called" label="Called number" list="numbers" onChange=${showSettings} />
    <${Field} id="scenario" label="Scenario" as="select" onInput=${({ target }) => chooseScenario(target.value)}>
      ${lab.groups.map(
        (group) => html`<optgroup label=${group}>
          ${lab.scenarios.filter((one) => one.group === group).map(({ name }) => html`<option value=${name}>${name}</option>`)}
        </optgroup>`,
      )}
    <//>
    <button id="submit" disabled=${!state.isOnline}>Call</button>
    </div>
    <small id="changes">${form.scenario}: ${title}.${changes.length > 0 ? ` It plays ${changes.join(', ')}, in place of yours.` : ''}</small>
    <details>
      <summary>More about the call</summary>
      <div class="grid">
        <${Field} id="forwardedFrom" label="Forwarded from" />
        <${Field} id="at" label="Time" type="datetime-local" />
        <${Field} id="parameters" label="Parameters, one Name=value a line" as="textarea" rows="2" />
      </div>
      <${Switch} id="cold">Cold instance: a new process for each request<//>
    </details>
    <details id="panel" onToggle=${openPanel}>
      <summary>What the called number gets</summary>
      <table>
        <thead><tr><th>Setting</th><th>Set by</th><th>Value</th></tr></thead>
        <tbody>${state.settings?.map((row) => html`<tr><td>${row.name}</td><td>${row.source}</td><td>${row.value}</td></tr>`)}</tbody>
      </table>
    </details>
    <${Options} id="callers" values=${lab.callers} />
    <${Options} id="numbers" values=${lab.numbers} />
  </form>`;
}

/** A button that copies, and says so for a moment. */
function Copy({ name, text }) {
  const [said, say] = useState(name);
  const copy = async () => {
    await navigator.clipboard.writeText(text()).then(
      () => say('Copied'),
      () => say('Not allowed to copy'),
    );
    await pause(1500);
    say(name);
  };
  return html`<button type="button" class="outline secondary" onClick=${copy}>${said}</button>`;
}

function Step({ step }) {
  const [isOpen, open] = useState(false);
  const { lanes } = state.lab;
  const center = (lane) => ((lanes.indexOf(lane) + 0.5) / lanes.length) * 100;
  const [from, to] = [center(step.from), center(step.to)];
  const middle = (from + to) / 2;
  const classes = `row step ${from < to ? 'right' : 'left'} ${step.failed ? 'failed' : ''} ${step.isHeard ? 'heard' : ''}`;
  const row = html`<span class="at">${seconds(step.at)}</span>${' '}<span class="sound"></span>
    <span class="lanes">
      <span class="parties">${step.from} → ${step.to}</span>${' '}
      <span class="title" style="left: ${middle}%; --room: ${2 * Math.min(middle, 100 - middle)}%">${step.title}</span>
      ${step.failed && html`<span class="spoken">${' (failed)'}</span>`}
      <span class="arrow" style="left: ${Math.min(from, to)}%; width: ${Math.abs(to - from)}%"></span>
    </span>`;
  if (step.content === '') return html`<li><div class=${classes}>${row}</div></li>`;
  return html`<li>
    <button type="button" class=${classes} aria-expanded=${String(isOpen)} onClick=${() => open(!isOpen)}>${row}</button>
    ${isOpen && html`<div class="message"><pre>${step.content}</pre><${Copy} name="Copy" text=${() => step.raw ?? step.content} /></div>`}
  </li>`;
}

const Sound = ({ sound }) => html`<li class="row heard">
  <span class="at">${seconds(sound.at)}</span><span class="sound">${sound.what}</span><span class="lanes"></span>
</li>`;

/** Steps and sounds in the order of the call; a step comes before a sound of the same time. */
function Ladder({ steps, heard }) {
  const isHeard = (at) => heard.some((sound) => sound.at <= at && at < (sound.until ?? Infinity));
  const rows = [...steps, ...heard].sort((a, b) => a.at - b.at);
  return html`<div id="ladder">
    <div class="row head" aria-hidden="true">
      <span>Time</span><span>The caller hears</span><span id="lanes" class="grid">${state.lab.lanes.map((lane) => html`<span>${lane}</span>`)}</span>
    </div>
    <ol>${rows.map((row) =>
      'what' in row
        ? html`<${Sound} key=${JSON.stringify(row)} sound=${row} />`
        : html`<${Step} key=${JSON.stringify(row)} step=${{ ...row, isHeard: isHeard(row.at) }} />`,
    )}</ol>
  </div>`;
}

function Call({ call }) {
  const { caller, called, name, title, changes = [], story, told } = call;
  const log = story.log.map((line) => JSON.stringify(parseJson(line) ?? line, undefined, 2)).join('\n');
  const json = `data:application/json,${encodeURIComponent(JSON.stringify(call, undefined, 2))}`;
  return html`<article>
    <h2 id="title">${caller} calls ${called}: ${name}</h2>
    <p>
      <strong id="state" role="status" class=${stateClass(call.state)}>${states[call.state]}</strong>${' '}
      <small id="played">${title}${changes.length > 0 && `, which plays ${changes.join(', ')}`}. ${state.lab.live ? '' : `Times are as in a real call, played ${state.lab.pace} times as fast.`}</small>
    </p>
    ${call.sources && html`<${Sources} call=${call} />`}
    <div role="group">
      ${
        !saved &&
        html`${call.asked && html`<button type="button" class="outline secondary" disabled=${!state.isOnline} onClick=${() => placeCall(call.asked)}>Call again</button>`}
        <${Copy} name="Copy link" text=${() => location.href} />`
      }
      <a href=${json} download="call-${call.id.slice(0, 8)}.json" role="button" class="outline secondary">Save as JSON</a>
      ${!saved && html`<a href="api/page?call=${call.id}" role="button" class="outline secondary">Save as page</a>`}
    </div>
    <${Ladder} ...${story} />
    ${told.length > 0 && html`<h3>What happened</h3>`}
    <ul id="told">${told.map((sentence) => html`<li class=${sentence.startsWith(' ') ? 'bad' : ''}>${sentence.trim()}</li>`)}</ul>
    ${log !== '' && html`<h3>Log</h3><pre>${log}</pre>`}
  </article>`;
}

/** What each source says of a real call; where two disagree comes first. */
function Sources({ call: { disagreements, missing, sources, links } }) {
  return html`<ul id="remarks">
      ${disagreements.map((sentence) => html`<li class="bad">${sentence}</li>`)}
      ${missing.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
    <table id="sources">${sources.map(([source, says]) => html`<tr><td>${source}</td><td>${says}</td></tr>`)}</table>
    <p>${links.map(([source, url]) => html`<a href=${url.split(' ')[0]} target="_blank" rel="noreferrer">${source}: ${url.split(' ').slice(1).join(' ') || 'call log'}</a> ${' '}`)}</p>`;
}

/** The share of callers who reached the agent, hour by hour, and the alerts. */
function Overview() {
  const { hours = [], calls, tests, share, alerts, problem } = state.overview;
  const said =
    calls === undefined
      ? 'Asks Twilio; the first calls are here in half a minute.'
      : `Calls in the last day: ${calls}, and ${share || 'an unknown share'} reached the agent. Test calls: ${tests}. Alerts: ${alerts}.`;
  return html`<section id="overview" aria-label="All calls">
    <p>${said}</p>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    <table>
      <thead><tr><th>Hour</th><th>Calls</th><th>Reached the agent</th></tr></thead>
      <tbody>${hours.map(
        (one) => html`<tr>
        <td>${new Date(one.hour).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}</td><td>${one.calls}</td>
        <td>${one.share && html`<meter min="0" max="1" low="0.5" high="0.9" optimum="1" value=${one.agentShare} aria-label="Share"></meter> ${one.share}`}</td>
      </tr>`,
      )}</tbody>
    </table>
  </section>`;
}

function Item({ call }) {
  const time = `${new Date(call.placed).toLocaleTimeString()}, ${seconds(call.story.steps.at(-1)?.at ?? 0)}`;
  return html`<li>
    <button type="button" class="outline secondary" aria-current=${String(call.id === shownId())} onClick=${() => show(call.id)}>
      <span>${call.caller} → ${call.called}</span><span>${call.name}</span>
      <span class=${stateClass(call.state)}>${outcomeOf(call)}</span><small>${time}</small>
    </button>
  </li>`;
}

/** Whom the caller reached; if not the agent, with the reason of the first thing that went wrong. */
function outcomeOf({ state: one, story }) {
  if (one !== 'not the agent') return states[one];
  const reason = story.log.map((line) => parseJson(line)?.reason).find((found) => found !== undefined);
  return `${states[one]}${reason ? `: ${reason}` : ''}`;
}

function List() {
  const words = state.filter.toLowerCase().split(/\s+/);
  const matches = (call) => {
    const text = `${call.called} ${call.caller} ${call.name} ${outcomeOf(call)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const found = [...state.calls.values()].reverse().filter(matches);
  if (state.calls.size === 0) return html`<aside></aside>`;
  return html`<aside aria-label="Calls">
    <h2>Calls</h2>
    <label for="filter">Filter</label>
    <input id="filter" type="search" value=${state.filter} onInput=${({ target }) => change({ filter: target.value })} />
    <ol id="calls">${found.map((call) => html`<${Item} key=${call.id} call=${call} />`)}</ol>
    ${found.length === 0 && html`<p>No call has these words.</p>`}
  </aside>`;
}

function Page() {
  const call = state.calls.get(shownId());
  const isUnknown = shownId() !== null && state.known.version >= 0;
  const hint = isUnknown
    ? "This lab doesn't know the call of this link: it was restarted since, or the link is from another machine."
    : state.lab?.live
      ? 'Calls appear here as they come.'
      : 'Press Call, and watch the call from here to the agent.';
  return html`<header>
      <h1>${state.lab?.live ? 'Live' : 'Lab'}</h1>
      ${saved ? html`<small>A call that was saved.</small>` : html`<small>${state.lab?.live ? 'Shows' : 'Plays'} ${state.lab?.source}. ${state.lab?.problem}</small>`}
      ${!state.isOnline && html`<p id="banner" class="bad" role="alert">The lab isn't running any more. Start it with npm run lab${state.lab?.live ? ' -- --live' : ''}, and open the address that it prints.</p>`}
    </header>
    ${state.lab && !saved && (state.lab.live ? html`<${Overview} />` : html`<${Form} />`)}
    <div class=${saved ? '' : 'columns'}>
      <main>${call ? html`<${Call} key=${call.id} call=${call} />` : html`<p>${hint}</p>`}</main>
      ${!saved && html`<${List} />`}
    </div>`;
}

addEventListener('hashchange', () => {
  wantRecord();
  draw();
});
if (saved) {
  state.lab = JSON.parse(saved.textContent);
  for (const call of state.lab.calls) state.calls.set(call.id, call);
  draw();
} else {
  follow();
  // An env file may have come, or gone.
  setInterval(() => showLab().then(draw), 10_000);
}
