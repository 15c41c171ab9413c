import { createServer } from 'node:http';
import { listen } from '../../lab/http';
import { type Synthflow, startSynthflow } from '../../lab/synthflow/api';
import { voiceParameters } from '../../lab/twilio/webhook';
import { ownParameters } from '../../src/assets/twilio/own-url.private';
import { handler } from '../../src/functions/inbound.protected';
import { invoke } from '../setup/invoke';

const apiKey = 'test-api-key-0123456789';
const callSid = `CA${'0123456789abcdef'.repeat(2)}`;

let synthflow: Synthflow;
beforeAll(async () => {
  synthflow = await startSynthflow(apiKey);
});
afterAll(() => synthflow.stop());
beforeEach(() => synthflow.behave('registered'));

const call = (event: object = {}, env: Record<string, string> = {}) =>
  invoke(
    handler,
    {
      SYNTHFLOW_API_KEY: apiKey,
      SYNTHFLOW_MODEL_ID: 'agent',
      SYNTHFLOW_API_URL: synthflow.apiUrl,
      PREPARE_TIMEOUT_MS: '8000',
      ...env,
    },
    { ...voiceParameters('+15550100142', '+15550100100', callSid), ...event },
  );
const lastRequest = () => JSON.parse(synthflow.exchanges.at(-1)?.body ?? '');
const lastId = () => JSON.parse(synthflow.exchanges.at(-1)?.answer?.body ?? '').synthflow_call_id;
const said = (message: string) => [
  { name: 'Say', text: message },
  { name: 'Hangup', text: '' },
];
const defaultMessage = 'We are sorry, our assistant cannot take your call at the moment.';

describe('A call to /inbound', () => {
  test('is answered with TwiML that dials the trunk with the id of the prepared call', async () => {
    const { callbacks, httpStatus, contentType, verbs } = await call();

    expect({ callbacks, httpStatus, contentType }).toEqual({ callbacks: 1, httpStatus: 200, contentType: 'text/xml' });
    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: {
          answerOnBridge: 'true',
          timeout: '20',
          action: '/dial-result?bridge_step=0&bridge_leg=agent&bridge_called=%2B15550100100',
          referUrl: '/transfer?bridge_step=0&bridge_called=%2B15550100100',
        },
        children: [
          { name: 'Sip', text: `sip:+15550100100@sipin.synthflow.ai:32681?X-EI=S.${lastId()}%3BE.${callSid}%3B` },
        ],
      },
    ]);
  });

  test('is prepared with its parties as Twilio sent them', async () => {
    await call({ From: 'anonymous' });

    expect(lastRequest()).toEqual({
      from_number: 'anonymous',
      to_number: '+15550100100',
      model_id: 'agent',
      custom_variables: {},
    });
  });

  test('is prepared in the configured workspace', async () => {
    await call({}, { SYNTHFLOW_WORKSPACE_ID: 'ws-1' });

    expect(lastRequest().workspace_id).toBe('ws-1');
  });

  test('passes the diverting number on to Synthflow', async () => {
    const { verbs } = await call({ ForwardedFrom: '+15550100155' });

    expect(verbs[0]?.children[0]?.text).toContain('%3BO.%2B15550100155%3B');
  });

  test('has what its answer needs loaded while Synthflow works', async () => {
    let loaded: () => void = () => undefined;
    const loading = new Promise<void>((resolve) => (loaded = resolve));
    jest.doMock('../../src/assets/twilio/twiml.private', () => {
      loaded();
      return jest.requireActual('../../src/assets/twilio/twiml.private');
    });
    // Answers once the TwiML writer is being loaded: if that waits for the answer, neither ever ends.
    const patient = createServer((incoming, response) => {
      incoming.resume();
      void loading.then(() => response.end('{"call_status":"registered","synthflow_call_id":"id"}'));
    });
    const port = await listen(patient);
    const { verbs } = await call({}, { SYNTHFLOW_API_URL: `http://127.0.0.1:${port}/v2` });
    jest.dontMock('../../src/assets/twilio/twiml.private');
    patient.closeAllConnections();
    patient.close();

    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: expect.stringContaining('X-EI=S.id%3B') }] }]);
  });

  test('logs one line with the id and masked numbers, to console.log', async () => {
    const { lines } = await call();

    expect(lines).toEqual([
      {
        method: 'log',
        line: {
          event: 'inbound',
          outcome: 'agent',
          step: 0,
          callSid,
          from: '…0142',
          to: '…0100',
          numberTable: 'no_entry',
          synthflowCallId: lastId(),
          httpStatus: 200,
          attempts: 1,
          prepareMs: expect.any(Number),
          ms: expect.any(Number),
        },
      },
    ]);
  });
});

