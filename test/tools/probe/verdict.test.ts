import type { Records } from '../../../tools/calls/records';
import { commandLineFor } from '../../../tools/command';
import { judge } from '../../../tools/probe/verdict';
import { agentLeg, callerLeg, inboundLine, recordsOf, resultLine, second, synthflowCall } from '../../setup/records';

const command = commandLineFor({ production: true, env: '.env' });
const placed = callerLeg({ direction: 'outbound-api' });
const linesOf = (records: Partial<Records>, expected: 'agent' | 'transfer' = 'agent') =>
  judge(placed, recordsOf(records), expected, command).findings.map(
    ({ result, subject, detail }) => `${result} ${subject}: ${detail}`,
  );

describe('A test call', () => {
  test.each(['missing', 'another id'] as const)('fails if X-EI did not bind the call: %s', (xEi) => {
    const records = { synthflow: [synthflowCall({ xEi })] };

    expect(judge(placed, recordsOf(records), 'agent', command).reached).toBe(false);
    expect(linesOf(records)).toContain(
      `failed Synthflow: has the call an-id: completed; X-EI: ${xEi}, so that it isn't bound to the call`,
    );
  });

  test('has reached the agent if every source says so', () => {
    expect(judge(placed, recordsOf(), 'agent', command).reached).toBe(true);
    expect(linesOf({})).toEqual([
      'ok Twilio: answered after 8 s',
      'ok /inbound: prepared the call in 210 ms',
      'ok trunk: answered after 5 s',
      'ok agent: talked for 42 s',
      'ok Synthflow: has the call an-id: completed, with a transcript',
    ]);
  });

  test('has reached the agent behind a word', () => {
    const word = inboundLine({ outcome: 'word', prepareMs: undefined });
    const lines = [word, resultLine({ outcome: 'agent', prepareMs: 190 }), resultLine()];

    expect(judge(placed, recordsOf({ lines }), 'agent', command).reached).toBe(true);
    expect(linesOf({ lines })[1]).toBe('ok /dial-result: prepared the call in 190 ms');
  });

  test.each([
    [[inboundLine(), resultLine()], 'ok agent: the bridge says: agent', true],
    [[inboundLine()], 'failed agent: the bridge says: open', false],
  ])("has reached the agent if the bridge says so, where Twilio's legs could not be read", (lines, line, reached) => {
    const records = { lines, legs: [], knowsLegs: false };

    expect(linesOf(records)).toContain("not checked trunk: Twilio's legs could not be read");
    expect(linesOf(records)).toContain(line);
    expect(judge(placed, recordsOf(records), 'agent', command).reached).toBe(reached);
  });

  test('has reached the agent although its transcript is still to come', () => {
    const records = recordsOf({ synthflow: [synthflowCall({ hasTranscript: false })] });
    const { reached, findings } = judge(placed, records, 'agent', command);

    expect(reached).toBe(true);
    expect(findings.at(-1)).toMatchObject({
      result: 'warning',
      detail: expect.stringContaining('without a transcript yet'),
    });
  });

  test.each<{ case: string; records: Partial<Records>; line: string }>([
    { case: 'wrote no line', records: { lines: [] }, line: 'failed /inbound: wrote no line' },
    {
      case: 'was not prepared',
      records: { lines: [inboundLine({ outcome: 'message', reason: 'timeout' })] },
      line: 'failed /inbound: message: timeout',
    },
    {
      case: 'rang a person first',
      records: { lines: [inboundLine({ outcome: 'person', prepareMs: undefined })] },
      line: 'failed /inbound: the call got: person',
    },
    { case: 'was not dialled', records: { legs: [] }, line: 'failed trunk: was not dialled' },
    {
      case: 'wrote no line of the agent',
      records: { lines: [] },
      line: 'failed agent: its leg lasted 42 s, and the bridge says: nothing',
    },
    {
      case: 'wrote no line, so that no id leads to Synthflow',
      records: { lines: [] },
      line: 'not checked Synthflow: no line names its call',
    },
    ...['failed', 'busy', 'no-answer', 'canceled'].map((status) => ({
      case: `is ${status} at Synthflow`,
      records: { synthflow: [synthflowCall({ status })] },
      line: `failed Synthflow: has the call an-id: ${status}`,
    })),
    {
      case: 'was not answered',
      records: { legs: [agentLeg({ status: 'busy', answered: undefined, end: second(7) })] },
      line: 'failed trunk: did not answer in 4 s: busy',
    },
    {
      case: 'was dropped',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'message', missedAgent: true, reason: 'not_connected' })],
      },
      line: 'failed agent: its leg lasted 42 s, and the bridge says: not the agent',
    },
    {
      case: 'is unknown to Synthflow',
      records: {
        synthflow: [],
        missing: ['first', 'Twilio shows its webhooks from 14:32 UTC', "Synthflow doesn't know the call an-id"],
      },
      line: "failed Synthflow: Synthflow doesn't know the call an-id",
    },
    { case: 'is nowhere', records: { synthflow: [] }, line: 'failed Synthflow: has no record of the call' },
  ])('has not when it $case', ({ records, line }) => {
    expect(linesOf(records)).toContain(line);
    expect(judge(placed, recordsOf(records), 'agent', command).reached).toBe(false);
  });

  test('finds the line of /inbound wherever it is, and says what to do about each part that failed', () => {
    expect(linesOf({ lines: [resultLine(), inboundLine()] })[1]).toBe('ok /inbound: prepared the call in 210 ms');
    const fixOf = (records: Partial<Records>, subject: string, expected: 'agent' | 'transfer' = 'agent') =>
      judge(placed, recordsOf(records), expected, command).findings.find((one) => one.subject === subject)?.fix;
    const calls = 'npm run calls -- --call CA1 --production';
    const look = `${calls}, and docs/runbook.md`;

    expect(fixOf({ lines: [] }, '/inbound')).toBe('npm run check -- --production');
    expect(fixOf({ legs: [] }, 'trunk')).toBe(look);
    expect(fixOf({ synthflow: [] }, 'Synthflow')).toBe(look);
    expect(fixOf({ synthflow: [synthflowCall({ hasTranscript: false })] }, 'Synthflow')).toBe(
      `look again in a minute: ${calls}`,
    );
    expect(fixOf({}, 'transfer', 'transfer')).toBe('see Transfer in docs/runbook.md');
    expect(judge(placed, undefined, 'agent', command).findings[1]).toMatchObject({
      detail: 'Twilio has no inbound call: did it reach the number?',
      fix: 'see the number in the Console',
    });
  });

  test('has failed if nobody answered, or nothing arrived', () => {
    const unanswered = { ...placed, status: 'no-answer', answered: undefined };
    const [first] = judge(unanswered, recordsOf(), 'agent', command).findings;
    const { reached, findings } = judge(placed, undefined, 'agent', command);

    expect(first).toMatchObject({ result: 'failed', detail: 'the call CA1 was not answered: no-answer' });
    expect(reached).toBe(false);
    expect(findings.map(({ subject }) => subject)).toEqual(['Twilio', '/inbound']);
  });

  const transferAt = (seconds: number, changes = {}) => ({
    ...inboundLine({ event: 'transfer', outcome: 'transfer_number', prepareMs: undefined, ...changes }),
    time: second(seconds),
  });

  /** The phone of a person to whom the call was transferred, answered after so many seconds. */
  const personLeg = (start: number, answered: number | undefined) => {
    const time = answered === undefined ? undefined : second(answered);
    return agentLeg({ sid: 'CA3', to: '+15550100191', start: second(start), answered: time });
  };

  test.each([
    ["Twilio kept the agent's leg meanwhile", 50],
    ["Twilio kept the agent's leg meanwhile", 22],
    ['Twilio ended the agent at once', 21],
    ['Twilio ended the agent at once', 19],
  ])('shows which of the two transfer modes the account has: %s when the leg ends at %i', (mode, end) => {
    const legs = [agentLeg({ end: second(end) }), personLeg(20, 26)];
    const records = { lines: [inboundLine(), transferAt(20), resultLine()], legs };

    expect(linesOf(records, 'transfer').at(-1)).toBe(
      `ok transfer: transfer_number; ${mode} (docs/decisions/transfers.md)`,
    );
  });

  test.each([
    [21, 'the target answered at once, which hides what Twilio does meanwhile'],
    [22, 'Twilio ended the agent at once'],
  ])('can not tell the modes apart when the target answers at once, which is at %i: %s', (answered, told) => {
    const legs = [agentLeg({ end: second(21) }), personLeg(19, answered)];

    expect(linesOf({ lines: [inboundLine(), transferAt(20)], legs }, 'transfer').at(-1)).toBe(
      `ok transfer: transfer_number; ${told} (docs/decisions/transfers.md)`,
    );
  });

  test('looks at the leg of the agent that asked, not at one that was dialled for the transfer', () => {
    const joining = agentLeg({ sid: 'CA3', start: second(20), answered: second(24), end: second(60), isJoining: true });
    const lines = [inboundLine(), transferAt(20, { outcome: 'transfer_sip' })];

    expect(linesOf({ lines, legs: [agentLeg({ end: second(19) }), joining] }, 'transfer').at(-1)).toContain(
      'Twilio ended the agent at once',
    );
  });

  test.each([20, 40])('looks at the leg of the agent that asked, not at a later one, of second %i', (start) => {
    const later = agentLeg({ sid: 'CA4', start: second(start), answered: undefined, end: second(60) });
    const legs = [agentLeg({ end: second(19) }), personLeg(20, undefined), personLeg(23, 26), later];

    expect(linesOf({ lines: [inboundLine(), transferAt(20)], legs }, 'transfer').at(-1)).toContain(
      'Twilio ended the agent at once',
    );
  });

  test("counts an agent's leg that goes on, or is unknown, as kept", () => {
    const lines = [inboundLine(), transferAt(20)];

    for (const legs of [[agentLeg({ end: undefined })], []]) {
      expect(linesOf({ lines, legs: [...legs, personLeg(20, 26)] }, 'transfer').at(-1)).toContain(
        "Twilio kept the agent's leg meanwhile",
      );
    }
  });

  test.each([
    ['did not answer', [personLeg(20, undefined)]],
    ['was not dialled', []],
    ['was a phone before the transfer', [personLeg(18, 19)]],
    ['is the agent, who had just begun', [agentLeg({ start: second(19), answered: second(19) })]],
  ])('has made no transfer when the target %s', (_why, legs) => {
    expect(linesOf({ lines: [inboundLine(), transferAt(20)], legs }, 'transfer').at(-1)).toBe(
      'failed transfer: transfer_number: nobody answered',
    );
  });

  test('has made no transfer when none was asked for, or it was refused', () => {
    const refused = transferAt(20, { outcome: 'transfer_refused', reason: 'number_not_allowed' });

    expect(linesOf({}, 'transfer').at(-1)).toBe('failed transfer: the agent asked for none, or Twilio took none');
    expect(linesOf({ lines: [inboundLine(), refused, resultLine()] }, 'transfer').at(-1)).toBe(
      'failed transfer: was refused: number_not_allowed',
    );
    expect(judge(placed, recordsOf(), 'transfer', command).reached).toBe(false);
  });
});
