// The page of the lab: places calls, and draws each one as its steps arrive. No library, nothing from elsewhere.
const $ = (id) => document.getElementById(id);
const calls = new Map();
const fields = ['caller', 'called', 'scenario', 'forwardedFrom', 'at', 'parameters'];
const saved = $('saved');
let lab;
let known = { instance: '', version: -1 };

const element = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const shownId = () => (saved ? [...calls.keys()][0] : new URLSearchParams(location.hash.slice(1)).get('call'));

const states = {
  waiting: 'waits for another call',
  running: 'in progress',
  reached: 'reached the agent',
  'not reached': 'did not reach the agent',
  broken: 'could not be placed',
};
const stateClass = (state) => ({ reached: 'good', 'not reached': 'bad', broken: 'bad' })[state] ?? '';
const lengthOf = ({ steps }) => steps.at(-1)?.at ?? 0;

/** The reason of the first thing that went wrong, for the list of calls. */
const reasonOf = ({ log }) => log.map((line) => JSON.parse(line).reason).find((reason) => reason !== undefined);

async function placeCall(body) {
  showProblem();
  const response = await fetch('/api/calls', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  }).catch(() => undefined);
  if (response === undefined) return showOnline(false);
  const answer = await response.json();
  if (!response.ok) return showProblem(answer);
  if (!calls.has(answer.id)) calls.set(answer.id, answer);
  location.hash = `call=${answer.id}`;
}

/** Says beside its field what is wrong with it, in the words of its label. */
function showProblem({ field, problem } = {}) {
  for (const id of fields) {
    const isWrong = id === field;
    const note = $(id).parentElement.querySelector('p');
    note.id = `${id}-problem`;
    note.textContent = isWrong ? `${$(id).labels[0].textContent.replace(/,.*/, '')}: ${problem}` : '';
    $(id).setAttribute('aria-describedby', note.id);
    $(id).setAttribute('aria-invalid', String(isWrong));
    if (!isWrong) continue;
    $(id).closest('details')?.setAttribute('open', '');
    $(id).focus();
  }
}

function showOnline(isOnline) {
  $('banner').hidden = isOnline;
  $('submit').disabled = !isOnline;
  $('again').disabled = !isOnline;
}

/** Steps and sounds in the order of the call; a step comes before a sound of the same time. */
function rowsOf({ steps, heard }) {
  const sounds = heard.map((sound) => ({ ...sound, isSound: true }));
  const isHeard = (at) => heard.some((sound) => sound.at <= at && at < (sound.until ?? Infinity));
  return [...steps, ...sounds].sort((a, b) => a.at - b.at).map((row) => ({ ...row, isHeard: isHeard(row.at) }));
}

function soundRow({ at, what }) {
  const span = (className, textContent = '') => element('span', { className, textContent });
  return element('li', { className: 'row heard' }, span('at', seconds(at)), span('sound', what), span('lanes'));
}

function stepRow(step) {
  const [from, to] = [lab.lanes.indexOf(step.from), lab.lanes.indexOf(step.to)];
  const center = (lane) => ((lane + 0.5) / lab.lanes.length) * 100;
  const middle = (center(from) + center(to)) / 2;
  const span = (className, textContent = '') => element('span', { className, textContent });
  const title = span('title', step.title);
  title.style.cssText = `left: ${middle}%; max-width: ${2 * Math.min(middle, 100 - middle)}%`;
  const arrow = span('arrow');
  arrow.style.cssText = `left: ${Math.min(center(from), center(to))}%; width: ${Math.abs(center(to) - center(from))}%`;
  const failed = step.failed ? [span('spoken', ' (failed)')] : [];
  const lanes = element(
    'span',
    { className: 'lanes' },
    span('parties', `${step.from} → ${step.to}`),
    ' ',
    title,
    ...failed,
  );
  lanes.append(arrow);
  const classes = [
    'row',
    'step',
    from < to ? 'right' : 'left',
    step.failed ? 'failed' : '',
    step.isHeard ? 'heard' : '',
  ];
  const parts = [span('at', seconds(step.at)), ' ', span('sound'), lanes];
  if (step.content === '') return element('li', {}, element('div', { className: classes.join(' ') }, ...parts));
  const row = element('button', { type: 'button', className: classes.join(' ') }, ...parts);
  const copy = copyButton('Copy', () => step.raw ?? step.content);
  const message = element('div', { className: 'message', hidden: true }, copy);
  message.append(element('pre', { textContent: step.content }));
  row.setAttribute('aria-expanded', 'false');
  row.addEventListener('click', () => {
    message.hidden = !message.hidden;
    row.setAttribute('aria-expanded', String(!message.hidden));
  });
  return element('li', {}, row, message);
}

