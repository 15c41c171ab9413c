import type { Decision, Ladder, Outcome, Stage } from '../../src/assets/ladder.private';
import type { ReferTarget } from '../../src/assets/target.private';
import { parseTwiml } from '../../tools/lab/twiml';

const { decide, outcomes }: typeof import('../../src/assets/ladder.private') = require(
  Runtime.getAssets()['/ladder.js'].path,
);
const { parseLeg, parseStage }: typeof import('../../src/assets/leg.private') = require(
  Runtime.getAssets()['/leg.js'].path,
);
const { render }: typeof import('../../src/assets/twiml.private') = require(Runtime.getAssets()['/twiml.js'].path);

const person = '+15550100190';
const bare: Ladder = {
  number: undefined,
  voicemail: false,
  directDial: false,
  transferNumbers: [],
  minAgentSeconds: 0,
};
const full: Ladder = { ...bare, number: person, voicemail: true };
const speech = { message: 'Sorry.', closing: 'Goodbye.', language: undefined, voice: undefined };
const call = { callSid: undefined, from: '+15550100142', to: '+15550100100', forwardedFrom: undefined, parameters: {} };
const trunk = { hosts: ['sip.example'], port: 5060, transport: undefined, srtp: false } as const;
const destination = { trunk, number: '+15550100100', ringSeconds: 20, attributes: {} };

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
  const seconds = Number(given.DialCallDuration ?? 0);
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
  return decide(
    { stage: parseStage(parameters), leg: parseLeg(parameters) },
    { ...bare, number, voicemail, minAgentSeconds },
  );
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
      (decision) => parseTwiml(render(decision, speech, call)).length === 0,
    );

    expect(silent).toEqual([{ outcome: 'caller_hung_up' }]);
  });

  test('is answered with an empty response when gone', () => {
    expect(parseTwiml(render({ outcome: 'caller_hung_up' }, speech, call))).toEqual([]);
  });

  test.each([
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'failed'],
    ['canceled', 'canceled'],
    ['completed', 'not_connected'],
    ['', 'no_status'],
    ['complete', 'unknown_status'],
  ])('is told apart by the reason: %j is %s', (DialCallStatus, reason) => {
    expect(decide({ stage: 'agent', leg: parseLeg({ DialCallStatus }) }, bare)).toEqual({ outcome: 'message', reason });
  });

  test('who left the agent too soon goes on, with the reason too_short', () => {
    const leg = parseLeg({ DialCallStatus: 'completed', DialCallDuration: '4' });

    expect(decide({ stage: 'agent', leg }, { ...full, minAgentSeconds: 5 })).toMatchObject({ reason: 'too_short' });
    expect(decide({ stage: 'agent', leg }, { ...full, minAgentSeconds: 4 })).toEqual({ outcome: 'completed' });
    expect(decide({ stage: 'number', leg }, { ...full, minAgentSeconds: 5 })).toEqual({ outcome: 'completed' });
  });
});

describe('The ladder', () => {
  const nextStage: Partial<Record<Outcome, Stage>> = {
    agent: 'agent',
    agent_direct: 'agent',
    transfer_number: 'transfer',
    transfer_sip: 'transfer',
    fallback_number: 'number',
    voicemail: 'voicemail',
  };
  const failing = parseLeg({ CallStatus: 'in-progress', DialCallStatus: 'failed' });

  /** What a caller meets who stays while everything fails. */
  function walk(first: Decision, ladder: Ladder): Outcome[] {
    const met: Decision[] = [first];
    for (let stage = nextStage[first.outcome]; stage !== undefined && met.length < 10; ) {
      const next = decide({ stage, leg: failing }, ladder);
      met.push(next);
      stage = nextStage[next.outcome];
    }
    return met.map(({ outcome }) => outcome);
  }

  const prepared = { prepared: true, synthflowCallId: 'id', httpStatus: 200 } as const;
  test.each([
    [full, ['agent', 'fallback_number', 'voicemail', 'voicemail_left']],
    [{ ...full, voicemail: false }, ['agent', 'fallback_number', 'message']],
    [{ ...full, number: undefined }, ['agent', 'voicemail', 'voicemail_left']],
    [bare, ['agent', 'message']],
  ])('passes over what is not configured and ends: %j', (ladder, met) => {
    expect(walk(decide({ verdict: prepared, destination }, ladder), ladder)).toEqual(met);
  });

  test('never comes back to the agent and never rings anybody twice, wherever it starts', () => {
    const starts = combinations<{ ladder: Ladder; mayHaveRung: boolean }>({
      ladder: [full, { ...full, voicemail: false }, { ...full, number: undefined }, bare],
      mayHaveRung: [false, true],
    });
    for (const { ladder, mayHaveRung } of starts) {
      const met = walk(decide({ failure: 'unexpected', mayHaveRung }, ladder), ladder);

      expect(met).not.toContain('agent');
      expect(new Set(met).size).toBe(met.length);
      expect(['message', 'voicemail_left']).toContain(met.at(-1));
    }
  });

  test.each([
    [false, 'fallback_number'],
    [true, 'voicemail'],
  ])('rings nobody who may have been rung already (%p)', (mayHaveRung, outcome) => {
    expect(decide({ failure: 'unexpected', mayHaveRung }, full)).toMatchObject({ outcome, reason: 'unexpected' });
  });
});

