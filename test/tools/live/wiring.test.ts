import type { Twilio } from 'twilio';
import type { Wiring } from '../../../tools/live/deployment';
import { checkNumber, currentWiring, differences, refusalOf } from '../../../tools/live/wiring';

const phoneNumber = '+15550101001';
const target: Wiring = {
  voiceUrl: 'https://bridge.twil.io/inbound',
  voiceMethod: 'POST',
  voiceFallbackUrl: 'https://bridge.twil.io/fallback.xml',
  voiceFallbackMethod: 'GET',
};
type TwilioNumber = Parameters<typeof currentWiring>[0] &
  Awaited<ReturnType<Twilio['incomingPhoneNumbers']['list']>>[number];

describe('A wired number', () => {
  test('is as it should be', () => {
    expect(checkNumber({ phoneNumber, ...target }, target, undefined)).toEqual([
      { subject: phoneNumber, result: 'ok', detail: 'is wired to this deployment' },
    ]);
  });

  test('that points elsewhere is named with each difference', () => {
    const number = { phoneNumber, ...target, voiceMethod: 'GET', voiceFallbackUrl: '' };

    expect(checkNumber(number, target, '+15550100190')).toEqual([
      {
        subject: phoneNumber,
        result: 'failed',
        detail:
          'voiceMethod is GET instead of POST, voiceFallbackUrl is unset instead of https://bridge.twil.io/fallback.xml',
        fix: `npm run wire -- ${phoneNumber}`,
      },
    ]);
  });

  test('that is the fallback number would send callers in a circle', () => {
    expect(checkNumber({ phoneNumber, ...target }, target, phoneNumber)).toEqual([
      expect.objectContaining({ result: 'ok' }),
      {
        subject: phoneNumber,
        result: 'failed',
        detail: 'is FALLBACK_NUMBER and wired to this deployment: callers would go in a circle',
        fix: 'choose a number where a person answers',
      },
    ]);
  });

  test('does not differ in what is unset on both sides', () => {
    const unset = { voiceUrl: '', voiceMethod: 'POST', voiceFallbackUrl: '', voiceFallbackMethod: 'POST' };

    expect(differences({ voiceMethod: 'POST', voiceFallbackMethod: 'POST' }, unset)).toEqual([]);
  });
});

describe('What a number points at now', () => {
  const wiringOf = (number: object) => currentWiring(number as TwilioNumber);

  test('is what Twilio shows', () => {
    expect(wiringOf({ ...target, phoneNumber })).toEqual(target);
  });

  test('is nothing, with the method that Twilio assumes, where Twilio shows nothing', () => {
    expect(wiringOf({ phoneNumber })).toEqual({
      voiceUrl: '',
      voiceMethod: 'POST',
      voiceFallbackUrl: '',
      voiceFallbackMethod: 'POST',
    });
  });
});

describe('A number', () => {
  const free = { phoneNumber, trunkSid: '', voiceApplicationSid: '' };

  test.each([
    [{ trunkSid: 'TK1' }, 'the SIP trunk TK1'],
    [{ voiceApplicationSid: 'AP1' }, 'the TwiML app AP1'],
  ])('that %j holds is refused, and can be put back', (holder, name) => {
    expect(refusalOf({ ...free, ...holder }, false)).toEqual({
      subject: phoneNumber,
      result: 'failed',
      detail: `${name} holds it, so its voice URL would not be used`,
      fix: 'take it out of there in the Console first',
    });
    expect(refusalOf({ ...free, ...holder }, true)).toBeUndefined();
  });

  test('that nothing else holds can be wired', () => {
    expect(refusalOf(free, false)).toBeUndefined();
  });
});
