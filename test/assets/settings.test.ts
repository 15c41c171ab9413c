import { type Environment, sentenceOf } from '../../src/assets/environment.private';
import { defaultMessage, type NumberSettings, type NumberTable, readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { numbers } from '../fixtures/numbers';

/** The settings, with their problems as the log line writes them. */
const settingsOf = (environment: Environment, table: NumberTable, to: string) => {
  const settings = readSettings(environment, table, parseAddress(to));
  return { ...settings, problems: settings.problems.map(sentenceOf) };
};

const minimal = { SYNTHFLOW_API_KEY: 'key-0123456789', SYNTHFLOW_MODEL_ID: 'agent' };
const read = (env: Record<string, unknown> = {}, to = '+15550100100') =>
  settingsOf({ ...minimal, ...env }, numbers, to);

describe('The settings of a called number', () => {
  test('need only a key and an agent; the rest has the documented defaults', () => {
    expect(read()).toEqual({
      api: {
        apiKey: 'key-0123456789',
        apiUrl: 'https://api.synthflow.ai/v2',
        workspaceId: undefined,
        lookup: { variables: {}, customVariables: undefined, timeoutMs: 1500 },
        budgetMs: 4000,
      },
      trunk: {
        trunk: {
          hosts: [
            { name: 'sipin.synthflow.ai', port: 32681 },
            { name: 'sip.synthflow.ai', port: 32681 },
          ],
          transport: undefined,
          srtp: false,
        },
        dialNumber: undefined,
        ringSeconds: 20,
        attributes: {},
      },
      route: [{ kind: 'agent', modelId: 'agent' }],
      closed: undefined,
      hours: undefined,
      rules: { directDial: false, transferTargets: [], minAgentSeconds: 0 },
      speech: {
        message: defaultMessage,
        voicemailMessage: `${defaultMessage} Please leave a message after the tone.`,
        closing: 'Thank you. Goodbye.',
        confirmMessage: 'Somebody is calling for you. Press 1 to take the call.',
        language: undefined,
        voice: undefined,
      },
      callerId: undefined,
      notifyUrl: undefined,
      refused: [],
      tableMatch: 'no_entry',
      problems: [],
    });
  });

  test.each([
    ['us', 'https://api.us.synthflow.ai/v2', 'sip.us.synthflow.ai'],
    ['eu', 'https://api.eu.synthflow.ai/v2', 'sip.eu.synthflow.ai'],
  ])('take API and trunk of the region %s together', (SYNTHFLOW_REGION, apiUrl, host) => {
    expect(read({ SYNTHFLOW_REGION })).toMatchObject({
      api: { apiUrl },
      trunk: { trunk: { hosts: [{ name: host, port: 32681 }] } },
    });
  });

  test('take the TLS port when the region gives the host', () => {
    const env = { SYNTHFLOW_REGION: 'eu', SYNTHFLOW_SIP_TRANSPORT: 'tls', SYNTHFLOW_SIP_SRTP: 'true' };

    expect(read(env).trunk?.trunk).toEqual({
      hosts: [{ name: 'sip.eu.synthflow.ai', port: 32682 }],
      transport: 'tls',
      srtp: true,
    });
  });

  test('keep the port of a termination that is given', () => {
    const env = {
      SYNTHFLOW_SIP_TERMINATION: 'SIP.example.com:5061',
      SYNTHFLOW_SIP_TRANSPORT: 'tls',
      SYNTHFLOW_SIP_SRTP: 'false',
    };

    expect(read(env).trunk?.trunk).toMatchObject({
      hosts: [{ name: 'sip.example.com', port: 5061 }, {}, {}],
      transport: 'tls',
    });
  });

  test.each([
    ['sip.synthflow.ai', ['sip.synthflow.ai', 'sipin.synthflow.ai']],
    ['sipin.synthflow.ai', ['sipin.synthflow.ai', 'sip.synthflow.ai']],
  ])("know the region's other name of a termination that is given: %s", (host, hosts) => {
    const trunk = read({ SYNTHFLOW_SIP_TERMINATION: `${host}:32681` }).trunk?.trunk;

    expect(trunk?.hosts.map(({ name }) => name)).toEqual(hosts);
  });

  test.each([
    [undefined, 32681],
    ['tcp', 32681],
    ['tls', 32682],
  ])("know Synthflow's own hosts of the region beside a termination of another host (%s)", (transport, port) => {
    const env = {
      SYNTHFLOW_REGION: 'eu',
      SYNTHFLOW_SIP_TERMINATION: 'sbc.example:5061',
      SYNTHFLOW_SIP_TRANSPORT: transport,
    };

    expect(read(env).trunk?.trunk.hosts).toEqual([
      { name: 'sbc.example', port: 5061 },
      { name: 'sip.eu.synthflow.ai', port },
    ]);
  });

  test.each([
    [
      'SYNTHFLOW_API_KEY',
      '',
      'an API key of your Synthflow workspace, at most 450 characters without spaces; found nothing',
    ],
    ['SYNTHFLOW_API_KEY', 'two words', 'an API key'],
    ['SYNTHFLOW_WORKSPACE_ID', 'a b', 'the id of a Synthflow workspace'],
    ['SYNTHFLOW_REGION', 'mars', 'global, us or eu; found "mars"'],
    ['SYNTHFLOW_API_URL', 'api.synthflow.ai', 'an https URL'],
    ['LOOKUP_TIMEOUT_MS', '99', 'a whole number of milliseconds from 100 to 4000; found "99"'],
    ['PREPARE_TIMEOUT_MS', '499', 'a whole number of milliseconds from 500 to 8000; found "499"'],
  ])('have no API when %s is %j, and say what it accepts', (name, value, accepts) => {
    const { api, problems } = read({ [name]: value });

    expect(api).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(accepts)]);
    expect(problems[0]).toMatch(new RegExp(`^${name}: expected .*; found .*\\. Correct it\\.$`));
  });

  test.each([
    ['SYNTHFLOW_REGION', 'mars', 'global, us or eu'],
    ['SYNTHFLOW_SIP_TERMINATION', 'sip.synthflow.ai', 'host:port'],
    ['SYNTHFLOW_SIP_TRANSPORT', 'TLS', 'udp, tcp or tls; found "TLS"'],
    ['SYNTHFLOW_SIP_SRTP', 'yes', 'true or false; found "yes"'],
    ['DIAL_TIMEOUT_SECONDS', '4', 'a whole number of seconds from 5 to 120'],
  ])('have no trunk when %s is %j, and say what it accepts', (name, value, accepts) => {
    const { trunk, problems } = read({ [name]: value });

    expect(trunk).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(accepts)]);
  });
});

