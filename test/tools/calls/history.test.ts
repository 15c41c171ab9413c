import type { LogLine } from '../../../src/assets/log.private';
import {
  formatCalls,
  formatShare,
  formatTotals,
  groupCalls,
  hasAgentShare,
  lostCalls,
  parsePercentage,
  parseSince,
  type Reached,
  totalsByNumber,
  totalsOf,
} from '../../../tools/calls/history';
import type { TimedLine } from '../../../tools/twilio/deployment';
import type { Leg } from '../../../tools/twilio/recorded-leg';
import { agentLeg, callerLeg, second } from '../../setup/records';

const at = (minute: number, line: Partial<LogLine>): TimedLine => ({
  time: new Date(Date.UTC(2026, 0, 2, 3, minute)),
  line: { event: 'inbound', outcome: 'agent', callSid: 'CA1', ...line },
});
const leg = (minute: number, line: Partial<LogLine>): TimedLine =>
  at(minute, { event: 'dial-result', stage: 'agent', ...line });
const reached = (...lines: readonly TimedLine[]) => groupCalls(lines).map((call) => call.reached);

describe('A caller', () => {
  test.each<{ case: string; line: TimedLine }>([
    { case: "the agent's leg was a conversation", line: leg(2, { outcome: 'completed', seconds: 40 }) },
    { case: 'the caller hung up after talking', line: leg(2, { outcome: 'caller_hung_up', seconds: 1 }) },
    { case: 'the agent asked for a transfer', line: at(2, { event: 'transfer', outcome: 'message' }) },
  ])('reached the agent when $case', ({ line }) => {
    expect(reached(at(1, {}), line)).toEqual(['agent']);
  });

  test.each<{ case: string; lines: readonly TimedLine[] }>([
    { case: 'got the message', lines: [at(1, { outcome: 'message', missedAgent: true })] },
    {
      case: 'was left by the agent too soon',
      lines: [at(1, {}), leg(2, { outcome: 'person', missedAgent: true, reason: 'too_short', seconds: 2 })],
    },
    { case: 'got a person after the agent', lines: [at(1, {}), leg(2, { outcome: 'person', missedAgent: true })] },
    {
      case: 'talked to a person instead',
      lines: [
        at(1, { outcome: 'person', missedAgent: true }),
        leg(2, { stage: 'person', outcome: 'completed', seconds: 40 }),
      ],
    },
    {
      case: 'hung up on a person instead',
      lines: [
        at(1, { outcome: 'person', missedAgent: true }),
        leg(2, { stage: 'person', outcome: 'caller_hung_up', seconds: 40 }),
      ],
    },
  ])('did not reach the agent who $case', ({ lines }) => {
    expect(reached(...lines)).toEqual(['not the agent']);
  });

  test("isn't judged by lines about a person's leg or a recording", () => {
    const rings = at(1, { outcome: 'person' });
    const asked = at(2, { event: 'confirm', outcome: 'confirm_asked' });
    const talked = leg(3, { stage: 'person', outcome: 'completed', seconds: 40 });
    const missed = at(1, { outcome: 'voicemail', missedAgent: true });
    const heard = at(4, { event: 'voicemail', outcome: 'voicemail_delivered', seconds: 8 });

    expect(reached(rings, asked)).toEqual(['open']);
    // The line in between was lost.
    expect(reached(at(1, {}), heard)).toEqual(['open']);
    expect(reached(rings, asked, talked)).toEqual(['elsewhere']);
    expect(reached(missed, heard)).toEqual(['not the agent']);
    expect(reached(at(1, {}), leg(2, { outcome: 'completed', seconds: 9 }), heard)).toEqual(['agent']);
  });

  test('who hung up while it rang counts as neither', () => {
    expect(reached(at(1, {}), leg(2, { outcome: 'caller_hung_up', seconds: 0 }))).toEqual(['hung up']);
    expect(reached(at(1, {}), leg(2, { outcome: 'caller_hung_up' }))).toEqual(['hung up']);
    expect(reached(at(1, { outcome: 'caller_hung_up' }))).toEqual(['hung up']);
    expect(
      reached(
        at(1, { outcome: 'message', missedAgent: true }),
        leg(2, { stage: 'voicemail', outcome: 'caller_hung_up' }),
      ),
    ).toEqual(['not the agent']);
  });

  test.each(['agent', 'agent_direct'] as const)('for whom it rings (%s) is still open', (outcome) => {
    expect(reached(at(1, { outcome }))).toEqual(['open']);
  });
});

