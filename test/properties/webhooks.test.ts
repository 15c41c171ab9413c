import type { ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import fc from 'fast-check';
import type { Outcome } from '../../src/assets/log.private';
import type { NumberSettings } from '../../src/assets/settings.private';
import { handler as confirm } from '../../src/functions/confirm.protected';
import { handler as dialResult } from '../../src/functions/dial-result.protected';
import { handler as inbound } from '../../src/functions/inbound.protected';
import { handler as transfer } from '../../src/functions/transfer.protected';
import { handler as voicemail } from '../../src/functions/voicemail.protected';
import type { Verb } from '../../tools/story/twiml';
import { numbers } from '../fixtures/numbers';
import { type Invocation, invoke, late } from '../setup/invoke';
import { holds } from '../setup/property';
import { type RawApi, startRawApi } from '../setup/raw-api';
import { type ShortenedTimers, shortenTimers } from '../setup/timers';
import { apiAnswer, canaries, environment, event } from './arbitraries';

jest.setTimeout(1_800_000);

let api: RawApi;
let timers: ShortenedTimers;
beforeAll(async () => {
  api = await startRawApi();
  // Some answers never end, and a voicemail would wait 4 s for each.
  timers = shortenTimers();
});
afterAll(async () => {
  timers.restore();
  await api.stop();
  expect(late).toEqual([]);
});

type Env = Readonly<Record<string, unknown>>;

/** A value as text; anything that isn't text counts as absent, as in the environment and in a request. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whom an address names: the user of a SIP, tel or WhatsApp address, else all of it. */
function userIn(address: string): string {
  const uri = /^[^<>]*<((?:sips?|tel):[^<>\s]+)>[^<>]*$/i.exec(address)?.[1] ?? address;
  const host = '(?:[A-Za-z0-9.-]+|\\[[0-9a-f:.]+\\])(?::\\d{1,5})?';
  const sip = new RegExp(`^sips?:([^@:;?]+)(?::[^@;?]*)?(?:;[^@]*)?@${host}(?:[;?].*)?$`, 'i').exec(uri)?.[1];
  const user = sip ?? /^tel:([^;?]+)/i.exec(uri)?.[1];
  return user?.replace(/%2B/gi, '+').replace(/[\s().-]/g, '') ?? address.replace(/^whatsapp:/i, '');
}

/** The digits of the number in an address of Twilio's, from the country on where it is dialled. */
function digitsIn(address: string): string | undefined {
  const international = /^(?:\+|00|011)([1-9]\d{6,14})$/.exec(userIn(address))?.[1];
  return international ?? /^\+?(\d{3,15})$/.exec(userIn(address))?.[1];
}

const calledDigits = (event: object): string | undefined => digitsIn('To' in event ? textOf(event.To) : '');

/** The called number's entry in the table; nobody else's may play a part. */
const entryOf = (event: object): NumberSettings =>
  Object.entries(numbers).find(([number]) => number.slice(1) === calledDigits(event))?.[1] ?? {};

/** The phone numbers that the owner wrote down for this called number. */
function ownNumbers(env: Env, event: object): readonly string[] {
  const { route, closedRoute = [], transferNumbers } = entryOf(event);
  const phonesIn = (steps: NonNullable<NumberSettings['route']>): readonly string[] =>
    steps.flat().flatMap((step) => (typeof step === 'string' ? step : 'number' in step ? step.number : []));
  const fromEnvironment = textOf(env.TRANSFER_NUMBERS)
    .split(',')
    .map((one) => one.trim());
  return [
    ...phonesIn(closedRoute),
    ...((route && phonesIn(route)) ??
      textOf(env.CALL_ROUTE)
        .split(',')
        .map((one) => one.trim())),
    ...(transferNumbers ?? fromEnvironment),
  ];
}

/** Whether a caller hides the number (twilio.com/docs/voice/twiml, RFC 3323). */
function isHidden(address: string): boolean {
  const words = /^(anonymous|restricted|unavailable|unknown|private|withheld|blocked|)$/i;
  const placeholders = /^(266696687|7378742833|2562533|8656696|86282452253|7748283|94844353)$/;
  return (
    words.test(userIn(address).trim()) ||
    /^client:anonymous$|\banonymous\b.*[^@\w]|:anonymous$/i.test(address) ||
    placeholders.test(digitsIn(address) ?? '')
  );
}

/** Whether the owner wrote down that this caller is refused. */
function isRefused(env: Env, event: { readonly From?: unknown }): boolean {
  const patterns = entryOf(event).refuse ?? textOf(env.REFUSED_CALLERS).split(',');
  const from = textOf(event.From);
  const number = isHidden(from) ? '' : `+${digitsIn(from.replace(/[\s().-]/g, ''))}`;
  return patterns
    .map((pattern) => pattern.trim())
    .some((pattern) =>
      pattern === 'anonymous'
        ? isHidden(from)
        : pattern === number || (pattern.endsWith('*') && number.startsWith(pattern.slice(0, -1))),
    );
}

/** Where the call says that it has been, by the digits that any form of a number has. */
const visited = (event: object): readonly string[] =>
  Object.entries(event)
    .filter(([name]) => name === 'From' || name === 'ForwardedFrom')
    .flatMap(([, value]) => digitsIn(textOf(value))?.slice(-9) ?? []);

const regionHosts: Readonly<Record<string, readonly string[]>> = {
  us: ['sip.us.synthflow.ai'],
  eu: ['sip.eu.synthflow.ai'],
};

/** The owner's SIP hosts, or the region's (docs.synthflow.ai). */
function ownHosts(env: Env): readonly string[] {
  const own = textOf(env.SYNTHFLOW_SIP_TERMINATION).trim().replace(/:\d+$/, '').toLowerCase();
  const global = ['sipin.synthflow.ai', 'sip.synthflow.ai'];
  return [own, ...(regionHosts[textOf(env.SYNTHFLOW_REGION).trim()] ?? global)];
}

/** Whether this user may be dialled at Synthflow: the called number or its stand-in, or whom a transfer names. */
function isOwnUser(user: string, outcome: Outcome, event: object): boolean {
  if (outcome === 'transfer_sip') return !/^\+?\d+$/.test(user) || user.startsWith('0875704225');
  return user.replace('+', '') === (entryOf(event).dialNumber?.replace('+', '') ?? calledDigits(event));
}

/** What TwiML would dial, all of it. */
const dialled = (verbs: readonly Verb[]): readonly Verb[] =>
  verbs.filter(({ name }) => name === 'Dial').flatMap((dial) => (dial.children.length > 0 ? dial.children : [dial]));

const said = ['Say', 'Hangup'];
const dialling = ['Dial'];

/** The verbs of each outcome, by the README. */
const shapes: Readonly<Record<Exclude<Outcome, 'word'>, readonly string[]>> = {
  agent: dialling,
  agent_direct: dialling,
  person: dialling,
  transfer_number: dialling,
  transfer_sip: dialling,
  transfer_refused: dialling,
  voicemail: ['Say', 'Record', 'Redirect'],
  message: said,
  voicemail_left: said,
  completed: ['Hangup'],
  caller_hung_up: [],
  refused: ['Reject'],
  confirm_asked: ['Gather', 'Hangup'],
  confirmed: [],
  not_confirmed: ['Hangup'],
  voicemail_delivered: [],
  voicemail_silent: [],
  voicemail_undelivered: [],
};

/** Whether the event says that the caller's own leg has ended. */
const isGone = (event: object): boolean =>
  'CallStatus' in event && /^(completed|busy|failed|no-answer|canceled)$/.test(textOf(event.CallStatus));

/** A word is the owner's, with or without its pause, and the route goes on. */
function expectWord(verbs: readonly Verb[]): void {
  expect(verbs.map(({ name }) => name).join()).toMatch(/^(Say|Play)(,Pause)?,Redirect$/);
  expect(['This call is recorded.', 'https://example.com/hold.mp3']).toContain(verbs[0]?.text);
}

function expectSoundAnswer(invocation: Invocation, env: Env, event: object): void {
  const { callbacks, failed, httpStatus, contentType, verbs, raw, lines } = invocation;
  expect({ callbacks, failed, httpStatus }).toEqual({ callbacks: 1, failed: false, httpStatus: 200 });
  expect(contentType).toBe('text/xml');
  expect(lines).toHaveLength(1);
  const { outcome = 'message' } = lines[0]?.line ?? {};
  if (outcome === 'refused') expect(isRefused(env, event)).toBe(true);
  for (const { name, text } of dialled(verbs)) {
    if (outcome === 'transfer_refused') {
      // A name that never resolves (RFC 6761).
      expect([name, text]).toEqual(['Sip', 'sip:refused@transfer.invalid']);
      continue;
    }
    const [, user = '', host] = /^sip:([^@]+)@([^@:;?]+):\d+(?:[;?][^@]*)?$/.exec(text) ?? [];
    if (name === 'Number') expect(ownNumbers(env, event)).toContain(text);
    // Whoever calls, or diverted the call, is not rung.
    if (name === 'Number') expect(visited(event)).not.toContain(text.slice(-9));
    else expect(ownHosts(env)).toContain(host);
    if (name === 'Sip') expect({ user, own: isOwnUser(user, outcome, event) }).toEqual({ user, own: true });
  }
  // Silence is only for a caller who is gone; everybody else is dialled, hears a sentence, or has talked and is let go.
  const names = verbs.map(({ name }) => name);
  if (outcome === 'word') expectWord(verbs);
  else expect(names).toEqual(shapes[outcome]);
  const logged = JSON.stringify(lines);
  for (const canary of Object.values(canaries)) expect(logged).not.toContain(canary.replace('+', ''));
  const { apiKey, authToken, body } = canaries;
  expect(raw).not.toMatch(new RegExp([apiKey, authToken, body].join('|')));
}

/** The event with its parties, where the bridge's own URL names them. */
function withParties(event: { readonly bridge_called?: unknown; readonly bridge_caller?: unknown }): object {
  const To = typeof event.bridge_called === 'string' ? { To: event.bridge_called } : {};
  const From = typeof event.bridge_caller === 'string' ? { From: event.bridge_caller } : {};
  return { ...event, ...To, ...From };
}

async function respondsSoundly(handler: ServerlessFunctionSignature): Promise<void> {
  const input = fc.record({ env: environment(api.apiUrl), parameters: event, answer: apiAnswer });
  await holds(input, async ({ env, parameters, answer }) => {
    api.answer(answer);
    const invocation = await invoke(handler, env, parameters);
    expectSoundAnswer(invocation, env, handler === inbound ? parameters : withParties(parameters));
    if (!isGone(parameters)) expect(invocation.lines[0]?.line.outcome).not.toBe('caller_hung_up');
  });
}

describe('Any event, in any environment, with any answer of the API', () => {
  test.each([
    ['/inbound', inbound],
    ['/dial-result', dialResult],
    ['/transfer', transfer],
    ['/confirm', confirm],
    ['/voicemail', voicemail],
  ] as const)(
    'gets one callback with TwiML that Twilio knows, dials nothing but what is configured, leaks nothing: %s',
    (_path, handler) => respondsSoundly(handler),
  );
});
