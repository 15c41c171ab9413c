import type { NumberTable } from '../../../src/assets/settings.private';
import { checkSettings as checkAt } from '../../../tools/check/check-settings';
import type { Environment } from '../../../tools/environment';

const settings = { SYNTHFLOW_API_KEY: 'key-0123456789', SYNTHFLOW_MODEL_ID: 'agent' };
const checkSettings = (environment: Environment, numbers: NumberTable, now = Date.parse('2026-06-01')) =>
  checkAt(environment, numbers, now);
const failed = (subject: string, detail: string, fix: string) => ({ subject, result: 'failed', detail, fix });

describe('The check of the settings', () => {
  test('says that they are valid, and for how many numbers', () => {
    const valid = (entries: string) => [
      {
        subject: 'settings',
        result: 'ok',
        detail: `valid, for the environment and ${entries} of the number table`,
      },
    ];

    expect(checkSettings(settings, {})).toEqual(valid('0 entries'));
    expect(checkSettings(settings, { '+15550100100': {} })).toEqual(valid('1 entry'));
    expect(
      checkSettings({ ...settings, ACCOUNT_SID: 'x'.repeat(4000), AUTH_TOKEN: 'x'.repeat(4000), NOTES: 'n' }, {}),
    ).toEqual(valid('0 entries'));
  });

  test.each([
    ['SYNTHFLOW_REGION', 'EU', 'did you mean SYNTHFLOW_REGION=eu?'],
    ['DIRECT_DIAL', ' True ', 'did you mean DIRECT_DIAL=true?'],
    ['DIRECT_DIAL', 'yes', 'correct it in your env file, or in the shell'],
    ['DIRECT_DIAL', '"true"', 'did you mean DIRECT_DIAL=true?'],
    ['FALLBACK_LANGUAGE', '', undefined],
    ['FALLBACK_LANGUAGE', 'DE_de', 'did you mean FALLBACK_LANGUAGE=de-DE?'],
    ['DIAL_TIMEOUT_SECONDS', '20 s', 'did you mean DIAL_TIMEOUT_SECONDS=20?'],
    ['PREPARE_TIMEOUT_MS', '4s', 'correct it in your env file, or in the shell'],
    ['CALL_ROUTE', 'agent, +49 30 123456, voicemail', 'did you mean CALL_ROUTE=agent,+4930123456,voicemail?'],
    ['CALL_ROUTE', 'agent;Voicemail', 'did you mean CALL_ROUTE=agent,voicemail?'],
    ['CALL_ROUTE', 'agent,voicemial', 'did you mean CALL_ROUTE=agent,voicemail?'],
    ['CALL_ROUTE', 'agent,+1 (555) 010-0190', 'did you mean CALL_ROUTE=agent,+15550100190?'],
    ['CALL_ROUTE', 'agent,0049 30/123456', 'did you mean CALL_ROUTE=agent,+4930123456?'],
    ['CALL_ROUTE', 'agent,15550100190', 'did you mean CALL_ROUTE=agent,+15550100190?'],
    // In national form: nothing says of which country.
    ['CALL_ROUTE', 'agent,5550100190', 'correct it in your env file, or in the shell'],
    ['CALL_ROUTE', 'agent,[+15550100190,+15550100191]', 'correct it in your env file, or in the shell'],
    ['PREPARE_TIMEOUT_MS', '4000 s', 'correct it in your env file, or in the shell'],
    ['SYNTHFLOW_WORKSPACE_ID', 'w s', 'correct it in your env file, or in the shell'],
    ['FALLBACK_MESSAGE', `${'x'.repeat(1000)}s`, 'correct it in your env file, or in the shell'],
    ['CALL_ROUTE', 'robot', 'correct it in your env file, or in the shell'],
    ['TRANSFER_NUMBERS', '+1 555 010 0190;+15550100191', 'did you mean TRANSFER_NUMBERS=+15550100190,+15550100191?'],
    ['REFUSED_CALLERS', 'Anonymus', 'did you mean REFUSED_CALLERS=anonymous?'],
    ['CALLER_ID', '+1-555-010-0190', 'did you mean CALLER_ID=+15550100190?'],
    // Nothing of a secret is shown, also not its correction.
    ['SYNTHFLOW_SIP_TERMINATION', '"sip.example.com:5060"', 'correct it in your env file, or in the shell'],
  ])('asks whether another spelling was meant: %s=%s', (name, value, fix) => {
    const [finding] = checkSettings({ ...settings, [name]: value }, {});

    expect(finding?.fix).toBe(fix);
    expect(checkSettings({ SYNTHFLOW_MODEL_ID: 'agent' }, {})[0]?.fix).toBe('set it in your env file, or in the shell');
  });

  test('names the step of CALL_ROUTE that is not accepted', () => {
    const [finding] = checkSettings({ ...settings, CALL_ROUTE: 'agent,+49 30 123456,voicemail' }, {});

    expect(finding?.detail).toBe(
      'expected agent, voicemail and phone numbers in E.164, with commas between them; found 13 characters as step 2 of 3',
    );
  });

  test.each([
    ['SYNTHFLOW_API_KEY', '"key-0123456789"'],
    ['SYNTHFLOW_MODEL_ID', "'agent'"],
    ['FALLBACK_MESSAGE', '"Please call again."'],
  ])('finds quotes that are part of a value: %s', (name, value) => {
    const fix = 'take them off: docker --env-file and some pipelines keep them';

    expect(checkSettings({ ...settings, [name]: value }, {})).toEqual([
      failed(name, 'its quotes are part of the value', fix),
    ]);
    expect(checkSettings({ ...settings, [name]: value.slice(1) }, {})).toMatchObject([{ result: 'ok' }]);
  });

  test('warns once all closed dates of a number are over, wherever it is', () => {
    const closedOn = (...closedDates: string[]): NumberTable => ({
      '+15550100110': { hours: { timeZone: 'UTC', open: {}, closedDates }, closedRoute: [] },
    });
    const at = (time: string, ...dates: string[]) => checkSettings(settings, closedOn(...dates), Date.parse(time));

    expect(at('2027-01-02T00:00:01Z', '2026-12-25', '2026-12-31', '2026-01-01')).toEqual([
      {
        subject: '+15550100110',
        result: 'warning',
        detail: 'its closedDates are over: the last one was 2026-12-31',
        fix: 'add the next ones in src/assets/numbers.private.ts, or take these out',
      },
    ]);
    expect(at('2027-01-01T12:00:00Z', '2026-12-25', '2026-12-31')).toMatchObject([{ result: 'ok' }]);
    expect(at('2027-06-01T12:00:00Z', '2026-12-25', '2027-12-25')).toMatchObject([{ result: 'ok' }]);
    expect(at('2027-06-01T12:00:00Z')).toMatchObject([{ result: 'ok' }]);
  });

  test.each(['Amy', 'Polly', 'woman-like', 'snow-woman', 'a.'])(
    'warns about a voice without a provider: %s',
    (voice) => {
      expect(checkSettings({ ...settings, FALLBACK_VOICE: voice }, {})).toEqual([
        {
          subject: 'FALLBACK_VOICE',
          result: 'warning',
          detail: `the voice "${voice}" names no provider`,
          fix: `did you mean Polly.${voice}?`,
        },
      ]);
    },
  );

  test.each(['Polly.Amy-Neural', 'Google.en-GB-Standard-A', 'man', 'woman', 'alice'] as const)(
    'takes the voice %s',
    (voice) => {
      const numbers = Object.assign({}, { '+15550100100': { fallback: { voice } } });

      expect(checkSettings({ ...settings, FALLBACK_VOICE: voice }, numbers)).toMatchObject([{ result: 'ok' }]);
    },
  );

  test('warns about the voice of a number', () => {
    const numbers: NumberTable = JSON.parse('{"+15550100100":{"fallback":{"voice":"Amy"}}}');

    expect(checkSettings(settings, numbers)).toMatchObject([{ subject: '+15550100100', result: 'warning' }]);
  });

  test.each([
    [0, false],
    [1, true],
    [86_400, true],
    [86_401, false],
    [Number.NaN, false],
  ])('judges a time limit of %d s for a call', (timeLimit, isAccepted) => {
    const findings = checkSettings(settings, { '+15550100100': { dial: { timeLimit } } });
    const fix = 'choose 1 to 86400 seconds, which is what Twilio takes';

    expect(findings).toMatchObject(
      isAccepted ? [{ result: 'ok' }] : [failed('+15550100100', `dial.timeLimit is ${timeLimit}`, fix)],
    );
    expect(checkSettings(settings, { '+15550100100': { dial: { record: 'record-from-answer' } } })).toMatchObject([
      { result: 'ok' },
    ]);
  });

  test('names each setting that is not accepted once, however many numbers use it', () => {
    const findings = checkSettings(
      { ...settings, SYNTHFLOW_REGION: 'mars' },
      { '+15550100100': {}, '+15550100101': {} },
    );

    expect(findings).toEqual([
      failed(
        'SYNTHFLOW_REGION',
        'expected global, us or eu; found "mars"',
        'correct it in your env file, or in the shell',
      ),
    ]);
  });

  test('keeps what follows a colon in what a setting accepts, and shows no password of an address', () => {
    const [finding] = checkSettings({ ...settings, SYNTHFLOW_API_URL: 'http://me:pw@x' }, {});

    expect(finding?.detail).toBe(
      'expected an https URL such as https://api.eu.synthflow.ai/v2, without user, query or fragment (http only to this machine); found 14 characters',
    );
  });

  test('names the number whose entry is not accepted', () => {
    expect(checkSettings(settings, { '+15550100100': { dialNumber: 'reception' } })).toEqual([
      failed(
        '+15550100100',
        'dialNumber in the number table: expected a phone number of 3 to 15 digits, such as +15550100199; found "reception"',
        'correct its entry in src/assets/numbers.private.ts',
      ),
    ]);
  });

  test('needs no key in the environment where every number has its own workspace', () => {
    const numbers: NumberTable = { '+15550100110': { apiKey: 'own-key', modelId: 'agent' } };

    expect(checkSettings({}, numbers)).toMatchObject([{ result: 'ok' }]);
    expect(checkSettings({}, { ...numbers, '+15550100111': { modelId: 'agent' } })).toMatchObject([
      { result: 'failed', subject: 'SYNTHFLOW_API_KEY' },
    ]);
  });

  test('warns of a region that has no effect', () => {
    const numbers: NumberTable = { '+15550100110': { region: 'us' } };

    expect(checkSettings({ ...settings, SYNTHFLOW_SIP_TERMINATION: 'sip.example.com:5060' }, numbers)).toMatchObject([
      { result: 'warning', detail: 'its region has no effect beside SYNTHFLOW_SIP_TERMINATION' },
    ]);
    expect(checkSettings(settings, numbers)).toMatchObject([{ result: 'ok' }]);
  });

  test('needs no agent in the environment where every number has its own', () => {
    const environment = { SYNTHFLOW_API_KEY: 'key' };

    expect(checkSettings(environment, { '+15550100100': { modelId: 'agent' } })).toMatchObject([{ result: 'ok' }]);
    expect(checkSettings(environment, {})).toMatchObject([{ subject: 'SYNTHFLOW_MODEL_ID', result: 'failed' }]);
    expect(checkSettings(environment, { '+15550100100': {} })).toMatchObject([
      { subject: '+15550100100', detail: expect.stringContaining('SYNTHFLOW_MODEL_ID') },
    ]);
  });

  test.each([
    ['SYNTHFLOW_WORKSPACEID', 'SYNTHFLOW_WORKSPACE_ID'],
    ['FALBACK_MESSAGE', 'FALLBACK_MESSAGE'],
    ['TRANSFER_NUMBER', 'TRANSFER_NUMBERS'],
    ['REFUSED_NUMBERS', 'REFUSED_CALLERS'],
    ['FALLBACK_SOMETHING_ELSE', 'FALLBACK_MESSAGE'],
    ['call_route', 'CALL_ROUTE'],
    ['CALL_ROUTES', 'CALL_ROUTE'],
    ['falback_message', 'FALLBACK_MESSAGE'],
    ['ALLBAK_MESAGE', 'FALLBACK_MESSAGE'],
    ['ALLBACK_MESAGE', 'FALLBACK_MESSAGE'],
  ])('takes %s for a misspelt %s', (name) => {
    expect(checkSettings({ ...settings, [name]: 'x' }, {}).map(({ subject }) => subject)).toEqual([name]);
  });

  test.each(['ALBAK_MESAGE', 'MY_DIAL_PLAN', 'DIRECT'])('takes %s for a variable of somebody else', (name) => {
    expect(checkSettings({ ...settings, [name]: 'x' }, {})).toMatchObject([{ result: 'ok' }]);
  });

  test('takes a name that is far from each setting for a variable of your own, which needs another one', () => {
    const fix = "docs/settings.md lists them; a variable of your own code's needs a name that begins in another way";

    expect(checkSettings({ ...settings, CALL_CENTER: 'x' }, {})).toEqual([
      failed('CALL_CENTER', "isn't a setting", fix),
    ]);
  });

  test('takes a misspelt login for one, since it would be uploaded', () => {
    expect(checkSettings({ ...settings, AUTH_TOKN: 'x' }, {})).toEqual([
      failed('AUTH_TOKN', "isn't a setting", 'did you mean AUTH_TOKEN?'),
    ]);
  });

  test('names a shared setting that is wrong, although each number has its own', () => {
    const numbers: NumberTable = { '+15550100100': { modelId: 'own' } };

    expect(checkSettings({ ...settings, SYNTHFLOW_MODEL_ID: 'two words' }, numbers)).toMatchObject([
      { subject: 'SYNTHFLOW_MODEL_ID', result: 'failed' },
    ]);
    expect(checkSettings({ SYNTHFLOW_API_KEY: 'key' }, numbers)).toMatchObject([{ result: 'ok' }]);
  });

  test.each([
    ['SYNTHFLOW_API_URL', 'http://127.0.0.1:9911/v2', '127.0.0.1'],
    ['SYNTHFLOW_SIP_TERMINATION', 'localhost:5060', 'localhost'],
    ['NOTIFY_URL', 'http://[::1]:9911/hook', '[::1]'],
  ])('refuses what leads to this machine, which the cloud cannot reach: %s=%s', (name, value, host) => {
    expect(checkSettings({ ...settings, [name]: value }, { '+15550100100': {} })).toEqual([
      failed(name, `${name} leads to ${host}, which is only this machine`, 'name a host that the cloud reaches'),
    ]);
  });

  test.each([
    { SYNTHFLOW_REGION: 'us', SYNTHFLOW_API_URL: 'https://api.eu.synthflow.ai/v2' },
    { SYNTHFLOW_REGION: 'eu', SYNTHFLOW_SIP_TERMINATION: 'sip.us.synthflow.ai:32681' },
  ])('refuses an API and a trunk of two regions: %j', (changes) => {
    expect(checkSettings({ ...settings, ...changes }, {})).toEqual([
      failed(
        'SYNTHFLOW_REGION',
        "the API is in the region eu, and the trunk in us, which doesn't know its calls",
        'name one region for both',
      ),
    ]);
  });

  test("refuses a number's own address of this machine", () => {
    expect(checkSettings(settings, { '+15550100100': { notifyUrl: 'http://localhost/x' } })).toMatchObject([
      { subject: '+15550100100', detail: 'NOTIFY_URL leads to localhost, which is only this machine' },
    ]);
  });

  test('says which of several numbers in a list is wrong', () => {
    expect(checkSettings({ ...settings, TRANSFER_NUMBERS: '+15550100190,+1911,+15550100191' }, {})).toMatchObject([
      { detail: expect.stringContaining('; found "+1911" as number 2 of 3') },
    ]);
  });

  test("asks for no language where the sentence isn't accepted", () => {
    const wrong = checkSettings({ ...settings, FALLBACK_MESSAGE: '...', FALLBACK_LANGUAGE: 'de-DE' }, {});

    expect(wrong).toMatchObject([{ subject: 'FALLBACK_MESSAGE', result: 'failed' }]);
  });

  test('says which setting a misspelt one may be', () => {
    expect(checkSettings({ ...settings, FALBACK_MESSAGE: 'x' }, {})).toEqual([
      failed('FALBACK_MESSAGE', "isn't a setting", 'did you mean FALLBACK_MESSAGE?'),
    ]);
  });

  test.each(['TWILIO_API_KEY', 'TWILIO_API_SECRET', 'TWILIO_AUTH_TOKEN'])('keeps %s from being uploaded', (name) => {
    expect(checkSettings({ ...settings, [name]: 'secret' }, {})).toEqual([
      failed(name, 'would be uploaded with the settings', "move it from your env file into the shell's environment"),
    ]);
    expect(checkSettings({ ...settings, [name]: '' }, {})).toMatchObject([{ result: 'ok' }]);
  });

  test('holds each variable to the 450 bytes that Twilio takes', () => {
    const [ofBytes, over] = ['é'.repeat(225), `${'é'.repeat(225)}x`];

    expect(checkSettings({ ...settings, NOTES: ofBytes }, {})).toMatchObject([{ result: 'ok' }]);
    expect(checkSettings({ ...settings, NOTES: over }, {})).toEqual([
      failed('NOTES', '451 bytes', 'shorten it: Twilio takes at most 450 bytes'),
    ]);
  });

  test('holds all variables together, names included, to 3,000 bytes', () => {
    const used = Object.entries(settings).flat().join('').length;
    /** Variables of so many bytes together, none of them over 450. */
    const fill = (bytes: number) => {
      const names = [...'ABCDEFGHIJK'];
      return Object.fromEntries([...names.map((name) => [name, 'x'.repeat(249)]), ['L', 'x'.repeat(bytes - 2751)]]);
    };
    const room = 3000 - used;

    expect(checkSettings({ ...settings, ...fill(room), EMPTY: '' }, {})).toMatchObject([{ result: 'ok' }]);
    expect(checkSettings({ ...settings, ...fill(room + 1) }, {})).toEqual([
      failed('environment', '3001 bytes together', 'Twilio takes about 3000: move settings into the number table'),
    ]);
  });

  test.each(['+1 555', '15550100100', '4711', 'whatsapp:+15550100100', 'sip:nobody', 'sales'])(
    'finds an entry that is not written as a key: %s',
    (key) => {
      expect(checkSettings(settings, Object.fromEntries([[key, {}]]))).toEqual([
        failed(
          key,
          "isn't how a key of the number table is written",
          'write a number in E.164, such as +15550100100, or an address such as sip:sales@acme.sip.twilio.com',
        ),
      ]);
    },
  );

  test('accepts numbers, SIP addresses and clients as keys', () => {
    const dialNumber = '+15550100199';
    const numbers = {
      '+15550100100': {},
      'sip:4711@acme.sip.twilio.com': {},
      'sip:sales@acme.sip.twilio.com': { dialNumber },
      'client:support': { dialNumber },
    };

    expect(checkSettings(settings, numbers)).toMatchObject([{ result: 'ok' }]);
  });

  test.each(['sip:sales@acme.sip.twilio.com', 'client:support'] as const)(
    'finds an entry whose callers have no number to dial: %s',
    (key) => {
      expect(checkSettings(settings, { [key]: {} })).toEqual([
        failed(
          key,
          'has no number that the trunk could dial: its callers get the fallback',
          'give its entry a dialNumber',
        ),
      ]);
      expect(checkSettings({ ...settings, SYNTHFLOW_SIP_TERMINATION: 'x' }, { [key]: {} })).toMatchObject([
        { subject: 'SYNTHFLOW_SIP_TERMINATION' },
      ]);
    },
  );

  test("doesn't confuse two unreadable keys", () => {
    expect(checkSettings(settings, Object.assign({}, { sales: {}, shop: {} }))).toMatchObject([
      { subject: 'sales', detail: expect.stringContaining("isn't how a key") },
      { subject: 'shop', detail: expect.stringContaining("isn't how a key") },
    ]);
  });

  test('finds two entries for one address', () => {
    const dialNumber = '+15550100199';
    const numbers = {
      'sip:sales@acme.sip.twilio.com': { dialNumber },
      'sip:shop@acme.sip.twilio.com': { dialNumber },
      'sip:sales@ACME.sip.twilio.com': { dialNumber },
    };

    expect(checkSettings(settings, numbers)).toEqual([
      failed('sip:sales@ACME.sip.twilio.com', 'duplicates an entry above it, which wins', 'keep one of them'),
    ]);
  });

  test("accepts a person's number in a route", () => {
    const numbers: NumberTable = { '+15550100100': { route: ['agent', '+15550100190'] } };

    expect(checkSettings(settings, numbers)).toMatchObject([{ subject: 'settings', result: 'ok' }]);
  });

  test('warns of a number in a route that this bridge answers, too', () => {
    const numbers = { '+15550100100': { route: ['agent', '+15550100101'] }, '+15550100101': {} } as const;

    expect(checkSettings(settings, numbers)).toEqual([
      {
        subject: '+15550100100',
        result: 'warning',
        detail: 'its route rings a number that this bridge answers, too',
        fix: 'choose a number where a person answers',
      },
    ]);
  });

  test.each<[string, NumberTable]>([
    [
      'in two steps, one of them at once with another phone',
      {
        '+15550100110': { route: ['+15550100111'] },
        '+15550100111': { route: [['+15550100190', { number: '+15550100110' }], { agent: 'other' }] },
      },
    ],
    [
      'in three steps',
      {
        '+15550100110': { route: ['+15550100111'] },
        '+15550100111': { route: ['+15550100112'] },
        '+15550100112': { route: ['+15550100190', '+15550100110'] },
      },
    ],
    [
      'only while a number is closed',
      {
        '+15550100110': { hours: { timeZone: 'UTC', open: {} }, closedRoute: ['+15550100111'] },
        '+15550100111': { route: ['+15550100110'] },
      },
    ],
  ])('finds routes that go in a circle: %s', (_case, numbers) => {
    const fix = 'choose a number where a person answers';

    expect(checkSettings(settings, numbers)).toEqual(
      Object.keys(numbers).map((number) =>
        failed(number, 'its route comes back to it, by way of the numbers that it rings', fix),
      ),
    );
  });

  test('only warns about a circle through other numbers', () => {
    const numbers: NumberTable = {
      '+15550100110': { route: ['+15550100111'] },
      '+15550100111': { route: ['+15550100112'] },
      '+15550100112': { route: ['+15550100111'] },
    };

    expect(checkSettings(settings, numbers).map(({ subject, result }) => [subject, result])).toEqual([
      ['+15550100110', 'warning'],
      ['+15550100111', 'failed'],
      ['+15550100112', 'failed'],
    ]);
  });

  test.each(['CONFIRM_MESAGE_OF_OURS', 'NOTIFY_ADDRESS_OF_OURS'])('finds %s, which begins like a setting', (name) => {
    expect(checkSettings({ ...settings, [name]: 'x' }, {})).toMatchObject([{ subject: name, result: 'failed' }]);
  });

  test('finds hours that are wrong', () => {
    const numbers: NumberTable = {
      '+15550100110': { hours: { timeZone: 'Mars/Olympus', open: {} }, closedRoute: ['voicemail'] },
      '+15550100111': { hours: { timeZone: 'UTC', open: {} }, closedRoute: ['voicemail'] },
    };

    expect(checkSettings(settings, numbers)).toEqual([
      failed(
        '+15550100110',
        'hours in the number table: expected a time zone such as Europe/Berlin; found "Mars/Olympus"',
        'correct its entry in src/assets/numbers.private.ts',
      ),
    ]);
  });

  test('finds a lookup that leaves no time for preparing the call', () => {
    const numbers: NumberTable = { '+15550100110': { customVariables: () => ({}) }, '+15550100111': {} };
    const budgets = (PREPARE_TIMEOUT_MS: string) =>
      checkSettings({ ...settings, PREPARE_TIMEOUT_MS, LOOKUP_TIMEOUT_MS: '1501' }, numbers);

    expect(budgets('7499')).toMatchObject([{ subject: 'settings', result: 'ok' }]);
    expect(budgets('7500')).toEqual([
      failed(
        '+15550100110',
        'PREPARE_TIMEOUT_MS and LOOKUP_TIMEOUT_MS are 9001 ms together',
        'shorten them to at most 9000 ms together: Twilio ends a function after 10 s',
      ),
    ]);
  });
});
