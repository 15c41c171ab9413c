import { readerOf, sentenceOf, variables } from '../../src/assets/environment.private';

const { apiKey, apiUrl, callerId, dialNumber, modelId, region, sipTermination, transferNumbers } = variables;

describe('A setting', () => {
  test.each([
    ['apiKey', 'x'.repeat(450), 'x'.repeat(450)],
    ['modelId', 'x'.repeat(128), 'x'.repeat(128)],
    ['region', 'global', 'global'],
    ['apiUrl', 'https://proxy.example/synthflow/v2/', 'https://proxy.example/synthflow/v2'],
    ['apiUrl', 'https://proxy.example/v2//', 'https://proxy.example/v2'],
    ['apiUrl', 'http://127.0.0.1:8080/v2', 'http://127.0.0.1:8080/v2'],
    ['apiUrl', 'http://localhost:8080/v2', 'http://localhost:8080/v2'],
    ['apiUrl', 'http://[::1]:8080/v2', 'http://[::1]:8080/v2'],
    ['apiUrl', 'http://127.10.20.30/v2', 'http://127.10.20.30/v2'],
    ['fallbackMessage', '... one moment', '... one moment'],
    ['sipTermination', 'a:1', { name: 'a', port: 1 }],
    ['sipTermination', 'a1.1b-2c.d--3:65535', { name: 'a1.1b-2c.d--3', port: 65_535 }],
    ['sipTermination', 'A.b.c2d:9', { name: 'a.b.c2d', port: 9 }],
    ['sipTermination', '127.0.0.1:5060', { name: '127.0.0.1', port: 5060 }],
    ['sipTermination', `${'h'.repeat(189)}:65535`, { name: 'h'.repeat(189), port: 65_535 }],
    ['prepareTimeoutMs', '500', 500],
    ['prepareTimeoutMs', '8000', 8000],
    ['dialTimeoutSeconds', '5', 5],
    ['dialTimeoutSeconds', '120', 120],
    ['minAgentSeconds', '0', 0],
    ['dialNumber', '4711', '4711'],
    ['dialNumber', '15550100199', '15550100199'],
    ['dialNumber', '+15550100199', '+15550100199'],
    ['callerId', '+15550100190', '+15550100190'],
    ['callRoute', 'agent , +15550100190,', ['agent', '+15550100190', '']],
    ['lookupTimeoutMs', '100', 100],
    ['ringSeconds', '120', 120],
    ['sendDigits', `${'1'.repeat(28)}*#wA`, `${'1'.repeat(28)}*#wA`],
    ['fallbackMessage', 'Grüße & <Tschüss> \u{1F44B}', 'Grüße & <Tschüss> \u{1F44B}'],
    ['fallbackMessage', 'x'.repeat(1000), 'x'.repeat(1000)],
    ...['en-GB', 'de-DE', 'arb', 'es-419', 'en-GB-WLS', 'cmn-CN'].map(
      (language) => ['fallbackLanguage', language, language] as const,
    ),
    ['transferNumbers', '+15550100191', ['+15550100191']],
    ['refusedCallers', 'anonymous', ['anonymous']],
    ['refusedCallers', ' +1900* ,+15550100142', ['+1900*', '+15550100142']],
    ['confirmMessage', 'Press 1.', 'Press 1.'],
    ['notifyUrl', 'https://hooks.example/services/x?token=1', 'https://hooks.example/services/x?token=1'],
    ['notifyUrl', 'http://127.0.0.1:8080/hook', 'http://127.0.0.1:8080/hook'],
    ['closedRoute', 'voicemail', ['voicemail']],
    ['transferNumbers', ' +15550100191 ,+15550100192', ['+15550100191', '+15550100192']],
    ['directDial', 'true', true],
    ['sipSrtp', 'false', false],
  ] as const)('%s accepts %j as %j', (name, found, value) => {
    expect(variables[name].parse(found)).toEqual(value);
  });

  test.each([
    ...['two words', 'key\r\nX-Evil: 1', 'x'.repeat(451), 'schlüssel'].map((found) => ['apiKey', found] as const),
    ['modelId', 'x'.repeat(129)],
    ['workspaceId', 'a b'],
    ...['mars', 'EU', 'eu # Frankfurt'].map((found) => ['region', found] as const),
    ...[
      'api.synthflow.ai',
      'http://api.synthflow.ai/v2',
      'ftp://127.0.0.1/v2',
      'http://localhost.evil.example/v2',
      'http://evil-localhost/v2',
      'https://user:secret@api.synthflow.ai/v2',
      'https://api.synthflow.ai/v2?x=1',
      'https://api.synthflow.ai/v2#x',
    ].map((found) => ['apiUrl', found] as const),
    // RFC 3261, section 25.1: a label starts and ends with a letter or digit, the last one starts with a letter.
    ...[
      '-sip.synthflow.ai',
      'sip-.ai',
      'sip..ai',
      '.ai',
      'sip.ai-',
      'sip.-ai',
      'sip.1ai',
      'sip.1',
      'x sip.ai',
      'sip.ai.',
    ]
      .concat('999.1.1.1', 'sip:x@evil.example', 'h'.repeat(190))
      .map((host) => ['sipTermination', `${host}:5060`] as const),
    ...['', ':0', ':65536', ':5060x'].map((port) => ['sipTermination', `sip.synthflow.ai${port}`] as const),
    ['sipTransport', 'TLS'],
    ...['yes', '1', 'TRUE', 'true '].map((found) => ['sipSrtp', found] as const),
    ...['499', '8001', '4s', '4e3', '-500', '0000500'].map((found) => ['prepareTimeoutMs', found] as const),
    ...['4', '121', '20.5'].map((found) => ['dialTimeoutSeconds', found] as const),
    ['minAgentSeconds', '601'],
    ...['x4711', '4711x', '12', '1'.repeat(16)].map((found) => ['dialNumber', found] as const),
    ...['5550100190', '+0155501001', '+15550100190;x'].map((found) => ['callerId', found] as const),
    ...['99', '4001'].map((found) => ['lookupTimeoutMs', found] as const),
    ...['1,2', ' 1', '1 ', ''].map((found) => ['sendDigits', found] as const),
    // Letters that are spoken as nothing: Hangul fillers.
    ...['\u3164', '\u115f \u1160', '\uffa0!', '\u200b', '...'].map((found) => ['fallbackMessage', found] as const),
    ...['Two\nlines', 'bell \u0007', 'x'.repeat(1001), '\ud800', '\uffff'].map(
      (found) => ['fallbackMessage', found] as const,
    ),
    ...['English', 'de-DE!', 'd', 'DE'].map((found) => ['fallbackLanguage', found] as const),
    ...['a voice', '<voice>'].map((found) => ['fallbackVoice', found] as const),
    ...['http://hooks.example/x', 'hooks.example', 'ftp://hooks.example'].map((found) => ['notifyUrl', found] as const),
    ...['*', '+1900', 'anonymous,', ',', 'anonymous;+1900*'].map((found) => ['refusedCallers', found] as const),
    ...['+15550100191;+15550100192', '+15550100191,', ''].map((found) => ['transferNumbers', found] as const),
  ] as const)('%s refuses %j', (name, found) => {
    expect(variables[name].parse(found)).toBeUndefined();
  });
});

