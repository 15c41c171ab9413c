import { type CallFields, readFields } from '../../lab/fields';

const nothing: CallFields = { caller: '', called: '', forwardedFrom: '', parameters: '', at: '' };
const read = (fields: Partial<CallFields>) => readFields({ ...nothing, ...fields });

describe('What somebody writes about a call', () => {
  test('leaves everything to the scenario when it is empty', () => {
    expect(readFields(nothing)).toStrictEqual({});
    expect(read({ caller: ' ', called: ' ', forwardedFrom: ' ', parameters: ' \n', at: ' ' })).toEqual({});
  });

  test.each(['+1 (555) 010-0100', ' +15550100100 ', '+1.555.010.0100', '+1/555 010-0100'])(
    'may have a number as people and consoles write it: %s',
    (text) => {
      expect(read({ called: text })).toEqual({ called: '+15550100100' });
      expect(read({ caller: text })).toEqual({ caller: '+15550100100' });
      expect(read({ forwardedFrom: text })).toEqual({ forwardedFrom: '+15550100100' });
    },
  );

  test.each([
    ['withheld', { caller: 'anonymous' }],
    ['sip', { caller: 'sip:1001@acme.sip.twilio.com' }],
    ['whatsapp', { caller: 'whatsapp:+15550100142' }],
    ['diverted', { forwardedFrom: '+15550100190' }],
  ])('has a name for a caller who is not an ordinary phone: %s', (caller, details) => {
    expect(read({ caller })).toEqual(details);
  });

  test.each(['anonymous', 'client:support', 'sip:1001@acme.sip.twilio.com', '4711', '+15550100142'])(
    'has a caller as Twilio sends it: %s',
    (caller) => {
      expect(read({ caller })).toEqual({ caller });
    },
  );

  test.each(['sip:sales@acme.sip.twilio.com', 'sip:+15550100177@acme.sip.twilio.com', '15550100177'])(
    'may call %s',
    (called) => {
      expect(read({ called })).toEqual({ called });
    },
  );

  test('names parameters, one a line, whose values may hold anything', () => {
    expect(read({ parameters: 'FromCity=Berlin, Mitte\n\n  StirVerstat= TN-Validation-Passed-A \nEmpty=' })).toEqual({
      parameters: { FromCity: 'Berlin, Mitte', StirVerstat: 'TN-Validation-Passed-A', Empty: '' },
    });
  });

  test('has nothing taken out of what is no phone number', () => {
    expect(read({ caller: 'sip:a-b@10.0.0.1' })).toEqual({ caller: 'sip:a-b@10.0.0.1' });
    expect(read({ called: '(555) 010 0100' })).toEqual({ called: '5550100100' });
  });

  test('may name a time', () => {
    expect(read({ at: ' 2026-12-25T10:00 ' })).toEqual({ at: { date: '2026-12-25', time: '10:00' } });
  });

  const caller = 'a phone number, an address such as sip:…, or withheld, sip, whatsapp, diverted';
  const called = 'a phone number such as +15550100100, or a SIP address with a user';
  const parameters = 'Name=value, one a line, and none of the names that every call has';
  test.each([
    ['caller', 'hello world', caller],
    ['caller', '<script>', caller],
    ['called', '911', called],
    ['called', 'sip:a b', called],
    ['called', 'client:a', called],
    ['called', 'anonymous', called],
    ['called', '+1 555 extension 7', called],
    ['forwardedFrom', 'nobody knows', 'a phone number or a SIP address'],
    ['at', 'noon', 'a time such as 2026-12-25T10:00'],
    ['parameters', 'FromCity', parameters],
    ['parameters', '1st=2', parameters],
    ['parameters', 'CallSid=CA0', parameters],
    ['parameters', 'FromCity=Berlin\nForwardedFrom=+15550100190', parameters],
  ] as const)('is refused in its field with what it should be: %s %j', (field, text, accepts) => {
    expect(read({ [field]: text })).toEqual({ field, problem: `expected ${accepts}; found "${text}"` });
  });

  test('is shown in part when it is long', () => {
    const long = `sip:${'a b'.repeat(200)}`;

    expect(read({ caller: long })).toEqual({
      field: 'caller',
      problem: expect.stringContaining(`"${long.slice(0, 60)}"`),
    });
    expect(read({ caller: `client:${'x'.repeat(249)}` })).toHaveProperty('caller');
    expect(read({ caller: `client:${'x'.repeat(250)}` })).toHaveProperty('problem');
  });
});
