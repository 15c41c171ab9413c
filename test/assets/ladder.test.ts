import {
  afterFailure,
  afterLeg,
  afterPreparing,
  afterRefer,
  type Decision,
  type Ladder,
  type Outcome,
  outcomes,
  visitedNumbers,
} from '../../src/assets/ladder.private';
import { parseCall } from '../../src/assets/twilio/call.private';
import { parseLeg, type Stage } from '../../src/assets/twilio/leg.private';

const person = '+15550100190';
const bare: Ladder = {
  number: undefined,
  voicemail: false,
  directDial: false,
  transferNumbers: [],
  minAgentSeconds: 0,
  visited: [],
};
const full: Ladder = { ...bare, number: person, voicemail: true };
const trunk = { hosts: [{ name: 'sip.example', port: 5060 }], transport: undefined, srtp: false } as const;
const destination = { trunk, number: '+15550100100', ringSeconds: 20, attributes: {} };

describe('A leg that has ended', () => {
  test.each([
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'failed'],
    ['canceled', 'canceled'],
    ['completed', 'not_connected'],
    ['', 'no_status'],
    ['complete', 'unknown_status'],
  ])('with the status %j was not a conversation, with the reason %s', (DialCallStatus, reason) => {
    expect(afterLeg('agent', parseLeg({ DialCallStatus }), bare)).toEqual({ outcome: 'message', reason });
  });

  test.each([
    [{ DialBridged: 'true' }, 'completed'],
    [{ DialBridged: 'false' }, 'message'],
    [{}, 'message'],
    [{ DialCallDuration: '0', DialBridged: 'true' }, 'message'],
    [{ DialCallDuration: '1' }, 'completed'],
    [{ DialCallDuration: '1', DialBridged: 'false' }, 'message'],
  ])('as completed, with %j, goes on with %s: Twilio leaves the duration out after a redirect', (sent, outcome) => {
    const leg = parseLeg({ DialCallStatus: 'completed', ...sent });

    expect(afterLeg('agent', leg, bare)).toMatchObject({ outcome });
    expect(afterLeg('agent', leg, { ...bare, minAgentSeconds: 1 })).toMatchObject({ outcome });
  });

  test('too soon was not a conversation with the agent, with the reason too_short', () => {
    const leg = parseLeg({ DialCallStatus: 'completed', DialCallDuration: '4' });

    expect(afterLeg('agent', leg, { ...full, minAgentSeconds: 5 })).toMatchObject({ reason: 'too_short' });
    expect(afterLeg('agent', leg, { ...full, minAgentSeconds: 4 })).toEqual({ outcome: 'completed' });
    expect(afterLeg('number', leg, { ...full, minAgentSeconds: 5 })).toEqual({ outcome: 'completed' });
  });
});

describe('The ladder', () => {
  const nextStage: Partial<Record<Outcome, Stage>> = {
    agent: 'agent',
    agent_direct: 'agent',
    transfer_number: 'transfer',
    transfer_sip: 'transfer',
    transfer_refused: 'transfer',
    fallback_number: 'number',
    voicemail: 'voicemail',
  };
  const failing = parseLeg({ CallStatus: 'in-progress', DialCallStatus: 'failed' });

  /** What a caller meets who stays while everything fails. */
  function walk(first: Decision, ladder: Ladder): Outcome[] {
    const met: Decision[] = [first];
    for (let stage = nextStage[first.outcome]; stage !== undefined && met.length < 10; ) {
      const next = afterLeg(stage, failing, ladder);
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
    expect(walk(afterPreparing(prepared, destination, ladder), ladder)).toEqual(met);
  });

  test('goes on after the agent when a refused transfer finds no agent any more', () => {
    const refused = afterRefer({ kind: 'malformed' }, full);

    expect(walk(refused, full)).toEqual(['transfer_refused', 'fallback_number', 'voicemail', 'voicemail_left']);
  });

  const failures = [
    ['agent', { outcome: 'fallback_number', number: person, reason: 'unexpected' }],
    ['number', { outcome: 'voicemail', reason: 'unexpected' }],
    ['voicemail', { outcome: 'voicemail_left' }],
  ] as const;
  test('never comes back to the agent and never rings anybody twice, wherever it starts', () => {
    const ladders = [full, { ...full, voicemail: false }, { ...full, number: undefined }, bare];
    for (const [ladder, lastTried] of ladders.flatMap((one) =>
      failures.map(([lastTried]) => [one, lastTried] as const),
    )) {
      const met = walk(afterFailure('unexpected', lastTried, ladder), ladder);

      expect(met).not.toContain('agent');
      expect(new Set(met).size).toBe(met.length);
      expect(['message', 'voicemail_left']).toContain(met.at(-1));
    }
  });

  test.each(failures)(
    'after a failure, with the %s as the last step tried, goes on to the next',
    (lastTried, decision) => {
      expect(afterFailure('unexpected', lastTried, full)).toEqual(decision);
    },
  );
});