describe('After preparing', () => {
  test('a prepared call dials the agent with its id', () => {
    const verdict = { prepared: true, synthflowCallId: 'id', httpStatus: 200 } as const;

    expect(decide({ verdict, destination }, full)).toEqual({
      outcome: 'agent',
      destination,
      synthflowCallId: 'id',
    });
  });

  test('a failure goes to the next rung', () => {
    const verdict = { prepared: false, reason: 'timeout' } as const;

    expect(decide({ verdict, destination }, full)).toEqual({
      outcome: 'fallback_number',
      number: person,
      reason: 'timeout',
    });
  });

  test.each(['timeout', 'unreachable', 'rate_limited', 'rejected', 'server_error', 'malformed'] as const)(
    'the reason %s dials the trunk directly, where DIRECT_DIAL allows it',
    (reason) => {
      const known = { verdict: { prepared: false, reason }, destination } as const;

      expect(decide(known, { ...full, directDial: true })).toEqual({ outcome: 'agent_direct', destination, reason });
      expect(decide(known, full)).toMatchObject({ outcome: 'fallback_number' });
    },
  );

  test.each(['outage', 'unauthorized', 'misconfigured'] as const)(
    'the reason %s never dials the trunk directly',
    (reason) => {
      const known = { verdict: { prepared: false, reason }, destination } as const;

      expect(decide(known, { ...full, directDial: true })).toMatchObject({ outcome: 'fallback_number', reason });
    },
  );
});

describe('A transfer', () => {
  const to = (target: ReferTarget, callerGone = false) => ({ target, callerGone });
  const ladder: Ladder = { ...full, transferNumbers: ['+15550100191', '+15550100192'] };

  test.each(['+15550100192', '15550100192'])('to the allowed number %s rings it as it is configured', (number) => {
    expect(decide(to({ kind: 'number', number }), ladder)).toEqual({
      outcome: 'transfer_number',
      number: '+15550100192',
      stage: 'transfer',
    });
  });

  test('to the fallback number counts as that rung, so that it is not rung again', () => {
    expect(decide(to({ kind: 'number', number: person }), ladder)).toEqual({
      outcome: 'transfer_number',
      number: person,
      stage: 'number',
    });
  });

  test('back to Synthflow is dialled there', () => {
    expect(decide(to({ kind: 'synthflow', sipUri: 'sip:x@sip.example' }), bare)).toEqual({
      outcome: 'transfer_sip',
      sipUri: 'sip:x@sip.example',
    });
  });

  test.each([
    [{ kind: 'number', number: '+19005550100' }, 'number_not_allowed'],
    [{ kind: 'foreign' }, 'host_not_allowed'],
    [{ kind: 'malformed' }, 'target_malformed'],
  ] as const)('to %j is refused, and the caller goes on to the ladder', (target, reason) => {
    expect(decide(to(target), ladder)).toEqual({ outcome: 'fallback_number', number: person, reason });
    expect(decide(to(target), bare)).toEqual({ outcome: 'message', reason });
  });

  test('of a caller who is gone does nothing', () => {
    expect(decide(to({ kind: 'number', number: '+15550100191' }, true), ladder)).toEqual({ outcome: 'caller_hung_up' });
  });
});

test('The outcomes are a closed set without repetition', () => {
  expect(new Set(outcomes).size).toBe(outcomes.length);
});