describe('A caller who is gone before the call is prepared', () => {
  test('and who is refused is no missed call', async () => {
    const refused = { REFUSED_CALLERS: '+15550100142', NOTIFY_URL: 'http://127.0.0.1:9/' };
    const { lines } = await call({ CallStatus: 'canceled' }, refused);

    expect(lines).toMatchObject([{ line: { outcome: 'refused' } }]);
    expect(lines[0]?.line).not.toHaveProperty('notified');
  });

  test.each(['completed', 'canceled', 'no-answer', 'busy', 'failed'])(
    'registers no call, and hears nothing (CallStatus %s)',
    async (CallStatus) => {
      const before = synthflow.exchanges.length;
      const { verbs, lines } = await call({ CallStatus });

      expect(verbs).toEqual([]);
      expect(lines).toMatchObject([{ method: 'log', line: { event: 'inbound', outcome: 'caller_hung_up' } }]);
      expect(synthflow.exchanges).toHaveLength(before);
    },
  );
});

describe('A call whose settings are not accepted', () => {
  test.each([
    ['the API', { SYNTHFLOW_API_KEY: '' }],
    ['the trunk', { SYNTHFLOW_SIP_TERMINATION: 'host' }],
  ])('for %s goes to the next step without asking the API, and the line says why', async (_what, fault) => {
    const before = synthflow.exchanges.length;
    const { verbs, lines } = await call({}, { ...fault, CALL_ROUTE: 'agent,+15550100190' });

    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: '+15550100190' }] }]);
    expect(lines).toMatchObject([{ line: { reason: 'misconfigured', problems: [expect.any(String)] } }]);
    expect(synthflow.exchanges).toHaveLength(before);
  });
});

describe('A call to what no trunk can dial', () => {
  test('goes to the first step that needs no agent', async () => {
    const { verbs, lines } = await call({ To: 'client:alice' }, { CALL_ROUTE: 'agent,+15550100190' });

    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: '+15550100190' }] }]);
    expect(lines).toMatchObject([{ line: { outcome: 'person', reason: 'invalid_request' } }]);
  });
});

describe('A call from or to another kind of address', () => {
  test.each(['sip:+15550100100@acme.sip.twilio.com', '15550100100', 'whatsapp:+15550100100'])(
    'is prepared for the number in it, and dials that number: %s',
    async (To) => {
      const { verbs } = await call({ To, From: 'whatsapp:+15550100142' });

      expect(lastRequest()).toMatchObject({ from_number: '+15550100142', to_number: '+15550100100' });
      expect(verbs[0]?.children[0]?.text).toContain('sip:+15550100100@sipin.synthflow.ai');
    },
  );

  test('is prepared with the address itself if it contains no number', async () => {
    await call({ To: 'sip:4711@acme.sip.twilio.com', From: 'client:alice' });

    expect(lastRequest()).toMatchObject({ from_number: 'client:alice', to_number: 'sip:4711@acme.sip.twilio.com' });
  });

  test.each([
    [' 15550100100', 'unencoded_plus'],
    [' x', 'invalid_request'],
    ['x 15550100100', 'invalid_request'],
  ])('that begins with a blank lost its plus on the way: %j is %s', async (To, reason) => {
    expect((await call({ To })).lines).toMatchObject([{ line: { reason } }]);
  });
});

