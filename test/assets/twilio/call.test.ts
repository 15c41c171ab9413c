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
      caller: { kind: 'hidden' },
      called: { kind: 'unreadable' },
      callSid: undefined,
      forwardedFrom: undefined,
      visited: [],
      own: {},
      parameters: {},
    });
  });

  test("was made to the number that the bridge's own URL names, whatever To says", () => {
    const event = { bridge_called: '+15550100100', To: 'sip:+15550100101@sip.synthflow.ai' };
    const call = parseCall(event, true);

    expect(call).toMatchObject({ to: '+15550100100', called: { kind: 'number', number: '+15550100100' } });
    expect(parseCall({ bridge_called: ['+15550100100', '+15550100101'], To: '+15550100102' }, true).to).toBe(
      '+15550100102',
    );
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
    ['+15550100155', '+15550100155', '+15550100155'],
    ['sip:+15550100155@pbx.example', '+15550100155', '+15550100155'],
    // Nothing says which country it is in.
    ['15550100155', undefined, '+15550100155'],
    ['(555) 010-0155', undefined, '+5550100155'],
    ['sip:05550100155@pbx.example', undefined, '05550100155'],
    ['4711', undefined, '4711'],
  ])('was diverted by %s: its number is %s, and %s counts as visited', (ForwardedFrom, forwardedFrom, visited) => {
    const call = parseCall({ ForwardedFrom });

    expect(call.forwardedFrom).toBe(forwardedFrom);
    expect(call.visited[0]).toBe(visited);
  });

  test.each(['', '12', 'anonymous', '266696687', '+1555;S.x', 'x+15550100155', '1'.repeat(21), 'sip:a@b'])(
    'was diverted by nobody with a number: %j',
    (ForwardedFrom) => {
      expect(parseCall({ ForwardedFrom })).toMatchObject({ forwardedFrom: undefined, visited: [] });
    },
  );

  test('has been at its caller, and at the phone that diverted it', () => {
    expect(parseCall({ From: '+15550100142', ForwardedFrom: '+15550100155' }).visited).toEqual([
      '+15550100142',
      '+15550100155',
    ]);
  });

  test('has addresses of at most 512 characters: a request can have a megabyte, and a pattern would take a second', () => {
    const long = ' '.repeat(1_000_000);
    const { from, to } = parseCall({ From: long, To: long, ForwardedFrom: long });

    expect([from.length, to.length]).toEqual([512, 512]);
  });

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
  });

  test.each([
    'anonymous',
    'x+15550100142',
    '+15550100142;x',
    // The country is a guess.
    '15550100142',
    '5550100142',
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

  test.each([
    'sip:bob@example.com',
    'client:support',
    '4711',
    '5550100100',
    'sip:5550100100@acme.sip.twilio.com',
    '+266696687',
    '',
  ])('is left to Twilio when none is configured, and the called address is %j', (To) => {
    expect(shown('client:alice', To)).toBeUndefined();
  });
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