describe('Calls', () => {
  test('are grouped by CallSid and sorted by time, the newest first', () => {
    const calls = groupCalls([
      leg(3, { outcome: 'completed', seconds: 9 }),
      at(1, {}),
      at(2, { callSid: 'CA2' }),
      at(4, { callSid: undefined }),
      at(5, { callSid: undefined }),
    ]);

    expect(calls.map(({ callSid, time, lines }) => [callSid, time.getUTCMinutes(), lines.length])).toEqual([
      ['unknown 4', 5, 1],
      ['unknown 3', 4, 1],
      ['CA2', 2, 1],
      ['CA1', 1, 2],
    ]);
    expect(calls[3]?.lines.map(({ line }) => line.event)).toEqual(['inbound', 'dial-result']);
  });

  test.each<{ case: string; lines: readonly TimedLine[]; result: Reached }>([
    {
      case: 'a person answers first',
      lines: [at(1, { outcome: 'person' }), leg(2, { stage: 'person', outcome: 'completed', seconds: 40 })],
      result: 'elsewhere',
    },
    {
      case: 'the caller hangs up on such a person',
      lines: [at(1, { outcome: 'person' }), leg(2, { stage: 'person', outcome: 'caller_hung_up', seconds: 40 })],
      result: 'elsewhere',
    },
    {
      case: 'the caller hangs up while such a person rings',
      lines: [at(1, { outcome: 'person' }), leg(2, { stage: 'person', outcome: 'caller_hung_up', seconds: 0 })],
      result: 'hung up',
    },
    { case: 'such a person still rings', lines: [at(1, { outcome: 'person' })], result: 'open' },
    {
      case: 'a person rings instead of an agent',
      lines: [at(1, { outcome: 'person', missedAgent: true })],
      result: 'not the agent',
    },
    {
      case: 'the agent rings a second time',
      lines: [at(1, {}), leg(2, { outcome: 'agent', missedAgent: true })],
      result: 'open',
    },
    { case: 'no agent is in the route', lines: [at(1, { outcome: 'voicemail' })], result: 'elsewhere' },
    {
      case: 'a second agent talks',
      lines: [at(1, {}), leg(2, { outcome: 'agent', missedAgent: true }), leg(3, { outcome: 'completed', seconds: 9 })],
      result: 'agent',
    },
  ])('counts as $result when $case', ({ lines, result }) => {
    expect(reached(...lines)).toEqual([result]);
  });

  test('who was refused counts as neither, also when Twilio asked twice', () => {
    const [call] = groupCalls([at(1, { outcome: 'refused' }), at(2, { outcome: 'message' })]);

    expect(call?.reached).toBe('refused');
  });

  test('are counted, with the share of those who reached the agent among those who could', () => {
    const calls = groupCalls([
      at(1, { event: 'transfer' }),
      at(2, { callSid: 'CA2', outcome: 'message', missedAgent: true }),
      at(3, { callSid: 'CA3', outcome: 'message', missedAgent: true }),
      at(4, { callSid: 'CA4', outcome: 'voicemail', missedAgent: true }),
      at(9, { callSid: 'CA9', outcome: 'voicemail' }),
      at(5, { callSid: 'CA5' }),
      leg(6, { callSid: 'CA6', outcome: 'caller_hung_up' }),
      at(7, { callSid: 'CA7', outcome: 'refused' }),
      at(8, { callSid: 'CA8', outcome: 'refused' }),
    ]);

    const counts = { calls: 9, agent: 1, notTheAgent: 3, elsewhere: 1, hungUp: 1, refused: 2, open: 1 };
    expect(totalsOf(calls)).toMatchObject({ ...counts, agentShare: 0.25 });
    expect(totalsOf([])).toMatchObject({ calls: 0, agentShare: undefined });
  });

  test('are shown in aligned columns, with the first reason, the last outcome and the totals', () => {
    const calls = groupCalls([
      at(1, { from: '…0142', to: '…0100', prepareMs: 210 }),
      leg(2, { outcome: 'person', missedAgent: true, reason: 'busy' }),
      leg(3, { stage: 'person', outcome: 'voicemail', missedAgent: true, reason: 'no_answer' }),
      at(4, { callSid: 'CA2' }),
    ]);

    expect(formatCalls(calls)).toBe(
      [
        'time                 caller  called  reached        last outcome  reason  prepare  ring  talk  call',
        '2026-01-02 03:04:00                  open           agent                                      CA2',
        '2026-01-02 03:01:00  …0142   …0100   not the agent  voicemail     busy    210 ms               CA1',
      ].join('\n'),
    );
  });

  test('are added up, also by number, with waiting times if known', () => {
    const prepared = (minute: number, callSid: string, to: string, prepareMs: number) =>
      at(minute, { callSid, to, prepareMs, outcome: 'message', missedAgent: true });
    const calls = groupCalls([
      prepared(1, 'CA1', '…0100', 100),
      prepared(2, 'CA2', '…0100', 300),
      prepared(3, 'CA3', '…0100', 200),
      prepared(4, 'CA4', '…0101', 4000),
      at(5, { callSid: 'CA5', outcome: 'message', missedAgent: true }),
    ]);

    expect(formatTotals(totalsOf(calls), totalsByNumber(calls))).toBe(
      [
        '5 calls: 0 with the agent, 5 without, 0 elsewhere, 0 hung up while it rang, 0 refused, 0 still open; 0.0 % reached the agent',
        '',
        'called   calls  reached the agent  prepare p50, p95  answer p50, p95',
        'all      5      0.0 %              200 ms, 4000 ms',
        'unknown  1      0.0 %',
        '…0100    3      0.0 %              200 ms, 300 ms',
        '…0101    1      0.0 %              4000 ms, 4000 ms',
      ].join('\n'),
    );
    expect(formatShare(totalsOf([]))).toBe('');
    const missed = leg(2, { callSid: 'CA2', missedAgent: true, outcome: 'message' });
    expect(formatShare(totalsOf(groupCalls([at(1, { event: 'transfer' }), missed])))).toBe('50.0 %');
    expect(formatTotals(totalsOf([]), {})).toMatch(/; an unknown share reached the agent\n/);
  });
});