describe('The route of a called number', () => {
  const phone = (number: string) => ({ number, ringSeconds: 20, confirm: false, sendDigits: undefined });

  test("comes from the environment, with its phones' defaults", () => {
    const { route, rules, speech, problems } = read({
      CALL_ROUTE: ' agent, +15550100190,voicemail',
      FALLBACK_LANGUAGE: 'en-GB',
      FALLBACK_VOICE: 'Polly.Amy-Neural',
      TRANSFER_NUMBERS: '+15550100191, +15550100192',
      DIRECT_DIAL: 'true',
      MIN_AGENT_SECONDS: '600',
    });

    expect(route).toEqual([
      { kind: 'agent', modelId: 'agent' },
      { kind: 'person', phones: [phone('+15550100190')] },
      { kind: 'voicemail' },
    ]);
    expect(rules).toEqual({
      directDial: true,
      transferTargets: [phone('+15550100190'), phone('+15550100191'), phone('+15550100192')],
      minAgentSeconds: 600,
    });
    expect(speech).toMatchObject({ language: 'en-GB', voice: 'Polly.Amy-Neural' });
    expect(problems).toEqual([]);
  });

  test('keeps its other steps when one is not accepted, and counts as none without any', () => {
    const some = read({ CALL_ROUTE: 'agent,agnet,voicemail' });
    const none = read({ CALL_ROUTE: 'agnet' });

    expect(some.route.map(({ kind }) => kind)).toEqual(['agent', 'voicemail']);
    expect(some.problems).toEqual([
      expect.stringMatching(/^CALL_ROUTE: expected agent, .*; found "agnet" as step 2 of 3\./),
    ]);
    expect(none.route).toEqual([{ kind: 'agent', modelId: 'agent' }]);
    expect(none.problems).toHaveLength(1);
  });

  test('has an agent without a model if no setting names one, and reports it', () => {
    const { route, api, problems } = read({ SYNTHFLOW_MODEL_ID: '', CALL_ROUTE: 'agent,voicemail' });

    expect(route).toEqual([{ kind: 'agent', modelId: undefined }, { kind: 'voicemail' }]);
    expect(api).toBeDefined();
    expect(problems).toEqual([expect.stringMatching(/^SYNTHFLOW_MODEL_ID: expected the id of a Synthflow agent/)]);
  });

  test('needs no SYNTHFLOW_MODEL_ID where it names each agent, or has none', () => {
    const table: NumberTable = {
      '+15550100110': { route: [{ agent: 'own' }, 'voicemail'] },
      '+15550100111': { route: ['voicemail'] },
    };
    const problemsOf = (to: string) => settingsOf({ SYNTHFLOW_API_KEY: 'key' }, table, to).problems;

    expect([problemsOf('+15550100110'), problemsOf('+15550100111')]).toEqual([[], []]);
  });

  test('never rings the called number, which would be a circle, and says so', () => {
    const { route, rules, problems } = read({
      CALL_ROUTE: 'agent,+15550100100',
      TRANSFER_NUMBERS: '+15550100100,+15550100191',
    });

    expect(route).toEqual([{ kind: 'agent', modelId: 'agent' }]);
    expect(rules.transferTargets).toEqual([phone('+15550100191')]);
    expect(problems).toEqual([
      expect.stringMatching(/^CALL_ROUTE: .*; found the called number itself as step 2 of 2\./),
    ]);
  });

  test.each([
    ['FALLBACK_LANGUAGE', 'English', 'a language such as en-GB'],
    ['FALLBACK_VOICE', 'a voice', 'a voice of <Say>'],
    ['FALLBACK_MESSAGE', 'Two\nlines', '1 to 1,000 printable characters'],
    ['FALLBACK_CLOSING', 'bell \u0007', '1 to 1,000 printable characters'],
    ['CONFIRM_MESSAGE', 'Two\nlines', '1 to 1,000 printable characters'],
    ['NOTIFY_URL', 'http://hooks.example/x', 'an https URL that takes JSON'],
    ['FALLBACK_MESSAGE', '\u200b\u00ad', '1 to 1,000 printable characters in one line, with a letter or a digit'],
    ['FALLBACK_MESSAGE', '...', '1 to 1,000 printable characters in one line, with a letter or a digit'],
    ['TRANSFER_NUMBERS', '+15550100191;+15550100192', 'phone numbers in E.164, such as'],
    ['REFUSED_CALLERS', '+1900', 'numbers in E.164, beginnings such as'],
    ['CALLER_ID', '5550100180', 'a phone number in E.164 of your Twilio account'],
    ['DIRECT_DIAL', '1', 'true or false'],
    ['MIN_AGENT_SECONDS', '601', 'a whole number of seconds from 0 to 600'],
  ])('leaves out only the setting that is not accepted: %s=%j', (name, value, accepts) => {
    const { problems, ...settings } = read({ [name]: value });
    const { api, ...intact } = read();

    expect(settings).toMatchObject({ route: intact.route, rules: intact.rules, trunk: intact.trunk });
    expect(settings.speech).toEqual(intact.speech);
    expect(settings.api).toBeDefined();
    expect(problems).toEqual([expect.stringContaining(`${name}: expected ${accepts}`)]);
  });
});

