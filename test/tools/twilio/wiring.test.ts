import type { Twilio } from 'twilio';
import { commandLineFor } from '../../../tools/command';
import type { Wiring } from '../../../tools/twilio/deployment';
import {
  checkNumber,
  currentWiring,
  type Domains,
  differences,
  isSwitched,
  mayLeadHere,
  pointsAt,
  refusalOf,
  showUrl,
  type TwimlApp,
} from '../../../tools/twilio/wiring';

const phoneNumber = '+15550101001';
const target: Wiring = {
  voiceUrl: 'https://bridge.twil.io/inbound',
  voiceMethod: 'POST',
  voiceFallbackUrl: 'https://bridge.twil.io/fallback.xml',
  voiceFallbackMethod: 'GET',
};
type TwilioNumber = Parameters<typeof currentWiring>[0] &
  Awaited<ReturnType<Twilio['incomingPhoneNumbers']['list']>>[number];

const command = commandLineFor({ environment: 'stage', production: false, env: 'stage.env' });
const domains: Domains = ['bridge.twil.io'];
const check = (number: object, apps: readonly TwimlApp[] = [], at: Domains = domains) =>
  checkNumber({ phoneNumber, ...number }, apps, at, ['+15550100190'], command);
const ok = (detail: string) => [{ subject: phoneNumber, result: 'ok', detail }];