function copyButton(name, text) {
  const button = element('button', { type: 'button', textContent: name });
  onCopy(button, text);
  return button;
}

function onCopy(button, text) {
  const name = button.textContent;
  button.addEventListener('click', async () => {
    button.textContent = await navigator.clipboard.writeText(text()).then(
      () => 'Copied',
      () => 'Not allowed to copy',
    );
    await pause(1500);
    button.textContent = name;
  });
}

/** Draws what is new or different; the rows before that stay, so that an opened message stays open. */
function drawRows(rows) {
  const list = $('steps');
  const keys = rows.map((row) => JSON.stringify(row));
  const same = keys.findIndex((key, index) => list.children[index]?.dataset.key !== key);
  const kept = same < 0 ? keys.length : same;
  while (list.children.length > kept) list.lastChild.remove();
  for (const [index, row] of rows.entries()) {
    if (index < kept) continue;
    const item = row.isSound ? soundRow(row) : stepRow(row);
    item.dataset.key = keys[index];
    list.append(item);
  }
}

function draw() {
  drawList();
  const id = shownId();
  const call = calls.get(id);
  $('call').hidden = call === undefined;
  $('empty').hidden = call !== undefined;
  if (call === undefined) {
    $('empty').textContent =
      id === null || known.version < 0
        ? 'Press Call, and watch the call from here to the agent.'
        : "This lab doesn't know the call of this link: it was restarted since, or the link is from another machine.";
    return;
  }
  $('title').textContent = `${call.caller} calls ${call.called}: ${call.scenario}`;
  $('state').textContent = states[call.state];
  $('state').className = stateClass(call.state);
  const changes = call.changes.length > 0 ? `, which plays ${call.changes.join(', ')}` : '';
  $('played').textContent =
    `${call.title}${changes}. Times are those of a real call, played ${lab.pace} times as fast.`;
  $('page').href = `/api/page?call=${call.id}`;
  drawRows(rowsOf(call.story));
  $('told').replaceChildren(...call.told.map(toldItem));
  $('log').textContent = call.story.log.map((line) => JSON.stringify(JSON.parse(line), undefined, 2)).join('\n');
}

function toldItem(sentence) {
  return element('li', { textContent: sentence.trim(), className: sentence.startsWith(' ') ? 'bad' : '' });
}

function drawList() {
  const words = $('filter').value.toLowerCase().split(/\s+/);
  const items = [...calls.values()].reverse().flatMap((call) => {
    const reason = reasonOf(call.story);
    const outcome = `${states[call.state]}${reason ? `: ${reason}` : ''}`;
    const when = `${new Date(call.placed).toLocaleTimeString()}, ${seconds(lengthOf(call.story))}`;
    const all = `${call.called} ${call.caller} ${call.scenario} ${outcome}`.toLowerCase();
    if (!words.every((word) => all.includes(word))) return [];
    const open = () => {
      location.hash = `call=${call.id}`;
    };
    const button = element(
      'button',
      { type: 'button', onclick: open },
      element('span', { textContent: call.called }),
      element('span', { textContent: call.scenario }),
      element('span', { className: stateClass(call.state), textContent: outcome }),
      element('small', { textContent: when }),
    );
    button.setAttribute('aria-current', String(call.id === shownId()));
    return [element('li', {}, button)];
  });
  const focused = [...$('calls').children].findIndex((item) => item.contains(document.activeElement));
  $('calls').replaceChildren(...items);
  if (focused >= 0) items[focused]?.firstChild?.focus();
}

/** What the form says, as the server reads it. */
function formBody() {
  const values = fields.map((id) => [id, $(id).value]);
  const body = { ...Object.fromEntries(values), cold: $('cold').checked, realApi: $('realApi').checked };
  return JSON.stringify(body);
}