describe('An entry of the number table', () => {
  const phone = (number: string) => ({ number, ringSeconds: 20, confirm: false, sendDigits: undefined });

  test('wins over the environment, field by field', () => {
    const env = {
      CALL_ROUTE: '+15550100190',
      FALLBACK_MESSAGE: 'From the environment.',
      FALLBACK_CLOSING: 'From the environment.',
      FALLBACK_LANGUAGE: 'en-GB',
      FALLBACK_VOICE: 'alice',
      TRANSFER_NUMBERS: '+15550100191',
      CALLER_ID: '+15550100180',
      REFUSED_CALLERS: '+1900*',
      CONFIRM_MESSAGE: 'From the environment.',
      NOTIFY_URL: 'https://hooks.example/environment',
      DIRECT_DIAL: 'false',
      MIN_AGENT_SECONDS: '1',
    };

    expect(read(env, '+15550100101')).toEqual({
      api: expect.objectContaining({
        lookup: { variables: {}, customVariables: expect.any(Function), timeoutMs: 1500 },
      }),
      trunk: expect.objectContaining({
        dialNumber: '+15550100199',
        attributes: { record: 'record-from-answer-dual', timeLimit: 600, ringTone: 'us' },
      }),
      closed: undefined,
      hours: undefined,
      route: [
        { kind: 'agent', modelId: 'own-agent' },
        { kind: 'person', phones: [phone('+15550100198')] },
        { kind: 'voicemail' },
      ],
      rules: {
        directDial: true,
        transferTargets: ['+15550100198', '+15550100197', '+15550100196'].map(phone),
        minAgentSeconds: 5,
      },
      speech: {
        message: 'Please call our shop.',
        voicemailMessage: 'Please call our shop.',
        closing: 'Until soon.',
        confirmMessage: 'For the shop. Press 1.',
        language: 'de-DE',
        voice: 'Polly.Vicki-Neural',
      },
      callerId: '+15550100181',
      notifyUrl: 'https://hooks.example/shop',
      refused: ['anonymous', '+15550100143'],
      problems: [],
    });
  });

  test('takes callers whom the environment refuses, by an empty list', () => {
    const table = { '+15550100100': { refuse: [] } };
    const environment = { ...minimal, REFUSED_CALLERS: 'anonymous' };

    expect(settingsOf(environment, table, '+15550100100')).toMatchObject({ refused: [], problems: [] });
    expect(settingsOf(environment, table, '+15550100101').refused).toEqual(['anonymous']);
  });

  test('has a route of its own, or none at all', () => {
    const table: NumberTable = { '+15550100110': { route: [] } };
    const environment = { ...minimal, CALL_ROUTE: 'agent,voicemail' };

    expect(read({ CALL_ROUTE: 'agent,+15550100190' }, '+15550100104').route).toEqual([
      { kind: 'agent', modelId: 'agent' },
    ]);
    expect(settingsOf(environment, table, '+15550100110')).toMatchObject({ route: [], problems: [] });
  });

  test('has another route for when it is closed, whose numbers may be transfer targets, too', () => {
    const hours = { timeZone: 'Europe/Berlin', open: { mon: ['09:00-17:00'] } };
    const table: NumberTable = {
      '+15550100110': { route: ['agent'], hours, closedRoute: ['+15550100190', 'voicemail'] },
    };
    const { route, closed, rules, problems } = settingsOf(minimal, table, '+15550100110');

    expect(route).toEqual([{ kind: 'agent', modelId: 'agent' }]);
    expect(closed).toEqual({
      hours,
      route: [{ kind: 'person', phones: [phone('+15550100190')] }, { kind: 'voicemail' }],
    });
    expect(rules.transferTargets).toEqual([phone('+15550100190')]);
    expect(problems).toEqual([]);
  });

  test.each<[NumberSettings, string]>([
    [{ hours: { timeZone: 'UTC', open: {} } }, 'no closedRoute'],
    [{ closedRoute: ['voicemail'] }, 'no hours'],
  ])('needs hours and closedRoute together: %j', (entry, found) => {
    const { closed, problems } = settingsOf(minimal, { '+15550100110': entry }, '+15550100110');

    expect(closed).toBeUndefined();
    expect(problems).toEqual([
      `hours and closedRoute in the number table: expected both or neither; found ${found}. Correct it.`,
    ]);
  });

  test('with a number that cannot be dialled leaves no trunk', () => {
    expect(read({}, '+15550100103')).toMatchObject({
      trunk: undefined,
      problems: [expect.stringContaining('dialNumber in the number table: expected a phone number')],
    });
  });

  const addresses: NumberTable = {
    '+15550100101': { modelId: 'of-the-number' },
    'sip:sales@Acme.sip.twilio.com': { modelId: 'of-sales', dialNumber: '+15550100199' },
    'client:support': { modelId: 'of-support', dialNumber: '+15550100199' },
  };

  test.each([
    ['15550100101', 'of-the-number'],
    ['whatsapp:+15550100101', 'of-the-number'],
    ['sip:+15550100101@acme.sip.twilio.com', 'of-the-number'],
    ['SIP:+15550100101@acme.sip.twilio.com', 'of-the-number'],
    ['sip:%2B15550100101@acme.sip.twilio.com', 'of-the-number'],
    ['sip:+15550100101;ext=12@acme.sip.twilio.com', 'of-the-number'],
    ['sip:sales@acme.sip.twilio.com', 'of-sales'],
    ['SIP:sales@acme.sip.twilio.com:5061;transport=tls', 'of-sales'],
    ['client:support', 'of-support'],
    ['sip:Sales@acme.sip.twilio.com', 'agent'],
    ['client:supporter', 'agent'],
    ['+15550100102', 'agent'],
    ['', 'agent'],
  ])('is found however its address is written: %s is the agent %s', (to, modelId) => {
    expect(settingsOf(minimal, addresses, to).route).toEqual([{ kind: 'agent', modelId }]);
  });

  test.each([
    ['+15550100101', undefined, 'own-agent'],
    ['0015550100101', 'guessed_entry', 'own-agent'],
    ['15550100101', 'guessed_entry', 'own-agent'],
    ['sip:15550100101@acme.sip.twilio.com', 'guessed_entry', 'own-agent'],
    // In national form; nothing says whose it is.
    ['5550100101', 'no_entry', 'agent'],
    ['05550100101', 'no_entry', 'agent'],
    ['', 'no_entry', 'agent'],
  ])('is found for %j, or the settings say that it is not certain: %s', (to, tableMatch, modelId) => {
    const settings = readSettings(minimal, numbers, parseAddress(to));

    expect(settings.tableMatch).toBe(tableMatch);
    expect(settings.route[0]).toMatchObject({ modelId });
    expect(readSettings(minimal, {}, parseAddress(to)).tableMatch).toBeUndefined();
  });

  test('with an unreadable key matches no unreadable address', () => {
    expect(settingsOf(minimal, Object.assign({}, { nonsense: { modelId: 'x' } }), 'other nonsense').route).toEqual([
      { kind: 'agent', modelId: 'agent' },
    ]);
  });

  test.each<[NumberSettings, string]>([
    [{ modelId: 'two words' }, 'modelId'],
    [{ dialNumber: 'x' }, 'dialNumber'],
    [{ callerId: '911' }, 'callerId'],
    [{ transferNumbers: ['911'] }, 'transferNumbers'],
    [{ refuse: ['911'] }, 'refuse'],
    [{ minAgentSeconds: -1 }, 'minAgentSeconds'],
    [{ route: ['+911'] }, 'route'],
    [{ route: ['+15550100100'] }, 'route'],
    [{ hours: { timeZone: 'UTC', open: {} }, closedRoute: ['+911'] }, 'closedRoute'],
    [{ confirmMessage: 'x\ny' }, 'confirmMessage'],
    [{ notifyUrl: 'http://hooks.example' }, 'notifyUrl'],
    [{ fallback: { message: 'x\ny' } }, 'fallback.message'],
    [{ fallback: { closing: 'x\ny' } }, 'fallback.closing'],
    // What the types forbid and plain JavaScript would not.
    [Object.assign({}, { fallback: { language: 'English' } } as object), 'fallback.language'],
    [Object.assign({}, { fallback: { voice: 'a voice' } } as object), 'fallback.voice'],
  ])('that is not accepted (%j) is named by its field %s, so that nobody looks into .env', (entry, field) => {
    const { problems } = settingsOf(minimal, { '+15550100100': entry }, '+15550100100');

    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${field} in the number table: expected `))]);
  });

  test('alone can set the number to dial: the environment has no variable for it', () => {
    const environment = { ...minimal, dialNumber: '+15550100199' };

    expect(settingsOf(environment, {}, '+15550100100').trunk?.dialNumber).toBeUndefined();
  });

  test.each(['__proto__', 'constructor', 'toString', ''])('does not exist for the called number %j', (to) => {
    expect(read({}, to).route).toEqual([{ kind: 'agent', modelId: 'agent' }]);
  });
});

describe('A number in another workspace', () => {
  const environment = {
    SYNTHFLOW_API_KEY: 'key',
    SYNTHFLOW_MODEL_ID: 'agent',
    SYNTHFLOW_WORKSPACE_ID: 'workspace',
    SYNTHFLOW_REGION: 'eu',
  };
  const of = (entry: NumberSettings) =>
    readSettings(environment, { '+15550100100': entry }, parseAddress('+15550100100'));

  test('has its own key, agent, workspace and region', () => {
    const { api, trunk, route, problems } = of({ apiKey: 'own', modelId: 'a', workspaceId: 'w', region: 'us' });

    expect(api).toMatchObject({ apiKey: 'own', workspaceId: 'w', apiUrl: 'https://api.us.synthflow.ai/v2' });
    expect(trunk?.trunk.hosts[0].name).toBe('sip.us.synthflow.ai');
    expect(route).toEqual([{ kind: 'agent', modelId: 'a' }]);
    expect(problems).toEqual([]);
  });

  test("never sends the environment's workspace or agent with its own key", () => {
    const { api, route, problems } = of({ apiKey: 'own' });

    expect(api).toMatchObject({ apiKey: 'own', workspaceId: undefined });
    expect(route).toEqual([{ kind: 'agent', modelId: undefined }]);
    expect(problems).toEqual([
      { setting: 'modelId in the number table', accepts: expect.stringContaining('agent'), found: 'nothing' },
    ]);
    expect(of({ apiKey: 'own', route: [{ agent: 'a' }, 'voicemail'] }).problems).toEqual([]);
  });

  test("never falls back to the environment's key when its own is unset, or not accepted", () => {
    for (const apiKey of [undefined, '', 'with blanks in it']) {
      const { api, problems } = of({ apiKey, modelId: 'a' });

      expect(api).toBeUndefined();
      expect(problems).toMatchObject([{ setting: 'apiKey in the number table' }]);
      expect(JSON.stringify(problems)).not.toContain('with blanks');
    }
  });
});
