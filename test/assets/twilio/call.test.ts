import { callerIdOf, parseCall } from '../../../src/assets/twilio/call.private';

const callSid = `CA${'0123456789abcdef'.repeat(2)}`;

describe('The call of a webhook', () => {
  test('has the parties and the CallSid as Twilio sent them', () => {
    const call = parseCall({ CallSid: callSid, From: '+15550100142', To: '+15550100100', request: { headers: {} } });

    expect(call).toMatchObject({ callSid, from: '+15550100142', to: '+15550100100', forwardedFrom: undefined });
    expect(call.parameters).toEqual({ CallSid: callSid, From: '+15550100142', To: '+15550100100' });
  });

  test.each(['anonymous', '+266696687', 'client:alice', 'sip:bob@example.com', ''])('comes from %j too', (From) => {
    expect(parseCall({ From }).from).toBe(From);
  });

  test('has empty parties when the request names none', () => {
    expect(parseCall({})).toEqual({
      from: '',
      to: '',
      caller: { kind: 'unreadable' },
      called: { kind: 'unreadable' },
      callSid: undefined,
      forwardedFrom: undefined,
      parameters: {},
    });
  });

  test("was made to the number that the bridge's own URL names, whatever To says", () => {
    const event = { called: '+15550100100', To: 'sip:+15550100101@sip.synthflow.ai' };
    const call = parseCall(event, true);

    expect(call).toMatchObject({ to: '+15550100100', called: { kind: 'number', number: '+15550100100' } });
    expect(parseCall({ called: ['+15550100100', '+15550100101'], To: '+15550100102' }, true).to).toBe('+15550100102');
    // A client of the Voice SDK may send parameters of its own to a voice URL.
    expect(parseCall(event).to).toBe(event.To);
  });

  test('ignores a repeated parameter, because neither value can be trusted', () => {
    expect(parseCall({ To: ['+15550100100', '+15550100101'] }).to).toBe('');
  });

  test.each(['', 'CA', 'CA;O.1', `x${callSid}`, `CA${'0'.repeat(63)}`, 'RE0123', `${callSid}\n`])(
    'has no CallSid when it is %j',
    (CallSid) => {
      expect(parseCall({ CallSid }).callSid).toBeUndefined();
    },
  );

  test.each([
    ['+15550100155', '+15550100155'],
    ['15550100155', '+15550100155'],
    ['sip:+15550100155@pbx.example', '+15550100155'],
    ['4711', '4711'],
  ])('keeps the number of the diverting address %s', (ForwardedFrom, number) => {
    expect(parseCall({ ForwardedFrom }).forwardedFrom).toBe(number);
  });

  test.each(['', '12', 'anonymous', '+1555;S.x', 'x+15550100155', '1'.repeat(21), 'sip:a@b'])(
    'drops the diverting number %j',
    (ForwardedFrom) => {
      expect(parseCall({ ForwardedFrom }).forwardedFrom).toBeUndefined();
    },
  );

  test('keeps a parameter named __proto__ as plain data', () => {
    const call = parseCall(JSON.parse('{"__proto__":"x","To":"+15550100100"}'));

    expect(Object.getPrototypeOf(call.parameters)).toBe(Object.prototype);
    expect(Object.keys(call.parameters)).toEqual(['__proto__', 'To']);
  });
});

describe('The caller id for a dial to a person', () => {
  const shown = (From: string, To = '+15550100100', configured?: string) =>
    callerIdOf(parseCall({ From, To }), configured);

  test('is the caller, when the caller has a number, whatever is configured', () => {
    expect(shown('+15550100142', '+15550100100', '+15550100180')).toBe('+15550100142');
    expect(shown('15550100142')).toBe('+15550100142');
  });

  test.each([
    'anonymous',
    'x+15550100142',
    '+15550100142;x',
    '+1555',
    '+266696687',
    '',
    'client:alice',
    'sip:+15550100142@pbx.example',
    'whatsapp:+15550100142',
  ])('is the configured one when the caller is %j, or else the called number', (From) => {
    expect(shown(From, '+15550100100', '+15550100180')).toBe('+15550100180');
    expect(shown(From)).toBe('+15550100100');
    expect(shown(From, 'sip:+15550100100@acme.sip.twilio.com')).toBe('+15550100100');
  });

  test.each(['sip:bob@example.com', 'client:support', '4711', '+266696687', ''])(
    'is left to Twilio when none is configured, and the called address is %j',
    (To) => {
      expect(shown('client:alice', To)).toBeUndefined();
    },
  );
});

test('The numbers that stand for a hidden caller are its words on a keypad, and none is a caller id', () => {
  const keypad = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'];
  const digitsOf = (word: string): string =>
    [...word].map((letter) => 2 + keypad.findIndex((letters) => letters.includes(letter))).join('');
  const numbers = ['anonymous', 'restricted', 'blocked', 'unknown', 'unavailable'].map((word) => `+${digitsOf(word)}`);

  expect(numbers[0]).toBe('+266696687');
  for (const From of numbers)
    expect(callerIdOf(parseCall({ From, To: '+15550100100' }), undefined)).toBe('+15550100100');
});