test('A parameter that only our own URLs have chooses no entry of the number table', async () => {
  const { lines } = await call({ bridge_called: '+15550100101' });

  expect(lines).toMatchObject([{ line: { to: '…0100', outcome: 'agent' } }]);
});

describe('A caller who is refused', () => {
  test('is rejected without a request or an alert', async () => {
    const before = synthflow.exchanges.length;
    const { verbs, lines } = await call({ From: '+266696687' }, { REFUSED_CALLERS: '+1900*, anonymous' });

    expect(verbs).toEqual([{ name: 'Reject', attributes: {}, text: '', children: [] }]);
    expect(lines).toMatchObject([{ method: 'log', line: { event: 'inbound', outcome: 'refused' } }]);
    expect(synthflow.exchanges.length).toBe(before);
  });
});

describe('With DIRECT_DIAL, a call that was not prepared', () => {
  test('dials the agent with the CallSid alone, and the line says so', async () => {
    synthflow.behave('server-error');
    const { verbs, lines } = await call({ ForwardedFrom: '+15550100155' }, { DIRECT_DIAL: 'true' });

    expect(verbs[0]?.children[0]?.text).toBe(
      `sip:+15550100100@sipin.synthflow.ai:32681?X-EI=E.${callSid}%3BO.%2B15550100155%3B`,
    );
    expect(verbs[0]?.attributes).toMatchObject({
      action: '/dial-result?bridge_step=0&bridge_leg=agent&bridge_called=%2B15550100100',
      referUrl: '/transfer?bridge_step=0&bridge_called=%2B15550100100',
    });
    expect(lines).toMatchObject([
      { method: 'log', line: { outcome: 'agent_direct', reason: 'server_error', httpStatus: 500 } },
    ]);
  });
});

describe('A caller who cannot reach the agent', () => {
  test.each([
    ['unauthorized', { reason: 'unauthorized', httpStatus: 401, requestId: 'req_5f0c41d2', attempts: 1 }],
    ['outage', { reason: 'outage', httpStatus: 200, attempts: 1 }],
  ] as const)('because of %s hears the message, and the alert says why', async (behaviour, expected) => {
    synthflow.behave(behaviour);
    const { callbacks, httpStatus, verbs, lines } = await call();

    expect({ callbacks, httpStatus }).toEqual({ callbacks: 1, httpStatus: 200 });
    expect(verbs).toMatchObject(said(defaultMessage));
    expect(lines).toMatchObject([
      { method: 'error', line: { event: 'inbound', outcome: 'message', callSid, ...expected } },
    ]);
  });

  test('because a setting is wrong hears the message, and the line names the variable', async () => {
    const { verbs, lines } = await call({}, { SYNTHFLOW_REGION: 'mars', FALLBACK_MESSAGE: 'Please call tomorrow.' });

    expect(verbs).toMatchObject(said('Please call tomorrow.'));
    expect(lines[0]?.line).toMatchObject({
      outcome: 'message',
      reason: 'misconfigured',
      problems: ['SYNTHFLOW_REGION: expected global, us or eu; found "mars". Correct it.'],
    });
  });

  test('reaches a person, if the route has one', async () => {
    synthflow.behave('outage');
    const { verbs, lines } = await call({}, { CALL_ROUTE: 'agent,+15550100190' });

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: { action: '/dial-result?bridge_step=1&bridge_leg=person&bridge_called=%2B15550100100' },
        children: [{ name: 'Number', text: '+15550100190' }],
      },
    ]);
    expect(lines).toMatchObject([{ method: 'error', line: { outcome: 'person', reason: 'outage' } }]);
  });

  test('from a SIP phone is shown to the person with CALLER_ID', async () => {
    synthflow.behave('outage');
    const env = { CALL_ROUTE: 'agent,+15550100190', CALLER_ID: '+15550100180' };
    const { verbs } = await call({ From: 'sip:+15550100142@pbx.example' }, env);

    expect(verbs[0]?.attributes.callerId).toBe('+15550100180');
  });

  test.each([{ ForwardedFrom: '+15550100190' }, { From: '+15550100190' }])(
    'from the phone of the route (%j) does not ring it again, and the line says so',
    async (parties) => {
      synthflow.behave('outage');
      const { verbs, lines } = await call(parties, { CALL_ROUTE: 'agent,+15550100190' });

      expect(verbs).toMatchObject(said(defaultMessage));
      expect(lines).toMatchObject([
        { line: { outcome: 'message', reason: 'outage', skipped: [1], missedAgent: true } },
      ]);
    },
  );

  test.each([
    ['nothing at all', { To: undefined, From: undefined, CallSid: undefined }],
    ['an empty called number', { To: '' }],
    ['a repeated called number', { To: ['+15550100100', '+15550100101'] }],
    ['a called number that is a host', { To: '+1555@evil.example' }],
    ['a huge called number', { To: '9'.repeat(900_000) }],
    ['control characters', { To: '\u0000\u0007', From: '\u0000', CallSid: '\u0000' }],
  ])('because the request has %s hears the message', async (_what, event) => {
    const { callbacks, httpStatus, verbs, lines } = await call(event);

    expect({ callbacks, httpStatus }).toEqual({ callbacks: 1, httpStatus: 200 });
    expect(verbs).toMatchObject(said(defaultMessage));
    expect(lines).toMatchObject([{ method: 'error', line: { reason: 'invalid_request' } }]);
  });
});

