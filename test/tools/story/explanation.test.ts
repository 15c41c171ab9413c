import { type LogLine, outcomes, stepReasons } from '../../../src/assets/log.private';
import { prepareFailures } from '../../../src/assets/synthflow/response.private';
import { explain, parseLine } from '../../../tools/story/explanation';

describe('A log line in words', () => {
  test('says what the caller got, why, and what to do, as the docs do', () => {
    expect(explain({ event: 'inbound', outcome: 'message', reason: 'timeout' })).toEqual({
      what: '/inbound: message, the message, and the end of the call',
      advice: ['timeout: no complete answer within PREPARE_TIMEOUT_MS → see status.synthflow.ai'],
    });
  });

  test('says what to do about the leg that ended', () => {
    const line = { event: 'dial-result', outcome: 'person', reason: 'busy' } as const;

    expect(explain({ ...line, stage: 'agent' }).advice[0]).toMatch(/ → raise the agent's concurrency$/);
    expect(explain({ ...line, stage: 'transfer' })).toEqual({
      what: '/dial-result: person, a person rings; transfer busy: the leg was busy',
      advice: [],
    });
  });

  test('does not take a reason for the outcome of the same name, or a leg for the preparing of the next one', () => {
    const ended = { event: 'dial-result', outcome: 'agent', stage: 'person', httpStatus: 200, attempts: 1 } as const;

    expect(explain({ ...ended, reason: 'not_confirmed' }).what).toMatch(
      /; person not_confirmed: a phone with confirm was answered, .* nobody pressed 1$/,
    );
    expect(explain({ ...ended, outcome: 'message', reason: 'outage' }).advice[0]).toMatch(
      /^outage: .* \(HTTP 200, 1 attempt\) → /,
    );
  });

  test('has the numbers of what went wrong', () => {
    const refused = {
      event: 'inbound',
      outcome: 'message',
      reason: 'unauthorized',
      httpStatus: 401,
      attempts: 1,
    } as const;
    const failed = {
      event: 'dial-result',
      outcome: 'message',
      reason: 'failed',
      stage: 'agent',
      sipStatus: 503,
    } as const;

    expect(explain(refused).advice[0]).toContain(' (HTTP 401, 1 attempt) → ');
    expect(explain(failed).advice[0]).toMatch(/^agent failed: .* \(SIP 503\) → /);
  });

  test.each<[Partial<LogLine>, string]>([
    [{ outcome: 'completed', stage: 'agent', seconds: 43 }, 'the end of the call, after 43 s with the agent'],
    [
      { outcome: 'completed', stage: 'transfer', seconds: 9 },
      'the end of the call, after 9 s with the phone of the transfer',
    ],
    [{ outcome: 'caller_hung_up', stage: 'agent' }, 'the caller hung up while the agent rang'],
    [{ outcome: 'caller_hung_up', stage: 'person', seconds: 7 }, 'the caller hung up after 7 s with the person'],
    [{ outcome: 'caller_hung_up', stage: 'voicemail', seconds: 12 }, 'the caller hung up, with 12 s of voicemail'],
    [{ outcome: 'voicemail_delivered', seconds: 12 }, 'NOTIFY_URL has the voicemail of 12 s'],
  ])('tells of this call: %j', (line, told) => {
    expect(explain({ event: 'dial-result', outcome: 'message', ...line }).what).toBe(
      `/dial-result: ${line.outcome}, ${told}`,
    );
  });

  test('names the phones that ring, where they are known', () => {
    const line = { event: 'inbound', outcome: 'person' } as const;

    expect(explain(line, ['+1…0190']).what).toBe('/inbound: person, +1…0190 rings');
    expect(explain(line, ['+1…0190', '+1…0191']).what).toBe('/inbound: person, +1…0190 and +1…0191 ring at once');
    expect(explain({ ...line, outcome: 'transfer_number' }, ['+1…0190']).what).toMatch(/a transfer: \+1…0190 rings$/);
  });

  test.each(['busy', 'no_answer', 'failed', 'canceled', 'not_connected', 'no_status', 'unknown_status'] as const)(
    "never says what to do about an agent where a person's leg has ended: %s",
    (reason) => {
      for (const stage of ['person', 'transfer'] as const) {
        const { what, advice } = explain({ event: 'dial-result', outcome: 'message', stage, reason });

        expect([what, ...advice].join(' ')).not.toMatch(/agent|Synthflow/);
      }
    },
  );

  test('has the problems of the settings, and an unexpected error', () => {
    const line = { event: 'inbound', outcome: 'message', problems: ['CALLER_ID: expected …'], error: 'TypeError at x' };

    expect(explain({ ...line, event: 'inbound', outcome: 'message' }).advice).toEqual([
      'CALLER_ID: expected …',
      'TypeError at x',
    ]);
  });

  test('has the reason of the step before a word once, unless preparing has failed since', () => {
    const line = { event: 'dial-result', outcome: 'agent', reason: 'busy' } as const;

    expect(explain(line)).toEqual({
      what: '/dial-result: agent, the agent rings, with the prepared call',
      advice: [],
    });
    expect(explain({ ...line, outcome: 'word' }).advice).toEqual([]);
    expect(explain({ ...line, outcome: 'message', reason: 'timeout', attempts: 1 }).advice).toHaveLength(1);
  });

  test('says what a lookup that failed costs', () => {
    const { advice } = explain({ event: 'inbound', outcome: 'agent', lookup: 'timeout' });

    expect(advice).toEqual([
      expect.stringMatching(/^lookup timeout: the agent got the call without what customVariables .* → npm run check$/),
    ]);
  });

  test('says which prompt variables the agent did not get', () => {
    const line = { event: 'inbound', outcome: 'agent', omitted: ['orders'], omittedHeaders: ['plan'] } as const;

    expect(explain(line).advice).toEqual(['not sent to the agent: orders, plan → see omitted in docs/log.md']);
  });

  test('knows every outcome and every reason', () => {
    for (const outcome of outcomes) expect(explain({ event: 'inbound', outcome }).what).not.toContain('undefined');
    for (const reason of [...prepareFailures, ...stepReasons]) {
      const { what, advice } = explain({ event: 'inbound', outcome: 'message', reason });
      expect([what, ...advice].join('\n')).toMatch(new RegExp(`(\\n|; )${reason}: \\S`));
      for (const sentence of advice) expect(sentence).toMatch(/ → \S/);
    }
  });
});

describe('A log message', () => {
  const line = { event: 'inbound', outcome: 'agent' };

  test('of the bridge is a line', () => {
    expect(parseLine(JSON.stringify(line))).toEqual(line);
  });

  const odd = ['{"event":"inbound","outcome":"mine"}', '{"event":"inbound","outcome":"agent","to":{"a":1}}'];

  test.each(['something else', '7', 'null', '{"event":"inbound"}', '{"outcome":"agent"}', ...odd])(
    'of somebody else is none: %s',
    (message) => {
      expect(parseLine(message)).toBeUndefined();
    },
  );
});
