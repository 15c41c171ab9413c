import type { ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import fc from 'fast-check';
import type { Outcome } from '../../src/assets/ladder.private';
import { handler as dialResult } from '../../src/functions/dial-result.protected';
import { handler as inbound } from '../../src/functions/inbound.protected';
import { handler as transfer } from '../../src/functions/transfer.protected';
import { schemaWarnings } from '../../tools/lab/schema';
import type { Verb } from '../../tools/lab/twiml';
import { numbers } from '../fixtures/numbers';
import { type Invocation, invoke } from '../setup/invoke';
import { holds } from '../setup/property';
import { type RawApi, startRawApi } from '../setup/raw-api';
import { apiAnswer, canaries, environment, event } from './arbitraries';

jest.setTimeout(300_000);

let api: RawApi;
beforeAll(async () => {
  api = await startRawApi();
});
afterAll(() => api.stop());

type Env = Readonly<Record<string, unknown>>;

/** A value as text; anything that is no text counts as absent, as in the environment and in a request. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The phone numbers that the owner wrote down, in the environment or in the number table. */
function ownNumbers(env: Env): readonly string[] {
  const table = Object.values(numbers).flatMap(({ fallback, transferNumbers }) => [
    fallback?.number ?? '',
    ...(transferNumbers ?? []),
  ]);
  return [textOf(env.FALLBACK_NUMBER), ...textOf(env.TRANSFER_NUMBERS).split(','), ...table].map((one) => one.trim());
}

/** The SIP hosts that the owner chose, or the regions' documented ones. */
function ownHosts(env: Env): readonly string[] {
  const regions = ['sipin.synthflow.ai', 'sip.synthflow.ai', 'sip.us.synthflow.ai', 'sip.eu.synthflow.ai'];
  return [textOf(env.SYNTHFLOW_SIP_TERMINATION).trim().replace(/:\d+$/, '').toLowerCase(), ...regions];
}

/** What TwiML would dial, all of it. */
const dialled = (verbs: readonly Verb[]): readonly Verb[] =>
  verbs.filter(({ name }) => name === 'Dial').flatMap((dial) => (dial.children.length > 0 ? dial.children : [dial]));

const said = ['Say', 'Hangup'];
const dialling = ['Dial'];

/** The verbs of each outcome, by the README. */
const shapes: Readonly<Record<Outcome, readonly string[]>> = {
  agent: dialling,
  agent_direct: dialling,
  fallback_number: dialling,
  transfer_number: dialling,
  transfer_sip: dialling,
  voicemail: ['Say', 'Record', 'Say', 'Hangup'],
  message: said,
  voicemail_left: said,
  completed: ['Hangup'],
  caller_hung_up: [],
};

/** Whether the event says that the caller's own leg has ended. */
const isGone = (event: object): boolean =>
  'CallStatus' in event && /^(completed|busy|failed|no-answer|canceled)$/.test(textOf(event.CallStatus));

function expectSoundAnswer({ callbacks, httpStatus, contentType, verbs, lines }: Invocation, env: Env): void {
  expect({ callbacks, httpStatus, contentType }).toEqual({ callbacks: 1, httpStatus: 200, contentType: 'text/xml' });
  expect(schemaWarnings(verbs)).toEqual([]);
  for (const { name, text } of dialled(verbs)) {
    if (name === 'Number') expect(ownNumbers(env)).toContain(text);
    else expect(ownHosts(env)).toContain(/^sip:[^@]+@([^@:;?]+):\d+(?:[;?][^@]*)?$/.exec(text)?.[1]);
  }
  expect(lines).toHaveLength(1);
  // Silence is only for a caller who is gone; everybody else is dialled, hears a sentence, or has talked and is let go.
  const outcome = lines[0]?.line.outcome;
  expect(verbs.map(({ name }) => name)).toEqual(shapes[outcome ?? 'message']);
  const logged = JSON.stringify(lines);
  for (const canary of Object.values(canaries)) expect(logged).not.toContain(canary.replace('+', ''));
  const { apiKey, authToken, body } = canaries;
  expect(JSON.stringify(verbs)).not.toMatch(new RegExp([apiKey, authToken, body].join('|')));
}

async function respondsSoundly(handler: ServerlessFunctionSignature): Promise<void> {
  const input = fc.record({ env: environment(api.apiUrl), parameters: event, answer: apiAnswer });
  await holds(input, async ({ env, parameters, answer }) => {
    api.answer(answer);
    const invocation = await invoke(handler, env, parameters);
    expectSoundAnswer(invocation, env);
    if (!isGone(parameters)) expect(invocation.lines[0]?.line.outcome).not.toBe('caller_hung_up');
  });
}

describe('Any event, in any environment, with any answer of the API', () => {
  test.each([
    ['/inbound', inbound],
    ['/dial-result', dialResult],
    ['/transfer', transfer],
  ] as const)(
    'gets one callback with TwiML that Twilio knows, dials nothing but what is configured, leaks nothing: %s',
    (_path, handler) => respondsSoundly(handler),
  );
});