describe('A route', () => {
  test('that begins with people rings them without a request or an alert', async () => {
    const before = synthflow.exchanges.length;
    const { verbs, lines } = await call({}, { CALL_ROUTE: '+15550100190,agent' });

    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ name: 'Number', text: '+15550100190' }] }]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'person', step: 0 } }]);
    expect(lines[0]?.line).not.toHaveProperty('missedAgent');
    expect(synthflow.exchanges).toHaveLength(before);
  });

  test('of the table rings phones at once, as long as the most patient one, and presses keys', async () => {
    const { verbs } = await call({ To: '+15550100106' });

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: { timeout: '45' },
        children: [
          { name: 'Number', text: '+15550100195', attributes: {} },
          { name: 'Number', text: '+15550100194', attributes: { sendDigits: 'ww12' } },
        ],
      },
    ]);
  });

  test('tries the next agent in the same request, and adds up their attempts and times', async () => {
    synthflow.behave('server-error', 'registered');
    const { verbs, lines } = await call({}, { CALL_ROUTE: 'agent,agent' });

    expect(verbs[0]?.attributes.action).toBe(
      '/dial-result?bridge_step=1&bridge_leg=agent&bridge_called=%2B15550100100',
    );
    expect(lines).toMatchObject([
      { line: { outcome: 'agent', step: 1, reason: 'server_error', missedAgent: true, httpStatus: 200, attempts: 2 } },
    ]);
  });
});

describe('A parameter that the caller adds', () => {
  test.each(Object.values(ownParameters))('reaches none of our URLs: %s', async (name) => {
    const { verbs } = await call({ [name]: '+15550100101' });

    expect(verbs[0]?.attributes).toMatchObject({
      action: '/dial-result?bridge_step=0&bridge_leg=agent&bridge_called=%2B15550100100',
      referUrl: '/transfer?bridge_step=0&bridge_called=%2B15550100100',
    });
  });
});

describe('A number whose route begins with a word', () => {
  test("says it in the number's language and voice, prepares nothing yet, and comes back for the next step", async () => {
    const before = synthflow.exchanges.length;
    const { verbs, lines } = await call({ To: '+15550100115' });

    expect(verbs).toEqual([
      {
        name: 'Say',
        text: 'This call is recorded.',
        attributes: { language: 'en-GB', voice: 'Polly.Amy' },
        children: [],
      },
      {
        name: 'Redirect',
        text: '/dial-result?bridge_step=0&bridge_leg=word&bridge_called=%2B15550100115',
        attributes: {},
        children: [],
      },
    ]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'word', step: 0 } }]);
    expect(synthflow.exchanges).toHaveLength(before);
  });
});

