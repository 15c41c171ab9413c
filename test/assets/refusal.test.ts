import { isRefused, refusable } from '../../src/assets/refusal.private';
import { parseAddress } from '../../src/assets/twilio/address.private';

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
    ['client:anonymous', false],
    ['sip:anonymous@pbx.example', false],
    ['', false],
  ])('who calls as %j is one: %p', (from, isOne) => {
    expect(isRefused(parseAddress(from), refused)).toBe(isOne);
  });

  test('is nobody unless there is a setting', () => {
    expect(isRefused(parseAddress('anonymous'), [])).toBe(false);
    expect(isRefused(parseAddress('anonymous'), refused.slice(0, 2))).toBe(false);
    expect(isRefused(parseAddress('+19005550100'), refused.slice(0, 1))).toBe(false);
  });
});
