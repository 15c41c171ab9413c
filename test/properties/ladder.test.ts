import { parseTwiml } from '../../lab/twilio/twiml';
import { afterLeg, type Decision, type Outcome } from '../../src/assets/ladder.private';
import { parseCall } from '../../src/assets/twilio/call.private';
import { parseLeg, parseStage } from '../../src/assets/twilio/leg.private';
import { render } from '../../src/assets/twilio/twiml.private';

const person = '+15550100190';
const speech = { message: 'Sorry.', closing: 'Goodbye.', language: undefined, voice: undefined };
const settings = { speech, callerId: undefined };
const call = parseCall({ From: '+15550100142', To: '+15550100100' });

/** Every combination of these, as objects. */
function combinations<T extends object>(choices: { readonly [K in keyof T]: readonly T[K][] }): T[] {
  return (Object.keys(choices) as (keyof T)[]).reduce<object[]>(
    (all, key) => all.flatMap((known) => choices[key].map((value) => ({ ...known, [key]: value }))),
    [{}],
  ) as T[];
}

interface Case {
  stage: string | undefined;
  DialCallStatus: string | undefined;
  CallStatus: string | undefined;
  DialCallDuration: string | undefined;
  DialBridged: string | undefined;
  number: string | undefined;
  voicemail: boolean;
  minAgentSeconds: number;
}

const cases = combinations<Case>({
  stage: ['agent', 'transfer', 'number', 'voicemail', undefined],
  DialCallStatus: ['completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled', '', 'complete', undefined],
  CallStatus: ['ringing', undefined, 'completed'],
  DialCallDuration: ['0', '2', '30', undefined],
  DialBridged: ['true', 'false', undefined],
  number: [person, undefined],
  voicemail: [true, false],
  minAgentSeconds: [0, 5],
});

/** The rules of the README, written a second time: what a caller may expect once a leg has ended. */
function expected(given: Case): Outcome {
  const gone = ['completed', 'busy', 'failed', 'no-answer', 'canceled'].includes(given.CallStatus ?? '');
  if (gone) return 'caller_hung_up';
  if (given.stage === 'voicemail') return 'voicemail_left';
  // Without a duration, only DialBridged shows that somebody was heard.
  const seconds = Number(given.DialCallDuration ?? (given.DialBridged === 'true' ? Number.POSITIVE_INFINITY : 0));
  const talked =
    ['completed', 'answered'].includes(given.DialCallStatus ?? '') && seconds > 0 && given.DialBridged !== 'false';
  if (talked && !(given.stage === 'agent' && seconds < given.minAgentSeconds)) return 'completed';
  const numberIsNext = given.stage === 'agent' || given.stage === 'transfer';
  if (numberIsNext && given.number !== undefined) return 'fallback_number';
  return given.voicemail ? 'voicemail' : 'message';
}

function decideCase({ number, voicemail, minAgentSeconds, ...sent }: Case): Decision {
  const parameters = Object.fromEntries(
    Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const ladder = { number, voicemail, minAgentSeconds, directDial: false, transferNumbers: [], visited: [] };
  return afterLeg(parseStage(parameters), parseLeg(parameters), ladder);
}

describe('Once a leg has ended, the caller', () => {
  test(`gets the documented outcome in each of ${cases.length} combinations`, () => {
    const wrong = cases.find((given) => decideCase(given).outcome !== expected(given));

    expect(cases.length).toBe(5 * 9 * 3 * 4 * 3 * 2 * 2 * 2);
    expect(wrong).toBeUndefined();
  });

  test('is never answered with an empty response while still there', () => {
    const decisions = new Map(cases.map(decideCase).map((decision) => [JSON.stringify(decision), decision]));
    const silent = [...decisions.values()].filter(
      (decision) => parseTwiml(render(decision, settings, call)).length === 0,
    );

    expect(silent).toEqual([{ outcome: 'caller_hung_up' }]);
  });

  test('is answered with an empty response when gone', () => {
    expect(parseTwiml(render({ outcome: 'caller_hung_up' }, settings, call))).toEqual([]);
  });
});
