import { maskNumbers, maskUnless } from '../../../tools/text';
import { agentLegOf, isSip, isTestCall, type Leg, legOf, secondsBetween } from '../../../tools/twilio/recorded-leg';
import { agentLeg, callerLeg, second } from '../../setup/records';

describe("A call of Twilio's list", () => {
  const resource = {
    sid: 'CA2',
    parentCallSid: 'CA1',
    direction: 'outbound-dial',
    from: '+15550100142',
    to: '+15550100190',
    status: 'completed',
    dateCreated: second(0),
    startTime: second(1),
    endTime: second(50),
    duration: '42',
  } as const;
  const same = (text: string): string => text;

  test('was answered so many seconds before its end', () => {
    expect(legOf(resource, same)).toEqual({
      sid: 'CA2',
      parentSid: 'CA1',
      direction: 'outbound-dial',
      from: '+15550100142',
      to: '+15550100190',
      isJoining: false,
      status: 'completed',
      start: second(0),
      answered: second(8),
      end: second(50),
    });
    expect(legOf({ ...resource, duration: '0' }, same)).toMatchObject({ answered: second(50) });
    // Twilio writes null for what it doesn't know.
    const unknown = JSON.parse('{"endTime":null,"duration":null,"parentCallSid":null}');
    expect(legOf({ ...resource, ...unknown }, same)).toMatchObject({
      answered: second(0),
      end: second(0),
      parentSid: undefined,
    });
  });

  test.each(['busy', 'no-answer', 'failed', 'canceled'])('was never answered when it is %s', (status) => {
    expect(legOf({ ...resource, status, duration: '0' }, same)).toMatchObject({ answered: undefined, end: second(50) });
  });

  test.each(['queued', 'ringing', 'in-progress'])('goes on while it is %s', (status) => {
    const answered = status === 'in-progress' ? second(1) : undefined;

    expect(legOf({ ...resource, status }, same)).toMatchObject({ answered, end: undefined });
  });

  test.each([
    ['sip:0875704225817263@sip.synthflow.ai:32681', true],
    ['sip:087570422581726@sip.synthflow.ai:32681', true],
    ['sip:15550100100@sip.synthflow.ai:32681', false],
    ['0875704225817263', false],
  ])('to %s joins the caller to the target of a warm transfer: %s', (to, isJoining) => {
    expect(legOf({ ...resource, to }, maskNumbers)).toMatchObject({ isJoining });
  });

  test('masks its numbers if asked to', () => {
    expect(legOf(resource, maskNumbers)).toMatchObject({ from: '…0142', to: '…0190' });
  });
});

describe('A phone number in a text', () => {
  test('is unmasked only on request', () => {
    expect(maskUnless(true)('+15550100142')).toBe('+15550100142');
    expect(maskUnless(false)('+15550100142')).toBe('…0142');
  });

  test.each([
    ['+15550100142', '…0142'],
    ['to=%2B15550100142&x', 'to=…0142&x'],
    ['sip:15550100142@host', 'sip:…0142@host'],
    ['O.+15550100142;', 'O.…0142;'],
    ['1234567', '…4567'],
    ['+155501001420000', '…0000'],
    ['tel_15550100142', 'tel_…0142'],
    ['to +1 (555) 010-0142.', 'to …0142.'],
    ['(555) 010-0142', '…0142'],
    ['(555)010-0142', '…0142'],
    ['555-010-0142', '…0142'],
    ['555.010.0142', '…0142'],
    ['+1 555 010 0142', '…0142'],
    ['+1-555-0142', '…0142'],
  ])('keeps four digits: %s is %s', (text, masked) => {
    expect(maskNumbers(text)).toBe(masked);
  });

  test.each([
    'a29407fb-1bf2-4be6-9d1d-123456789012',
    'CA0123456789',
    '2026-01-02',
    '123456',
    '1234567890123456',
    'x15550100142',
    'x555-010-0142',
    '555-010-0142-9',
    '555 010',
    '2026-11-26 14:05',
    '192.168.100.1000x',
  ])('is none: %s', (text) => {
    expect(maskNumbers(text)).toBe(text);
  });
});

describe('A leg', () => {
  test.each([
    ['sip:15550100100@sipin.synthflow.ai', true],
    ['sips:15550100100@sipin.synthflow.ai', true],
    ['+15550100190', false],
    ['client:sip:x', false],
  ])('to %s goes to the trunk: %s', (to, expected) => {
    expect(isSip({ to })).toBe(expected);
  });

  test("is the agent's last one of this call, but for one that joins the caller to somebody else", () => {
    const again = agentLeg({ sid: 'CA3' });
    const others = [
      agentLeg({ sid: 'CA4', parentSid: 'CA9' }),
      agentLeg({ sid: 'CA5', to: '+15550100190' }),
      agentLeg({ sid: 'CA6', isJoining: true }),
    ];

    expect(agentLegOf([callerLeg(), agentLeg(), again, ...others], 'CA1')).toBe(again);
    expect(agentLegOf([callerLeg()], 'CA1')).toBeUndefined();
  });

  test('lasts whole seconds, and none when its clocks disagree', () => {
    expect(secondsBetween(second(3), second(50))).toBe(47);
    expect(secondsBetween(second(3), new Date(second(4).getTime() - 400))).toBe(1);
    expect(secondsBetween(second(50), second(3))).toBe(0);
    expect(secondsBetween(undefined, second(3))).toBeUndefined();
    expect(secondsBetween(second(3), undefined)).toBeUndefined();
  });
});

describe('A test call', () => {
  test.each<{ case: string; other: Partial<Leg>; isTest: boolean }>([
    {
      case: 'of the same parties just before',
      other: { start: second(-2) },
      isTest: true,
    },
    {
      case: 'of the same parties 10 s before',
      other: { start: second(-10) },
      isTest: true,
    },
    { case: 'of the same parties at the same second', other: {}, isTest: true },
    { case: 'long before', other: { start: second(-11) }, isTest: false },
    { case: 'afterwards', other: { start: second(1) }, isTest: false },
    { case: 'of another caller', other: { from: '+15550100143' }, isTest: false },
    { case: 'to another number', other: { to: '+15550100101' }, isTest: false },
    { case: 'that somebody dialled', other: { direction: 'outbound-dial' }, isTest: false },
  ])("is one when the account's API placed a call: one $case is $isTest", ({ other, isTest }) => {
    const placed = callerLeg({ sid: 'CA9', direction: 'outbound-api', ...other });

    expect(isTestCall(callerLeg(), [callerLeg(), placed])).toBe(isTest);
  });
});