/** The parties of the scenario, where nobody has written others, and what it plays in place of one's own settings. */
function showScenario() {
  const {
    caller,
    called,
    forwardedFrom = '',
    changes,
  } = lab.scenarios.find(({ name }) => name === $('scenario').value);
  for (const [id, value] of Object.entries({ caller, called, forwardedFrom })) {
    if ($(id).value === ($(id).dataset.given ?? '')) $(id).value = value;
    $(id).dataset.given = value;
  }
  $('changes').textContent = changes.length > 0 ? `This scenario plays ${changes.join(', ')}.` : '';
  return showSettings();
}

async function showSettings() {
  if (!$('panel').open) return;
  const response = await fetch(`/api/number?${new URLSearchParams({ called: $('called').value })}`).catch(
    () => undefined,
  );
  const rows = (await response?.json()) ?? [];
  const cells = Array.isArray(rows)
    ? rows.map(({ name, source, value }) => [name, source, value])
    : [['problem', '', rows]];
  $('settings').replaceChildren(
    ...cells.map((row) => element('tr', {}, ...row.map((cell) => element('td', { textContent: cell })))),
  );
}

async function showLab() {
  lab = await (await fetch('/api/lab')).json();
  $('about').textContent = `Plays ${lab.source}. ${lab.problem}`;
  $('lanes').replaceChildren(...lab.lanes.map((lane) => element('span', { textContent: lane })));
  const options = (values) => values.map((value) => element('option', { value }));
  $('numbers').replaceChildren(...options(lab.numbers));
  $('callers').replaceChildren(...options(lab.callers));
  const chosen = $('scenario').value;
  $('scenario').replaceChildren(
    ...lab.scenarios.map(({ name, title }) => element('option', { value: name, textContent: `${name}: ${title}` })),
  );
  if (chosen !== '') {
    $('scenario').value = chosen;
    return;
  }
  const earlier = JSON.parse(sessionStorage.getItem('form') ?? '{}');
  $('scenario').value = earlier.scenario ?? lab.scenarios[0].name;
  await showScenario();
  for (const id of fields) $(id).value = earlier[id] ?? $(id).value;
}

/** Asks for what is new, for ever: after any gap, a page asks with what it knows, and gets the rest. */
async function follow() {
  for (;;) {
    try {
      const response = await fetch(`/api/news?${new URLSearchParams(known)}`, { signal: AbortSignal.timeout(15_000) });
      const { instance, version, ids, calls: changed } = await response.json();
      if (instance !== known.instance) {
        calls.clear();
        await showLab();
      }
      known = { instance, version };
      for (const call of changed) calls.set(call.id, call);
      for (const id of calls.keys()) if (!ids.includes(id)) calls.delete(id);
      showOnline(true);
      draw();
    } catch {
      showOnline(false);
      await pause(500);
    }
  }
}

function start() {
  $('place').addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem('form', formBody());
    placeCall(formBody());
  });
  $('again').addEventListener('click', () => placeCall(calls.get(shownId()).asked));
  onCopy($('link'), () => location.href);
  $('json').addEventListener('click', () => {
    const call = calls.get(shownId());
    const file = new Blob([JSON.stringify(call, undefined, 2)], { type: 'application/json' });
    element('a', { href: URL.createObjectURL(file), download: `call-${call.id.slice(0, 8)}.json` }).click();
  });
  $('scenario').addEventListener('change', showScenario);
  $('called').addEventListener('change', showSettings);
  $('panel').addEventListener('toggle', showSettings);
  $('filter').addEventListener('input', drawList);
  addEventListener('hashchange', draw);
  if (saved) showSaved();
  else follow();
}

/** One call, in a page that somebody saved: there is no lab to talk to. */
function showSaved() {
  lab = JSON.parse(saved.textContent);
  for (const call of lab.calls) calls.set(call.id, call);
  $('lanes').append(...lab.lanes.map((lane) => element('span', { textContent: lane })));
  for (const part of [$('place'), $('again'), $('link'), $('page'), document.querySelector('nav')]) part.hidden = true;
  $('about').textContent = 'A call that was saved.';
  draw();
}

start();
