import assert from 'node:assert/strict';
import { afterLeg, afterPreparing, afterRefer, atStart, type Next } from '../../src/assets/decision.private';
import { type Plan, planOf } from '../../src/assets/plan.private';
import { stepOf, type TableStep } from '../../src/assets/route.private';
import { readSettings, type Settings } from '../../src/assets/settings.private';
import { type PrepareFailure, prepareFailures } from '../../src/assets/synthflow/response.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { type Call, parseCall } from '../../src/assets/twilio/call.private';
import { parseLeg } from '../../src/assets/twilio/leg.private';
import { parseTarget } from '../../src/assets/twilio/refer.private';
import { render } from '../../src/assets/twilio/twiml.private';
import { parseTwiml, type Verb } from '../../tools/story/twiml';

const kinds = ['agent', 'number', 'voicemail', 'word'] as const;
type Kind = (typeof kinds)[number];

/** Every route of up to four steps. */
const routes = routesOf(4);

function routesOf(steps: number): readonly (readonly Kind[])[] {
  const shorter = steps === 0 ? [] : routesOf(steps - 1);
  return [[], ...shorter.flatMap((route) => kinds.map((word) => [word, ...route]))];
}

const called = '+15550100100';
/** The phone of each place is another one. */
const phoneAt = (step: number): `+${string}` => `+1555010019${step}`;
const allowed = '+15550100180';
const warm = '<sip:0875704225817263@sip.synthflow.ai:32681>';

/** What the caller and Twilio do next, and what the caller must get for it. */
type Ends = 'talks' | 'gone' | 'fails' | 'recorded' | 'silent';

/** How a dialled leg can end (twilio.com/docs/voice/twiml/dial). */
const legs: readonly (readonly [Ends, Record<string, string>])[] = [
  ['talks', { DialCallStatus: 'completed', DialCallDuration: '60', DialBridged: 'true' }],
  ['talks', { DialCallStatus: 'completed', DialBridged: 'true' }],
  ['talks', { DialCallStatus: 'answered', DialCallDuration: '60' }],
  ['gone', { DialCallStatus: 'completed', DialCallDuration: '60', CallStatus: 'completed' }],
  ['gone', { DialCallStatus: 'no-answer', CallStatus: 'canceled' }],
  ['fails', { DialCallStatus: 'busy' }],
  ['fails', { DialCallStatus: 'no-answer' }],
  ['fails', { DialCallStatus: 'failed', DialSipResponseCode: '503' }],
  ['fails', { DialCallStatus: 'canceled' }],
  ['fails', { DialCallStatus: 'completed', DialCallDuration: '0' }],
  ['fails', { DialCallStatus: 'completed', DialCallDuration: '60', DialBridged: 'false' }],
  ['fails', { DialCallStatus: '' }],
  ['fails', {}],
];
const tooShort = ['fails', { DialCallStatus: 'completed', DialCallDuration: '2', DialBridged: 'true' }] as const;
const recordings: readonly (readonly [Ends, Record<string, string>])[] = [
  ['recorded', { RecordingUrl: 'https://api.twilio.com/recordings/RE0', RecordingDuration: '8' }],
  ['gone', { RecordingUrl: 'https://api.twilio.com/recordings/RE0', RecordingDuration: '8', CallStatus: 'completed' }],
  // Both of Twilio's ways with a caller who says nothing.
  ['silent', {}],
  ['silent', { RecordingUrl: 'https://api.twilio.com/recordings/RE0', RecordingDuration: '1' }],
];

/** One call of a route: everything that decides what it gets. */
interface Walk {
  readonly route: readonly Kind[];
  readonly confirm: boolean;
  readonly settings: Settings;
  readonly plan: Plan;
  readonly call: Call;
  /** What has been looked at, so that what two ways lead to is walked once. */
  readonly seen: Set<string>;
  /** How calls have ended. */
  readonly ends: Set<string>;
}

/** What is the same for a whole route. */
interface Mode {
  readonly directDial: boolean;
  /** Whether each phone asks for a key first. */
  readonly confirm: boolean;
  /** Whether the route is the one for when the number is closed. */
  readonly hours: Settings['hours'];
}

function startWalk(words: readonly Kind[], { directDial, confirm, hours }: Mode): Walk {
  const route = words.map((word, step): TableStep => {
    if (word === 'word') return { say: 'All our agents are busy.', waitSeconds: 15 };
    return word === 'number' ? { number: phoneAt(step), confirm } : word;
  });
  const environment = {
    SYNTHFLOW_API_KEY: 'key',
    SYNTHFLOW_MODEL_ID: 'model',
    MIN_AGENT_SECONDS: '5',
    TRANSFER_NUMBERS: allowed,
    DIRECT_DIAL: `${directDial}`,
  };
  const call = parseCall({ From: '+15550100142', To: called, CallStatus: 'in-progress' });
  const settings = { ...readSettings(environment, { [called]: { route } }, parseAddress(called)), hours };
  return { route: words, confirm, settings, plan: planOf(settings, call), call, seen: new Set(), ends: new Set() };
}

