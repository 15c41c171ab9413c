import {
  type Address,
  addressKey,
  dialableNumber,
  isRefused,
  isSameNumber,
  knownNumber,
  maskAddress,
  parseAddress,
  parseCaller,
  refusable,
} from '../../../src/assets/twilio/address.private';

type Via = 'phone' | 'sip' | 'whatsapp';
const number = (text: string, via: Via = 'phone'): Address => ({
  kind: 'number',
  number: text,
  isGuessed: false,
  sent: expect.any(String),
  via,
});
/** A number whose plus is ours. */
const guessed = (text: string, via: Via = 'phone'): Address => ({
  kind: 'number',
  number: text,
  isGuessed: true,
  sent: expect.any(String),
  via,
});
const keyOf = (text: string): string => addressKey(parseAddress(text));
const dialled = (text: string): string | undefined => dialableNumber(parseAddress(text));

describe('An address', () => {
  test.each<[string, Address]>([
    ['+15550100100', number('+15550100100')],
    ['15550100100', guessed('+15550100100')],
    // In national form, as some carriers and PBXs send it: read with a plus, it's a number in Brazil.
    ['5550100190', guessed('+5550100190')],
    ['05550100190', number('05550100190')],
    ['0015550100100', guessed('+15550100100')],
    ['01115550100100', guessed('+15550100100')],
    ['sip:0015550100100@acme.sip.twilio.com', guessed('+15550100100', 'sip')],
    ['4711', number('4711')],
    ['+4711', number('+4711')],
    ['0015550', number('0015550')],
    ['whatsapp:+15550100100', number('+15550100100', 'whatsapp')],
    ['WhatsApp:15550100100', guessed('+15550100100', 'whatsapp')],
    ['sip:+15550100100@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['SIP:+15550100100@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['sips:15550100100@acme.sip.twilio.com:5061', guessed('+15550100100', 'sip')],
    ['sip:%2B15550100100@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['sip:%2b15550100100@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['sip:%2B1%35550100100@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['sip:+1-555-010-0100@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['sip:+1(555)010.0100@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['<sip:+15550100100@acme.sip.twilio.com>', number('+15550100100', 'sip')],
    ['"Bob" <sip:+15550100100@acme.sip.twilio.com;x=1>;tag=7', number('+15550100100', 'sip')],
    ['Bob <SIPS:+15550100100@acme.sip.twilio.com>', number('+15550100100', 'sip')],
    ['tel:+15550100100', number('+15550100100')],
    ['TEL:+1-555-010-0100;ext=12', number('+15550100100')],
    ['tel:%2B15550100100', number('+15550100100')],
    ['<tel:+15550100100>', number('+15550100100')],
    ['sip:room-7@acme.sip.twilio.com', { kind: 'sip', user: 'room-7', host: 'acme.sip.twilio.com' }],
    ['sip:a%20b%c3%a9@acme.sip.twilio.com', { kind: 'sip', user: 'a b%c3%a9', host: 'acme.sip.twilio.com' }],
    ['sip:+15550100100;ext=12@acme.sip.twilio.com;transport=tls?X=1', number('+15550100100', 'sip')],
    ['sip:4711@Acme.sip.twilio.com', { kind: 'sip', user: '4711', host: 'acme.sip.twilio.com' }],
    ['sip:Sales@ACME.sip.twilio.com:5060', { kind: 'sip', user: 'Sales', host: 'acme.sip.twilio.com' }],
    ['client:support', { kind: 'client', name: 'support' }],
    ['Client:support', { kind: 'client', name: 'support' }],
    ['sip:+15550100100:secret@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['sip:+15550100100;ext=12:x@acme.sip.twilio.com', number('+15550100100', 'sip')],
    ['sip:+15550100100@[2001:db8::1]:5060', number('+15550100100', 'sip')],
    ['sip:alice:secret@[2001:DB8::1]', { kind: 'sip', user: 'alice', host: '[2001:db8::1]' }],
    // A called address may have such a name.
    ['sip:private@acme.sip.twilio.com', { kind: 'sip', user: 'private', host: 'acme.sip.twilio.com' }],
  ])('%s is read as %j', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each([
    '',
    'anonymous',
    'sip:alice@[acme]',
    ' 15550100100',
    '12',
    '1'.repeat(16),
    '+1555\n',
    '+1555@evil.example',
    '+15550100142;x=1',
    'room5550100142',
    'not anonymous',
    'anonymously',
    'tel:',
    'tel:alice',
    'xtel:+15550100100',
    '<xtel:+15550100100>',
    '<client:a>',
    'x<sip:4711@acme.example>,<sip:4712@acme.example>',
    '<sip:4711@acme.example',
    'client:',
    'my-client:alice',
    'client:two words',
    'whatsapp:alice',
    'xwhatsapp:+15550100100',
    'whatsapp:+15550100100x',
    'xsip:4711@acme.example',
    'sip:@acme.example',
    'sip:alice',
    'sip:alice@acme.example/path',
    'sip:alice@acme.example:x',
    'sip:a@b@acme.example',
    `sip:${'x'.repeat(257)}@acme.example`,
    `client:${'x'.repeat(257)}`,
  ])('%j cannot be read, and is neither a key nor dialled', (text) => {
    expect(parseAddress(text)).toEqual({ kind: 'unreadable' });
    expect(keyOf(text)).toBe('');
    expect(dialled(text)).toBeUndefined();
  });

  const placeholders = ['266696687', '7378742833', '2562533', '8656696', '86282452253', '7748283', '94844353'];
  const hidingWords = ['anonymous', 'Restricted', 'UNAVAILABLE', 'unknown', 'private', 'Withheld', 'blocked'];
  test.each([
    '',
    ' ',
    ...hidingWords,
    ...hidingWords.flatMap((word) => [`sip:${word}@pbx.example`, `"${word}" <sip:${word}@pbx.example:5060>;tag=7`]),
    // A client of the Voice SDK without an identity.
    'client:Anonymous',
    'tel:anonymous',
    '<sip:anonymous.invalid>',
    '"Anonymous" <anonymous>',
    ' sip:anonymous@x ',
    'sip:anonymous@a_b',
    // RFC 3323.
    'sip:anonymous@anonymous.invalid',
    '"Anonymous" <sips:anonymous@anonymous.invalid;user=phone>',
    'Anonymous <sip:c8oqz84zk7z@anonymous.invalid>',
    ...placeholders.flatMap((digits) => [digits, `+${digits}`, `tel:+${digits}`, `whatsapp:+${digits}`]),
    ...placeholders.flatMap((digits) => [`sip:${digits}@pbx.example`, `sip:+${digits}:x@[2001:db8::1]`]),
  ])('%j is a caller who hides the number', (text) => {
    expect(parseCaller(text)).toEqual({ kind: 'hidden' });
  });

  test.each([
    ['anonymously', { kind: 'unreadable' }],
    ['client:anonymous-1', { kind: 'client', name: 'anonymous-1' }],
    ['sip:anonymous.bob@pbx.example', { kind: 'sip', user: 'anonymous.bob', host: 'pbx.example' }],
    ['+2666966870', number('+2666966870')],
    ['+1 (555) 010-0142', number('+15550100142')],
    ['555.010.0142', guessed('+5550100142')],
    ['sip:555%20010%200142@pbx.example', guessed('+5550100142', 'sip')],
  ])('%j is a caller who does not', (text, address) => {
    expect(parseCaller(text)).toEqual(address);
  });

  test.each([
    ['+15550100190', '5550100190', true],
    ['+15550100190', '05550100190', true],
    ['+5550100190', '+15550100190', true],
    ['+15550100190', '+15550100191', false],
    ['+15550100190', '50100190', false],
    ['4711', '4711', true],
    ['4711', '14711', false],
    ['4711', '', false],
  ])('%s and %s are one phone: %p', (one, other, same) => {
    expect([isSameNumber(one, other), isSameNumber(other, one)]).toEqual([same, same]);
  });

  test.each([
    ['+15550100100', '+15550100100'],
    ['sip:+15550100100@pbx.example', '+15550100100'],
    ['15550100100', undefined],
    // Leeds, or Spain.
    ['01134960000', undefined],
    ['0015550100100', undefined],
    ['05550100100', undefined],
    ['+4711', undefined],
    ['client:alice', undefined],
  ])('%s has the known number %s', (text, expected) => {
    expect(knownNumber(parseCaller(text))).toBe(expected);
  });

  test.each([
    ['15550100100', '+15550100100'],
    ['whatsapp:+15550100100', '+15550100100'],
    ['sip:+15550100100@acme.sip.twilio.com', '+15550100100'],
    ['SIP:sales@ACME.sip.twilio.com;transport=udp', 'sip:sales@acme.sip.twilio.com'],
    ['client:support', 'client:support'],
    ['anonymous', ''],
  ])('%s has the key %j in the number table', (text, key) => {
    expect(keyOf(text)).toBe(key);
  });

  test.each([
    ['15550100100', '+15550100100'],
    ['4711', '4711'],
    ['sip:+15550100100@acme.sip.twilio.com', '+15550100100'],
    ['sip:4711@acme.sip.twilio.com;transport=tls', '4711'],
    ['sip:%2B4711@acme.sip.twilio.com', '+4711'],
    ['sip:alice@acme.sip.twilio.com', undefined],
    ['client:alice', undefined],
    ['anonymous', undefined],
  ])('%s is dialled as %s', (text, expected) => {
    expect(dialled(text)).toBe(expected);
  });

  test.each([
    ['+15550100142', '…0142'],
    ['15550100142', '…0142'],
    ['sip:+15550100142@example.com:5060', 'sip:…0142'],
    ['whatsapp:+15550100142', 'whatsapp:…0142'],
    ['sip:4711@example.com', 'sip:…'],
    ['sip:alice@example.com', 'sip:…'],
    ['client:alice', 'client:…'],
    ['tel:+15550100142', '…0142'],
    ['<tel:+15550100142>', '…0142'],
    ['+15550100142;x=1', '…'],
    ['4711', '…'],
    ['anonymous', 'anonymous'],
    ['Restricted', 'Restricted'],
    ['+266696687', '+266696687'],
    ['"Bob" <sip:anonymous@pbx.example>', 'anonymous'],
    ['', ''],
  ])('%s is masked as %j', (text, masked) => {
    expect(maskAddress(text)).toBe(masked);
  });
});

describe('A refused caller', () => {
  test.each(['anonymous', '+15550100142', '+1900*', '+1*', '+15550100142142*'])('is written as %s', (text) => {
    expect(text).toMatch(refusable);
  });

  test.each([
    ...['', '*', '+*', '+0*', '1900*', '+1900', '+1900**', '*1900', '+19 00*', '+1900*\n', ' +1900*'],
    ...['+1555010014214212*', '15550100142', '+1555010014214212', '+15550100142\n', 'Anonymous', 'anonymous*', 'x'],
  ])('is not written as %j', (text) => {
    expect(text).not.toMatch(refusable);
  });

  const refused = ['+15550100142', '+1900*', 'anonymous'];

  test.each([
    ['+15550100142', true],
    ['sip:+15550100142@pbx.example', true],
    ['whatsapp:+15550100142', true],
    ['15550100142', true],
    ['+15550100143', false],
    ['+155501001425', false],
    ['+19005550100', true],
    ['+18005550100', false],
    ['+441900555010', false],
    // What Twilio sends for callers who hide the number.
    ['anonymous', true],
    ['Restricted', true],
    ['+266696687', true],
    ['+86282452253', true],
    ['sip:anonymous@anonymous.invalid', true],
    ['', true],
    ['sip:0019005550100@pbx.example', true],
    ['sip:+19005550100:secret@[2001:db8::1]:5060', true],
    ['+1 900 555-0100', true],
    ['client:anonymous', true],
    ['sip:bob@pbx.example', false],
  ])('who calls as %j is one: %p', (from, isOne) => {
    expect(isRefused(parseCaller(from), refused)).toBe(isOne);
  });

  test("doesn't exist without a setting", () => {
    expect(isRefused(parseCaller('anonymous'), [])).toBe(false);
    expect(isRefused(parseCaller('anonymous'), refused.slice(0, 2))).toBe(false);
    expect(isRefused(parseCaller('+19005550100'), refused.slice(0, 1))).toBe(false);
  });
});