describe('A reader', () => {
  test('trims values, and treats empty ones and non-strings as unset', () => {
    const reader = readerOf({ SYNTHFLOW_REGION: ' eu ', SYNTHFLOW_MODEL_ID: ' ', SYNTHFLOW_API_URL: 7 });

    expect(reader.optional(region)).toBe('eu');
    expect(reader.optional(modelId)).toBeUndefined();
    expect(reader.optional(apiUrl)).toBeUndefined();
    expect(reader.problems).toEqual([]);
  });

  test("prefers the table's value to the environment's, even an empty one", () => {
    const reader = readerOf({ SYNTHFLOW_MODEL_ID: 'agent' });

    expect(reader.required(modelId, 'own-agent')).toBe('own-agent');
    expect(reader.optional(modelId, '')).toBeUndefined();
    expect(reader.problems).toEqual([]);
  });

  test.each([
    [
      'stepAgent',
      "a step's agent in the number table: expected the id of a Synthflow agent, at most 128 characters without spaces; ",
    ],
    ['ringSeconds', "a phone's ringSeconds in the number table: expected a whole number of seconds from 5 to 120; "],
    [
      'sendDigits',
      "a phone's sendDigits in the number table: expected 1 to 32 of 0 to 9, *, #, w for half a second and W for a whole one; ",
    ],
  ] as const)('says what a field of a route accepts: %s', (name, problem) => {
    const reader = readerOf({});
    reader.optional<unknown>(variables[name], 'x y');

    expect(reader.problems.map(sentenceOf)).toEqual([`${problem}found "x y". Correct it.`]);
  });

  test('that is missing or not accepted is named with what was expected, what was found, and the fix', () => {
    const reader = readerOf({ SYNTHFLOW_REGION: 'eu # Frankfurt' });
    reader.required(apiKey);
    reader.required(modelId, '');
    reader.optional(region);

    expect(reader.problems.map(sentenceOf)).toEqual([
      'SYNTHFLOW_API_KEY: expected an API key of your Synthflow workspace, at most 450 characters without spaces; found nothing. Correct it.',
      'modelId in the number table: expected the id of a Synthflow agent, at most 128 characters without spaces; found nothing. Correct it.',
      'SYNTHFLOW_REGION: expected global, us or eu; found "eu # Frankfurt". Correct it.',
    ]);
  });

  test.each([
    [region, 'sk-0123456789abcdef0123456789', '29 characters'],
    [sipTermination, '+15550100142', '12 characters'],
    [sipTermination, 'me:pw@sip.x:1', '13 characters'],
    [dialNumber, '1-2-3-4-5', '9 characters'],
    [apiKey, 'my key', '6 characters'],
    [region, 'Frankfurt am Main', '17 characters'],
    [region, 'Zürich', '6 characters'],
    [region, 'ürich', '5 characters'],
    [region, 'Zü', '2 characters'],
    [region, 'ü', '1 character'],
    [callerId, { secret: 'sk-0123' }, 'an object'],
    [transferNumbers, '+15550100190,+1911,x', '"+1911" as number 2 of 3, "x" as number 3 of 3'],
    [transferNumbers, ['+15550100190', '5550100142'], '10 characters as number 2 of 2'],
  ])('never shows what may be a secret or a phone number: %#', (variable, value, found) => {
    const reader = readerOf({});
    reader.optional<unknown>(variable, value);

    expect(reader.problems).toMatchObject([{ found }]);
  });
});