describe("What Twilio recorded of a call's legs", () => {
  const agent = agentLeg();

  test('says how long the agent rang and talked, and how long the caller waited', () => {
    expect(groupCalls([at(1, {})], [callerLeg({}), agent])).toMatchObject([
      { ringSeconds: 5, talkSeconds: 42, answerSeconds: 8 },
    ]);
    const calls = groupCalls([at(1, {})], [callerLeg({}), agent]);
    expect(formatCalls(calls)).toMatch(/ agent +5 s {3}42 s {2}CA1$/);
    expect(formatTotals(totalsOf(calls), {})).toMatch(/ 8 s, 8 s$/);
    expect(groupCalls([at(1, {})], [callerLeg({}), { ...agent, answered: undefined }])).toMatchObject([
      { ringSeconds: 47, talkSeconds: undefined, answerSeconds: undefined },
    ]);
  });

  test('keeps test calls out of every count but their own', () => {
    const lines = [at(1, {}), leg(2, { outcome: 'completed', seconds: 40 })];
    const calls = groupCalls(lines, [callerLeg({}), callerLeg({ sid: 'CA9', direction: 'outbound-api' })]);

    expect(totalsOf(calls)).toMatchObject({ calls: 0, agent: 0, tests: 1, agentShare: undefined });
    expect(formatCalls(calls)).toContain('agent (test)');
    expect(formatTotals(totalsOf(calls), {})).toContain("0 still open, and 1 test call that don't count;");
  });
});