describe('A wired number', () => {
  test('is wired correctly', () => {
    expect(check(target)).toEqual(ok('is wired to this deployment'));
  });

  test('may have connection overrides in its URLs', () => {
    const number = {
      ...target,
      voiceUrl: `${target.voiceUrl}#rc=2&rp=all`,
      voiceFallbackUrl: `${target.voiceFallbackUrl}#ct=2000`,
    };

    expect(check(number)).toEqual(ok('is wired to this deployment'));
    expect(check({ ...number, voiceUrl: 'https://bridge.twil.io/other#rc=2' })).toMatchObject([{ result: 'failed' }]);
  });

  test('may be wired entirely to a custom domain', () => {
    const custom = {
      ...target,
      voiceUrl: 'https://voice.example.com/inbound',
      voiceFallbackUrl: 'https://voice.example.com/fallback.xml',
    };

    expect(check(custom, [], [...domains, 'voice.example.com'])).toEqual(ok('is wired to this deployment'));
    expect(check(target, [], [...domains, 'voice.example.com'])).toEqual(ok('is wired to this deployment'));
    expect(check({ ...custom, voiceFallbackUrl: '' }, [], [...domains, 'voice.example.com'])).toMatchObject([
      { detail: 'voiceFallbackUrl is unset instead of https://voice.example.com/fallback.xml' },
    ]);
    expect(check(custom)).toEqual([
      {
        subject: phoneNumber,
        result: 'warning',
        detail: 'points at voice.example.com: a custom domain of this deployment?',
        fix: 'npm run check -- --domain voice.example.com --environment stage --env stage.env',
      },
    ]);
  });

  test('may be answered by a Studio flow first', () => {
    const voiceUrl = 'https://webhooks.twilio.com/v1/Accounts/AC0/Flows/FW0';

    expect(check({ ...target, voiceUrl })).toEqual([
      {
        subject: phoneNumber,
        result: 'warning',
        detail: "a Studio flow answers it, which this check can't follow",
        fix: 'see that the flow sends its calls to https://bridge.twil.io/inbound',
      },
    ]);
  });

  test.each([
    'https://other-1234.twil.io/inbound',
    'https://example.com/other',
    'https://example.com/inbound/x',
    'inbound',
    '',
  ])('that points at %j is not wired', (voiceUrl) => {
    expect(check({ ...target, voiceUrl })).toEqual([
      {
        subject: phoneNumber,
        result: 'failed',
        detail: `voiceUrl is ${voiceUrl || 'unset'} instead of https://bridge.twil.io/inbound`,
        fix: `npm run wire -- ${phoneNumber} --environment stage --env stage.env`,
      },
    ]);
  });

  test.each([
    [{ voiceUrl: 'https://webhooks.twilio.com/v1/Accounts/AC0/Flows/FW0' }, true],
    [{ voiceUrl: 'https://voice.example.com/inbound' }, true],
    [{ voiceUrl: 'https://example.com/ignored', voiceApplicationSid: 'AP1' }, true],
    [{ voiceUrl: 'https://example.com/other' }, false],
    [{ voiceUrl: target.voiceUrl }, false],
    [{}, false],
  ])('%j may lead here by another way: %p', (number, may) => {
    const apps = [{ sid: 'AP1', voiceUrl: 'https://voice.example.com/inbound' }];

    expect(mayLeadHere({ phoneNumber, ...number }, apps, domains)).toBe(may);
  });

  test('that a SIP trunk holds is not reached, whatever its URLs say', () => {
    expect(check({ ...target, trunkSid: 'TK1', voiceApplicationSid: 'AP1' })).toEqual([
      {
        subject: phoneNumber,
        result: 'failed',
        detail: 'the SIP trunk TK1 holds it: its calls do not come here',
        fix: 'take it out of the trunk in the Console',
      },
    ]);
  });

  test('may be wired through a TwiML app, whose URLs count instead of its own', () => {
    const held = { ...target, voiceUrl: 'https://example.com/ignored', voiceApplicationSid: 'AP1' };
    const apps = [
      { sid: 'AP0', ...target, voiceUrl: '' },
      { sid: 'AP1', ...target },
    ];

    expect(check(held, apps)).toEqual(ok('is wired to this deployment through the TwiML app AP1'));
    expect(check({ ...target, voiceApplicationSid: 'AP0' }, apps)).toEqual([
      {
        subject: phoneNumber,
        result: 'failed',
        detail: 'the TwiML app AP0 holds it, and its voiceUrl is unset instead of https://bridge.twil.io/inbound',
        fix: 'correct the app in the Console, or take the number out of it',
      },
    ]);
    expect(check({ ...target, voiceApplicationSid: 'AP9' }, apps)).toMatchObject([
      {
        detail: expect.stringMatching(/and its voiceUrl is unset instead of \S+, voiceMethod is unset instead of POST/),
      },
    ]);
    const custom = [{ sid: 'AP1', ...target, voiceUrl: 'https://voice.example.com/inbound' }];
    expect(check(held, custom)).toMatchObject([
      { result: 'warning', detail: expect.stringContaining('a custom domain') },
    ]);
  });

  test('that points elsewhere is named with each difference, and without the password of a URL', () => {
    const number = { ...target, voiceMethod: 'GET', voiceFallbackUrl: 'https://me:secret@example.com/a?b=c@d' };

    expect(check(number)).toEqual([
      {
        subject: phoneNumber,
        result: 'failed',
        detail:
          'voiceMethod is GET instead of POST, voiceFallbackUrl is https://…@example.com/a?… instead of https://bridge.twil.io/fallback.xml',
        fix: `npm run wire -- ${phoneNumber} --environment stage --env stage.env`,
      },
    ]);
  });

  test.each(['', '#rc=2'])('may have its outage switch on, until it is undone (%s)', (overrides) => {
    const voiceUrl = `https://voice.example.com/fallback.xml${overrides}`;
    const number = { ...target, voiceUrl, voiceMethod: 'GET' };

    expect(isSwitched(number, domains)).toBe(false);
    expect(isSwitched({}, domains)).toBe(false);
    expect(check(number, [], [...domains, 'voice.example.com'])).toEqual([
      {
        subject: phoneNumber,
        result: 'warning',
        detail: 'the outage switch is on: callers get /fallback.xml, and no agent',
        fix: `npm run wire -- --undo ${phoneNumber} --environment stage --env stage.env`,
      },
    ]);
  });

  test('that points at none of two domains is compared with the first', () => {
    expect(
      check({ ...target, voiceUrl: '', voiceFallbackUrl: '' }, [], [...domains, 'voice.example.com']),
    ).toMatchObject([{ detail: expect.stringContaining('instead of https://bridge.twil.io/inbound') }]);
  });

  test('that is in a route would send callers in a circle', () => {
    expect(checkNumber({ phoneNumber, ...target }, [], domains, ['+15550100190', phoneNumber], command)).toEqual([
      expect.objectContaining({ result: 'ok' }),
      {
        subject: phoneNumber,
        result: 'failed',
        detail: 'is in a route and wired to this deployment: callers would come back here, perhaps in a circle',
        fix: 'choose a number where a person answers',
      },
    ]);
  });

  test.each([
    ['https://bridge.twil.io/inbound', true],
    ['https://bridge.twil.io/other#rc=2', true],
    ['https://voice.example.com/inbound', true],
    ['https://bridge.twil.io.example.com/inbound', false],
    ['bridge.twil.io', false],
    ['', false],
    [undefined, false],
  ])('whose URL is %j is one of this deployment: %p', (voiceUrl, isOwn) => {
    expect(pointsAt({ ...(voiceUrl !== undefined && { voiceUrl }) }, [...domains, 'voice.example.com'])).toBe(isOwn);
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
  ])('that %j holds is refused', (holder, name) => {
    expect(refusalOf({ ...free, ...holder })).toEqual({
      subject: phoneNumber,
      result: 'failed',
      detail: `${name} holds it, so its voice URL would not be used`,
      fix: 'take it out of there in the Console first',
    });
  });

  test('that nothing else holds can be wired', () => {
    expect(refusalOf(free)).toBeUndefined();
  });
});

describe('A URL for people', () => {
  test.each([
    ['https://user:secret@example.com/path', 'https://…@example.com/path'],
    ['http://user@example.com', 'http://…@example.com'],
    ['https://example.com/http://a@b', 'https://example.com/http://a@b'],
    ['https://example.com/a@b?c=d@e#f@g', 'https://example.com/a@b?…#f@g'],
    ['https://example.com/?#rc=2', 'https://example.com/?#rc=2'],
    ['', ''],
  ])('has no password: %s', (url, shown) => {
    expect(showUrl(url)).toBe(shown);
  });
});