describe('A number with hours', () => {
  test('takes closedRoute while it is closed, and says so in the action URL; a phone with confirm asks first', async () => {
    const { verbs, lines } = await call({ To: '+15550100111' });

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: {
          action:
            '/dial-result?bridge_step=0&bridge_leg=person&bridge_confirm=yes&bridge_route=closed&bridge_called=%2B15550100111',
        },
        children: [
          {
            name: 'Number',
            text: '+15550100193',
            attributes: { url: '/confirm?bridge_route=closed&bridge_called=%2B15550100111' },
          },
        ],
      },
    ]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'person', step: 0, hours: 'closed' } }]);
  });

  test('takes route while it is open', async () => {
    const { verbs, lines } = await call({ To: '+15550100112' });

    expect(verbs).toMatchObject([
      {
        attributes: { action: '/dial-result?bridge_step=0&bridge_leg=person&bridge_called=%2B15550100112' },
        children: [{ text: '+15550100192', attributes: {} }],
      },
    ]);
    expect(verbs[0]?.children[0]?.attributes).toEqual({});
    expect(lines).toMatchObject([{ line: { hours: 'open' } }]);
  });

  test('that are wrong takes route, and raises an alert', async () => {
    const { verbs, lines } = await call({ To: '+15550100113' });

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: { action: '/dial-result?bridge_step=0&bridge_leg=agent&bridge_called=%2B15550100113' },
      },
    ]);
    expect(lines).toMatchObject([
      {
        method: 'error',
        line: {
          outcome: 'agent',
          problems: [
            'hours in the number table: expected a time zone such as Europe/Berlin; found "Mars/Olympus". Correct it.',
          ],
        },
      },
    ]);
  });

  test('is the only kind that loads hours', async () => {
    jest.doMock('../../src/assets/hours.private', () => {
      throw new Error('a call without hours needs no hours');
    });
    const { lines } = await call();
    jest.dontMock('../../src/assets/hours.private');

    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'agent' } }]);
  });
});

describe('Variables that are looked up', () => {
  test('are sent with the call, and on a direct dial in headers', async () => {
    synthflow.behave('server-error');
    const { verbs, lines } = await call({ To: '+15550100107', FromCity: 'Bonn' }, { DIRECT_DIAL: 'true' });

    expect(lastRequest().custom_variables).toEqual({ plan: 'gold', caller_city: 'Bonn' });
    expect(verbs[0]?.children[0]?.text).toMatch(/%3B&X-plan=gold&X-caller-city=Bonn$/);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'agent_direct', omitted: ['list'] } }]);
  });

  test('reach the agent although something that the lookup started fails later, and the line says so', async () => {
    synthflow.behave('registered');
    const { lines } = await call({ To: '+15550100114' });

    expect(lastRequest().custom_variables).toEqual({ plan: 'gold' });
    expect(lines).toMatchObject([
      {
        method: 'error',
        line: { outcome: 'agent', lookup: 'failed', error: expect.stringMatching(/^TypeError at .*numbers/) },
      },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|15550100142/);
  });

  test('from the table alone need no lookup', async () => {
    await call({ To: '+15550100110' });

    expect(lastRequest().custom_variables).toEqual({ plan: 'gold' });
  });

  test("that are late don't cost the agent, and raise an alert", async () => {
    const { verbs, lines } = await call({ To: '+15550100108' }, { LOOKUP_TIMEOUT_MS: '100' });

    expect(lastRequest().custom_variables).toEqual({ plan: 'gold' });
    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ name: 'Sip' }] }]);
    expect(lines).toMatchObject([{ method: 'error', line: { outcome: 'agent', lookup: 'timeout' } }]);
  });

  test('are looked up once, however many agents are tried', async () => {
    synthflow.behave('server-error', 'registered');
    const { lines } = await call({ To: '+15550100109', CallSid: 'CAonce' });

    expect(lines).toMatchObject([{ line: { outcome: 'agent', step: 1 } }]);
    expect(lastRequest().custom_variables).toEqual({ looked_up: '1' });
  });
});