// The rules of the README, written a second time.

/** Where a call goes on after a step: the next one that isn't hopeless, or the message behind the last. */
function following(route: readonly Kind[], step: number, agentIsHopeless = false): number {
  const next = route.findIndex((word, index) => index > step && !(agentIsHopeless && word === 'agent'));
  return next === -1 ? route.length : next;
}

// Plain assertions: a walk makes a hundred thousand, and Jest's take as long as all the rest.

/** Expects a call to be at this step, or at the message behind the last one. */
function expectAt(next: Next, step: number, { route }: Walk): void {
  const outcome = { agent: 'prepare', number: 'person', voicemail: 'voicemail', word: 'word' }[route[step] ?? 'agent'];
  const tried = next.outcome === 'prepare' ? next.tried : next;
  assert.equal(next.outcome, step === route.length ? 'message' : outcome);
  assert.equal('step' in tried && tried.step, step);
}

/** Documents that were read: most routes share theirs. */
const documents = new Map<string, readonly Verb[]>();

function verbsIn(twiml: string): readonly Verb[] {
  const verbs = documents.get(twiml) ?? parseTwiml(twiml);
  documents.set(twiml, verbs);
  return verbs;
}

/** Follows what a call got at this step in each way in which it can go on. */
function follow(next: Next, walk: Walk): void {
  const key = JSON.stringify(next);
  if (walk.seen.has(key)) return;
  walk.seen.add(key);
  if (next.outcome === 'prepare') {
    followPreparing(next, walk);
    return;
  }
  const verbs = verbsIn(render(next, walk.settings, walk.call));
  expectSound(verbs, walk);
  for (const url of verbs.flatMap(({ attributes }) => [attributes.action, attributes.referUrl])) {
    if (url !== undefined)
      assert.equal(queryOf(url).bridge_route, walk.settings.hours === 'closed' ? 'closed' : undefined);
  }
  if (next.outcome === 'word') {
    followWord(next, verbs, walk);
    return;
  }
  const action = verbs.find(({ attributes }) => attributes.action !== undefined)?.attributes;
  if (action?.action === undefined) {
    walk.ends.add(next.outcome);
    return;
  }
  if (next.outcome === 'voicemail') followRecording(verbs, action.action, walk);
  else followLeg(next, action.action, action.referUrl, walk);
}

/** A word is said, and the route goes on behind it, with the reason of before. */
function followWord(word: Extract<Next, { outcome: 'word' }>, verbs: readonly Verb[], walk: Walk): void {
  const names = verbs.map(({ name }) => name);
  assert.deepEqual(names, ['Say', 'Pause', 'Redirect']);
  const url = verbs[2]?.text ?? '';
  const isHopeful = word.reason === undefined || !['outage', 'unauthorized'].includes(word.reason);
  const { own } = parseCall({ CallStatus: 'in-progress', ...queryOf(url) }, true);
  const next = afterLeg(own, parseLeg({ CallStatus: 'in-progress' }), walk.plan);
  expectAt(next, following(walk.route, word.step, !isHopeful), walk);
  const tried = next.outcome === 'prepare' ? next.tried : next;
  const missed = walk.route.slice(0, 'step' in tried ? tried.step : 0).includes('agent');
  assert.equal('missedAgent' in tried && tried.missedAgent, missed);
  assert.equal('reason' in tried ? tried.reason : undefined, word.reason);
  follow(next, walk);
  const gone = parseLeg({ CallStatus: 'completed' });
  assert.deepEqual(afterLeg(own, gone, walk.plan), { outcome: 'caller_hung_up' });
}

function followPreparing(attempt: Extract<Next, { outcome: 'prepare' }>, walk: Walk): void {
  const { step } = attempt.tried;
  const prepared = { prepared: true, synthflowCallId: 'id', httpStatus: 200 } as const;
  const agent = afterPreparing(attempt, prepared, walk.plan, {});
  assert.ok(agent.outcome === 'agent' && agent.step === step);
  follow(agent, walk);
  for (const reason of prepareFailures) {
    const next = afterPreparing(attempt, { prepared: false, reason }, walk.plan, {});
    if (isHopeless(reason)) expectAt(next, following(walk.route, step, true), walk);
    else if (walk.plan.directDial) assert.ok(next.outcome === 'agent_direct' && next.step === step);
    else expectAt(next, following(walk.route, step), walk);
    follow(next, walk);
  }
}

