import { outcomes, stepReasons } from '../../../src/assets/log.private';
import { prepareFailures } from '../../../src/assets/synthflow/response.private';
import { explain, parseLine } from '../../../tools/story/explanation';

describe('A log line in words', () => {
  test('says what the caller got, why, and what to do, as docs/log.md does', () => {
    expect(explain({ event: 'inbound', outcome: 'message', reason: 'timeout' })).toEqual({
      what: '/inbound: message, the message, and the end of the call',
      advice: ['timeout: no complete answer within PREPARE_TIMEOUT_MS → see status.synthflow.ai'],
    });
  });

  test('says what to do about the leg that ended', () => {
    const line = { event: 'dial-result', outcome: 'person', reason: 'busy' } as const;

    expect(explain({ ...line, stage: 'agent' }).advice[0]).toMatch(/ → raise the agent's concurrency$/);
    expect(explain({ ...line, stage: 'transfer' }).advice[0]).toMatch(/ → the person was on the phone$/);
  });

  test('has the problems of the settings, and an unexpected error', () => {
    const line = { event: 'inbound', outcome: 'message', problems: ['CALLER_ID: expected …'], error: 'TypeError at x' };

    expect(explain({ ...line, event: 'inbound', outcome: 'message' }).advice).toEqual([
      'CALLER_ID: expected …',
      'TypeError at x',
    ]);
  });

  test('says what a lookup that failed costs', () => {
    const { advice } = explain({ event: 'inbound', outcome: 'agent', lookup: 'timeout' });

    expect(advice).toEqual([
      expect.stringMatching(/^lookup timeout: the agent got the call without what customVariables .* → npm run check$/),
    ]);
  });

  test('knows every outcome and every reason', () => {
    for (const outcome of outcomes) expect(explain({ event: 'inbound', outcome }).what).not.toContain('undefined');
    for (const reason of [...prepareFailures, ...stepReasons]) {
      expect(explain({ event: 'inbound', outcome: 'message', reason }).advice).toEqual([
        expect.stringMatching(new RegExp(`^${reason}: \\S.* → \\S`)),
      ]);
    }
  });
});

describe('A log message', () => {
  const line = { event: 'inbound', outcome: 'agent' };

  test('of the bridge is a line', () => {
    expect(parseLine(JSON.stringify(line))).toEqual(line);
  });

  test.each(['something else', '7', 'null', '{"event":"inbound"}', '{"outcome":"agent"}'])(
    'of somebody else is none: %s',
    (message) => {
      expect(parseLine(message)).toBeUndefined();
    },
  );
});