describe('A call without a log line', () => {
  const now = second(50).getTime() + 60_001;
  const lost = (legs: readonly Leg[], lines: readonly TimedLine[] = [], time = now) =>
    lostCalls(lines, legs, ['+15550100100'], time);

  test('counts as not reached', () => {
    const legs = [callerLeg(), callerLeg({ sid: 'CA9', start: second(20), from: 'sip:1001@acme.sip.twilio.com' })];
    const calls = groupCalls([at(1, { callSid: 'CA5' })], legs, lost(legs));

    expect(
      calls.map(({ callSid, time, from, to, reached: whom, reason }) => [callSid, time, from, to, whom, reason]),
    ).toEqual([
      ['CA9', second(20), 'sip:…', '…0100', 'not the agent', 'no line'],
      ['CA1', second(0), '…0142', '…0100', 'not the agent', 'no line'],
      ['CA5', at(1, {}).time, '', '', 'open', undefined],
    ]);
    expect(totalsOf(calls)).toMatchObject({ calls: 3, notTheAgent: 2, agentShare: 0 });
    expect(formatCalls(calls)).toMatch(/2026-01-02 03:04:00 +…0142 +…0100 +not the agent +no line +CA1/);
  });

  test('is one of the last day that came in at a wired number, and ended more than a minute ago', () => {
    expect(lost([callerLeg()])).toEqual(['CA1']);
    expect(lost([callerLeg()], [], now - 1)).toEqual([]);
    // How long the log keeps more than a day isn't documented.
    const dayLater = second(50).getTime() + 24 * 3_600_000;
    expect(lost([callerLeg()], [], dayLater - 1)).toEqual(['CA1']);
    expect(lost([callerLeg()], [], dayLater)).toEqual([]);
    expect(lost([callerLeg({ end: undefined })])).toEqual([]);
    expect(lost([callerLeg({ to: '+15550100101' })])).toEqual([]);
    expect(lost([callerLeg({ direction: 'outbound-api' })])).toEqual([]);
    expect(lost([callerLeg()], [at(1, { callSid: 'CA2' })])).toEqual(['CA1']);
    expect(lost([callerLeg()], [at(1, {})])).toEqual([]);
  });

  test("leaves the other calls' parties: from their lines, else from their legs", () => {
    const [own] = groupCalls([at(1, { from: 'anonymous' })], [callerLeg()]);

    expect(own).toMatchObject({ from: 'anonymous', to: '…0100' });
  });

  test('counts nowhere when it is a test call', () => {
    const legs = [callerLeg(), callerLeg({ sid: 'CA9', direction: 'outbound-api' })];

    expect(totalsOf(groupCalls([], legs, lost(legs)))).toMatchObject({ calls: 0, notTheAgent: 0, tests: 1 });
  });
});

describe('The share of callers who reached the agent', () => {
  test.each([
    [57, 43, 57, true],
    [57, 43, 57.1, false],
    [29, 71, 29, true],
    [161, 839, 16.1, true],
    [160, 840, 16.1, false],
    [322, 678, 32.2, true],
    [7, 9993, 0.07, true],
    [6, 9994, 0.07, false],
    [999_999, 1, 100, false],
    [1, 2, 33.3, true],
    [0, 5, 0, true],
    [0, 0, 0, false],
    [5, 0, 100, true],
  ])('with %i of them and %i others is at least %d %%: %p', (agent, others, percentage, enough) => {
    expect(hasAgentShare({ agent, notTheAgent: others }, percentage)).toBe(enough);
  });

  test.each([
    [undefined, undefined],
    ['0', 0],
    ['95', 95],
    ['99.5', 99.5],
    ['100', 100],
  ])('is asked for with %p: %p', (text, percentage) => {
    expect(parsePercentage(text)).toBe(percentage);
  });

  test.each(['', ' ', 'all', '-1', '100.1', '95 %'])('cannot be %j', (text) => {
    expect(() => parsePercentage(text)).toThrow(
      `--min-agent-share: expected a percentage from 0 to 100; found "${text}"`,
    );
  });
});

describe('A time to look back', () => {
  test.each([
    ['30m', 30],
    ['12h', 720],
    ['7d', 10_080],
    ['9999m', 9999],
  ])('of %s is %i minutes', (text, minutes) => {
    const since = parseSince(text, Date.UTC(2026, 0, 31));

    expect((Date.UTC(2026, 0, 31) - since.getTime()) / 60_000).toBe(minutes);
  });

  test.each(['yesterday', '', '7', 'd', '7w', '-7d', '7.5h', '10000m', 'x7d', '7dx'])('cannot be %j', (text) => {
    expect(() => parseSince(text, 0)).toThrow(
      `--since: expected a length of time such as 30m, 12h or 7d; found "${text}"`,
    );
  });
});
