import { numbers } from '../fixtures/numbers';

const { defaultMessage, readSettings }: typeof import('../../src/assets/settings.private') = require(
  Runtime.getAssets()['/settings.js'].path,
);

const minimal = { SYNTHFLOW_API_KEY: 'key-0123456789', SYNTHFLOW_MODEL_ID: 'agent' };
const read = (env: Record<string, unknown> = {}, to = '+15550100100') =>
  readSettings({ ...minimal, ...env }, numbers, to);

describe('The settings of a called number', () => {
  test('need only a key and an agent; the rest has the documented defaults', () => {
    expect(read()).toEqual({
      agent: {
        apiKey: 'key-0123456789',
        modelId: 'agent',
        apiUrl: 'https://api.synthflow.ai/v2',
        workspaceId: undefined,
        customVariables: expect.any(Function),
        prepareTimeoutMs: 4000,
        trunk: { host: 'sipin.synthflow.ai', port: 32681, transport: undefined, srtp: false },
        dialNumber: undefined,
        dialTimeoutSeconds: 20,
        dialAttributes: {},
      },
      fallback: { message: defaultMessage },
      problems: [],
    });
  });

  test.each([
    ['us', 'https://api.us.synthflow.ai/v2', 'sip.us.synthflow.ai'],
    ['eu', 'https://api.eu.synthflow.ai/v2', 'sip.eu.synthflow.ai'],
  ])('take API and trunk of the region %s together', (SYNTHFLOW_REGION, apiUrl, host) => {
    expect(read({ SYNTHFLOW_REGION }).agent).toMatchObject({ apiUrl, trunk: { host, port: 32681 } });
  });

  test('take the TLS port when the region gives the host', () => {
    expect(
      read({ SYNTHFLOW_REGION: 'eu', SYNTHFLOW_SIP_TRANSPORT: 'tls', SYNTHFLOW_SIP_SRTP: 'true' }).agent?.trunk,
    ).toEqual({
      host: 'sip.eu.synthflow.ai',
      port: 32682,
      transport: 'tls',
      srtp: true,
    });
  });

  test('keep the port of a termination that is given', () => {
    const env = {
      SYNTHFLOW_SIP_TERMINATION: 'sip.synthflow.ai:5061',
      SYNTHFLOW_SIP_TRANSPORT: 'tls',
      SYNTHFLOW_SIP_SRTP: 'false',
    };

    expect(read(env).agent?.trunk).toEqual({ host: 'sip.synthflow.ai', port: 5061, transport: 'tls', srtp: false });
  });

  test('prefer the entry of the called number to the environment', () => {
    const { agent, fallback } = read({ FALLBACK_MESSAGE: 'From the environment.' }, '+15550100101');

    expect(agent).toMatchObject({
      modelId: 'own-agent',
      dialNumber: '+15550100199',
      dialAttributes: { record: 'record-from-answer-dual', timeLimit: 600, ringTone: 'us' },
    });
    expect(fallback.message).toBe('Please call our shop.');
  });

  test('need no SYNTHFLOW_MODEL_ID when the entry names the agent', () => {
    expect(readSettings({ SYNTHFLOW_API_KEY: 'key' }, numbers, '+15550100101').problems).toEqual([]);
  });

  test.each(['__proto__', 'constructor', 'toString', ''])(
    'come from the environment for the called number %j',
    (to) => {
      expect(read({}, to).agent?.modelId).toBe('agent');
    },
  );

  test('pass over blanks around a value, and take an empty value as not set', () => {
    expect(read({ SYNTHFLOW_REGION: ' eu ', SYNTHFLOW_WORKSPACE_ID: ' ', PREPARE_TIMEOUT_MS: '' })).toMatchObject({
      agent: { apiUrl: 'https://api.eu.synthflow.ai/v2', workspaceId: undefined, prepareTimeoutMs: 4000 },
    });
  });

  test.each([
    ['PREPARE_TIMEOUT_MS', '500', { prepareTimeoutMs: 500 }],
    ['PREPARE_TIMEOUT_MS', '8000', { prepareTimeoutMs: 8000 }],
    ['DIAL_TIMEOUT_SECONDS', '5', { dialTimeoutSeconds: 5 }],
    ['DIAL_TIMEOUT_SECONDS', '120', { dialTimeoutSeconds: 120 }],
    ['SYNTHFLOW_WORKSPACE_ID', 'ws-1', { workspaceId: 'ws-1' }],
    ['SYNTHFLOW_API_URL', 'https://proxy.example/synthflow/v2/', { apiUrl: 'https://proxy.example/synthflow/v2' }],
    ['SYNTHFLOW_API_URL', 'http://127.0.0.1:8080/v2', { apiUrl: 'http://127.0.0.1:8080/v2' }],
    ['SYNTHFLOW_API_URL', 'http://localhost:8080/v2', { apiUrl: 'http://localhost:8080/v2' }],
    ['SYNTHFLOW_API_URL', 'http://[::1]:8080/v2', { apiUrl: 'http://[::1]:8080/v2' }],
    ['SYNTHFLOW_SIP_TERMINATION', '127.0.0.1:5060', { trunk: { host: '127.0.0.1', port: 5060 } }],
    ['SYNTHFLOW_SIP_TRANSPORT', 'udp', { trunk: { transport: 'udp', port: 32681 } }],
  ])('accept %s=%s', (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject({ agent: expected, problems: [] });
  });

  test.each([
    ['SYNTHFLOW_API_KEY', '', 'an API key'],
    ['SYNTHFLOW_API_KEY', 'two words', 'an API key'],
    ['SYNTHFLOW_API_KEY', 'key\r\nX-Evil: 1', 'an API key'],
    ['SYNTHFLOW_MODEL_ID', '', 'the id of a Synthflow agent'],
    ['SYNTHFLOW_MODEL_ID', 'x'.repeat(129), 'the id of a Synthflow agent'],
    ['SYNTHFLOW_WORKSPACE_ID', 'a b', 'the id of a Synthflow workspace'],
    ['SYNTHFLOW_REGION', 'mars', 'global, us or eu; found "mars"'],
    ['SYNTHFLOW_REGION', 'eu # Frankfurt', 'global, us or eu; found "eu # Frankfurt"'],
    ['SYNTHFLOW_API_URL', 'api.synthflow.ai', 'an https URL'],
    ['SYNTHFLOW_API_URL', 'http://api.synthflow.ai/v2', 'an https URL'],
    ['SYNTHFLOW_API_URL', 'ftp://127.0.0.1/v2', 'an https URL'],
    ['SYNTHFLOW_API_URL', 'https://user:secret@api.synthflow.ai/v2', 'an https URL'],
    ['SYNTHFLOW_API_URL', 'https://api.synthflow.ai/v2?x=1', 'an https URL'],
    ['SYNTHFLOW_API_URL', 'https://api.synthflow.ai/v2#x', 'an https URL'],
    ['SYNTHFLOW_SIP_TERMINATION', 'sip.synthflow.ai', 'host:port'],
    ['SYNTHFLOW_SIP_TERMINATION', 'sip.synthflow.ai:0', 'host:port'],
    ['SYNTHFLOW_SIP_TERMINATION', 'sip.synthflow.ai:65536', 'host:port'],
    ['SYNTHFLOW_SIP_TERMINATION', '-sip.synthflow.ai:5060', 'host:port'],
    ['SYNTHFLOW_SIP_TERMINATION', 'sip:x@evil.example:5060', 'host:port'],
    ['SYNTHFLOW_SIP_TERMINATION', `${'h'.repeat(114)}:5060`, 'host:port'],
    ['SYNTHFLOW_SIP_TRANSPORT', 'TLS', 'udp, tcp or tls; found "TLS"'],
    ['SYNTHFLOW_SIP_SRTP', 'yes', 'true or false; found "yes"'],
    ['PREPARE_TIMEOUT_MS', '499', 'a whole number of milliseconds from 500 to 8000; found "499"'],
    ['PREPARE_TIMEOUT_MS', '8001', 'from 500 to 8000'],
    ['PREPARE_TIMEOUT_MS', '4s', 'from 500 to 8000'],
    ['DIAL_TIMEOUT_SECONDS', '4', 'a whole number of seconds from 5 to 120'],
    ['DIAL_TIMEOUT_SECONDS', '121', 'from 5 to 120'],
    ['DIAL_TIMEOUT_SECONDS', '20.5', 'from 5 to 120'],
  ])('have no agent when %s is %j, and say what it accepts', (name, value, accepts) => {
    const { agent, problems } = read({ [name]: value });

    expect(agent).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: expected .*; found .*\\. Correct it and deploy again\\.$`));
    expect(problems[0]).toContain(accepts);
  });

  test("have no agent when the entry's number cannot be dialled", () => {
    expect(read({}, '+15550100103')).toMatchObject({
      agent: undefined,
      problems: [expect.stringContaining("the number table's dialNumber: expected a phone number")],
    });
  });

  test.each(['Two\nlines', 'x'.repeat(1001), 'bell \u0007'])(
    'keep the agent and the default message for FALLBACK_MESSAGE %j',
    (FALLBACK_MESSAGE) => {
      const { agent, fallback, problems } = read({ FALLBACK_MESSAGE });

      expect(agent).toBeDefined();
      expect(fallback.message).toBe(defaultMessage);
      expect(problems[0]).toContain('FALLBACK_MESSAGE: expected 1 to 1,000 printable characters');
    },
  );

  test.each([
    ['SYNTHFLOW_REGION', 'sk-0123456789abcdef0123456789', 'found 29 characters'],
    ['SYNTHFLOW_SIP_SRTP', '+15550100142', 'found 12 characters'],
    ['SYNTHFLOW_API_KEY', 'my key', 'found 6 characters'],
  ])('never show what may be a secret or a phone number in %s', (name, value, found) => {
    const { problems } = read({ [name]: value });

    expect(problems[0]).toContain(found);
    expect(problems[0]).not.toContain(value);
  });
});

describe('The shipped number table', () => {
  test('has no entries, so that every number uses the environment until somebody edits it', () => {
    expect(jest.requireActual('../../src/assets/numbers.private')).toEqual({ numbers: {} });
  });
});