const isHopeless = (reason: PrepareFailure): boolean => reason === 'outage' || reason === 'unauthorized';

function followLeg(next: Next, action: string, referUrl: string | undefined, walk: Walk): void {
  const isAgent = next.outcome === 'agent' || next.outcome === 'agent_direct';
  for (const [ends, sent] of isAgent ? [...legs, tooShort] : legs) {
    // Behind a key, only DialBridged=true is a conversation.
    const isAsked = asksForKey(next, walk);
    assert.equal(queryOf(action).bridge_confirm === 'yes', isAsked);
    const isUnproved = ends === 'talks' && sent.DialBridged !== 'true';
    afterEnd(isAsked && isUnproved ? 'fails' : ends, action, sent, walk);
  }
  if (referUrl === undefined) return;
  const targets = [`<tel:${allowed}>`, '<tel:+15550100177>', '<sip:x@evil.example>', 'nonsense', warm];
  const phones = walk.route.map((_word, step) => `<tel:${phoneAt(step)}>`);
  for (const target of [...targets, ...phones]) {
    const { own } = parseCall(queryOf(referUrl), true);
    follow(afterRefer(parseTarget(target, walk.settings.trunk?.trunk), own, walk.plan), walk);
  }
}

function followRecording(verbs: readonly Verb[], action: string, walk: Walk): void {
  const redirect = verbs.find(({ name }) => name === 'Redirect')?.text;
  assert.equal(redirect, action);
  for (const [ends, sent] of recordings) afterEnd(ends, action, sent, walk);
}

/** Twilio asks the action: the call must end, or go on after the step that the URL names. */
function afterEnd(ends: Ends, action: string, sent: Record<string, string>, walk: Walk): void {
  const { own, parameters } = parseCall({ CallStatus: 'in-progress', ...sent, ...queryOf(action) }, true);
  const step = stepOf(own, walk.plan.route);
  const next = afterLeg(own, parseLeg(parameters), walk.plan);
  if (ends === 'talks') assert.deepEqual(next, { outcome: 'completed' });
  else if (ends === 'gone') assert.deepEqual(next, { outcome: 'caller_hung_up' });
  else if (ends === 'recorded') assert.deepEqual(next, { outcome: 'voicemail_left' });
  else expectAt(next, following(walk.route, step), walk);
  follow(next, walk);
}

/** Whether somebody on this leg has to press a key: a phone of the route that has `confirm`. */
function asksForKey(next: Next, { confirm, route }: Walk): boolean {
  if (next.outcome === 'transfer_number')
    return confirm && route.some((_word, step) => phoneAt(step) === next.phone.number);
  return confirm && next.outcome === 'person';
}

const queryOf = (url: string): Record<string, string> =>
  Object.fromEntries(new URL(url, 'https://bridge.example').searchParams);

/** Nothing is dialled that is not configured, and only who is gone gets an empty answer. */
function expectSound(verbs: readonly Verb[], { route, seen }: Walk): void {
  const configured = [allowed, ...route.flatMap((word, step) => (word === 'number' ? phoneAt(step) : []))];
  const nouns = verbs.flatMap(({ children }) => children);
  for (const { text } of nouns.filter(({ name }) => name === 'Number')) assert.ok(configured.includes(text), text);
  for (const { text } of nouns.filter(({ name }) => name === 'Sip')) {
    assert.match(text, /^sip:(\+15550100100@sipin|0875704225817263@sip|refused@transfer)\.(synthflow\.ai|invalid)/);
  }
  if (verbs.length === 0) assert.equal([...seen].at(-1), '{"outcome":"caller_hung_up"}');
}

describe('Every route of up to four steps', () => {
  test('is one of 341', () => {
    expect(routes).toHaveLength(1 + 4 + 16 + 64 + 256);
    expect(new Set(routes.map((route) => route.join())).size).toBe(341);
  });

  test.each<Mode>([
    { directDial: false, confirm: false, hours: undefined },
    { directDial: true, confirm: false, hours: 'open' },
    { directDial: false, confirm: true, hours: 'closed' },
  ])(
    'goes from left to right, tries no step twice, and ends in a conversation, a recording or the message: %j',
    (mode) => {
      for (const route of routes) {
        const walk = startWalk(route, mode);
        const first = atStart(walk.plan);
        expectAt(first, 0, walk);
        follow(first, walk);

        const possible = ['completed', 'voicemail_left', 'message', 'caller_hung_up'];
        expect(possible).toEqual(expect.arrayContaining([...walk.ends]));
        if (route.includes('voicemail')) expect(walk.ends).toContain('voicemail_left');
        if (route.includes('agent') || route.includes('number')) expect(walk.ends).toContain('completed');
        expect(walk.ends).toContain('message');
      }
    },
  );
});