describe('After preparing', () => {
  test('a prepared call dials the agent with its id', () => {
    const result = { prepared: true, synthflowCallId: 'id', httpStatus: 200 } as const;

    expect(afterPreparing(result, destination, full)).toEqual({
      outcome: 'agent',
      destination,
      synthflowCallId: 'id',
    });
  });

  test('a failure goes to the next step', () => {
    const result = { prepared: false, reason: 'timeout' } as const;

    expect(afterPreparing(result, destination, full)).toEqual({
      outcome: 'fallback_number',
      number: person,
      reason: 'timeout',
    });
  });

  test.each(['timeout', 'unreachable', 'rate_limited', 'rejected', 'server_error', 'malformed'] as const)(
    'the reason %s dials the trunk directly, where DIRECT_DIAL allows it',
    (reason) => {
      const result = { prepared: false, reason } as const;

      expect(afterPreparing(result, destination, { ...full, directDial: true })).toEqual({
        outcome: 'agent_direct',
        destination,
        reason,
      });
      expect(afterPreparing(result, destination, full)).toMatchObject({ outcome: 'fallback_number' });
    },
  );

  test.each(['outage', 'unauthorized'] as const)('the reason %s never dials the trunk directly', (reason) => {
    const result = { prepared: false, reason } as const;

    expect(afterPreparing(result, destination, { ...full, directDial: true })).toMatchObject({
      outcome: 'fallback_number',
      reason,
    });
  });
});

describe('A transfer', () => {
  const ladder: Ladder = { ...full, transferNumbers: ['+15550100191', '+15550100192'] };

  test.each(['+15550100192', '15550100192'])('to the allowed number %s rings it as it is configured', (number) => {
    expect(afterRefer({ kind: 'number', number }, ladder)).toEqual({
      outcome: 'transfer_number',
      number: '+15550100192',
      stage: 'transfer',
    });
  });

  test('to the fallback number counts as that step, so that the phone does not ring again', () => {
    expect(afterRefer({ kind: 'number', number: person }, ladder)).toEqual({
      outcome: 'transfer_number',
      number: person,
      stage: 'number',
    });
  });

  test('back to Synthflow is dialled there', () => {
    expect(afterRefer({ kind: 'synthflow', sipUri: 'sip:x@sip.example' }, bare)).toEqual({
      outcome: 'transfer_sip',
      sipUri: 'sip:x@sip.example',
    });
  });

  test.each([
    [{ kind: 'number', number: '+19005550100' }, 'number_not_allowed'],
    [{ kind: 'foreign' }, 'host_not_allowed'],
    [{ kind: 'malformed' }, 'target_malformed'],
  ] as const)('to %j is refused, and rings nobody: the agent is still there', (target, reason) => {
    expect(afterRefer(target, ladder)).toEqual({ outcome: 'transfer_refused', reason });
    expect(afterRefer(target, bare)).toEqual({ outcome: 'transfer_refused', reason });
  });

  test.each(['+15550100191', '15550100191', person])('to %s, where the call has been, is refused', (number) => {
    const visited = ['15550100191', '15550100190'];

    expect(afterRefer({ kind: 'number', number }, { ...ladder, visited })).toEqual({
      outcome: 'transfer_refused',
      reason: 'number_visited',
    });
  });

  test('whose function fails is refused: the agent is still there', () => {
    expect(afterFailure('unexpected', 'transfer', full)).toEqual({ outcome: 'transfer_refused', reason: 'unexpected' });
  });
});

describe('A call that has been at the fallback number', () => {
  test.each([
    [{ From: person }, ['15550100190']],
    [{ From: 'sip:+15550100190@pbx.example', ForwardedFrom: '+15550100155' }, ['15550100190', '15550100155']],
    [{ From: 'whatsapp:+15550100190', ForwardedFrom: 'sip:15550100155@pbx.example' }, ['15550100190', '15550100155']],
    [{ From: 'anonymous', ForwardedFrom: 'client:a' }, []],
    [{}, []],
  ])('says so in %j', (parameters, visited) => {
    expect(visitedNumbers(parseCall(parameters))).toEqual(visited);
  });

  test('does not ring it, since its phone would be busy or divert the call again', () => {
    const ladder = { ...full, visited: ['15550100190'] };

    expect(afterFailure('outage', 'agent', ladder)).toEqual({
      outcome: 'voicemail',
      reason: 'outage',
      skipped: 'fallback_number',
    });
    expect(afterFailure('outage', 'agent', { ...ladder, voicemail: false })).toEqual({
      outcome: 'message',
      reason: 'outage',
      skipped: 'fallback_number',
    });
    expect(afterFailure('outage', 'agent', { ...ladder, visited: ['15550100191'] })).toMatchObject({ number: person });
  });
});

test('The outcomes are a closed set without repetition', () => {
  expect(new Set(outcomes).size).toBe(outcomes.length);
});
