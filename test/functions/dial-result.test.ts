import { createServer } from 'node:http';
import { listen, readBody } from '../../lab/http';
import { type Synthflow, startSynthflow } from '../../lab/synthflow/api';
import { voiceParameters } from '../../lab/twilio/webhook';
import { handler } from '../../src/functions/dial-result.protected';
import { at, invoke } from '../setup/invoke';

const callSid = `CA${'0123456789abcdef'.repeat(2)}`;
const route = {
  CALL_ROUTE: 'agent,+15550100190,voicemail',
  FALLBACK_MESSAGE: 'Sorry.',
  FALLBACK_CLOSING: 'Goodbye.',
};

const result = (event: object, env: Record<string, string> = route) =>
  invoke(handler, env, {
    ...voiceParameters('+15550100142', '+15550100100', callSid),
    CallStatus: 'in-progress',
    ...event,
  });

describe('The end of a leg', () => {
  test('after a conversation ends the call, in one line without an alert', async () => {
    const { verbs, lines } = await result({
      ...at(0, 'agent'),
      DialCallStatus: 'completed',
      DialCallDuration: '61',
      DialBridged: 'true',
    });

    expect(verbs).toMatchObject([{ name: 'Hangup' }]);
    expect(lines).toMatchObject([
      { method: 'log', line: { event: 'dial-result', stage: 'agent', outcome: 'completed', callSid, seconds: 61 } },
    ]);
  });

  test("of the caller's own is answered with an empty response, and the line says at which stage", async () => {
    const { httpStatus, verbs, lines } = await result({
      ...at(0, 'agent'),
      CallStatus: 'completed',
      DialCallStatus: 'canceled',
    });

    expect(httpStatus).toBe(200);
    expect(verbs).toEqual([]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'caller_hung_up', stage: 'agent' } }]);
  });

  test("of an agent who did not answer rings the next step's phone, with the caller as caller id", async () => {
    const { verbs, lines } = await result({ ...at(0, 'agent'), DialCallStatus: 'failed', DialSipResponseCode: '503' });

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: {
          action: '/dial-result?bridge_step=1&bridge_leg=person&bridge_called=%2B15550100100',
          answerOnBridge: 'true',
          timeout: '20',
          callerId: '+15550100142',
        },
        children: [{ name: 'Number', text: '+15550100190' }],
      },
    ]);
    expect(lines).toMatchObject([
      { method: 'error', line: { outcome: 'person', reason: 'failed', stage: 'agent', step: 1, sipStatus: 503 } },
    ]);
  });

  test('of a person who did not answer offers the voicemail, which 10 s of silence end, or #', async () => {
    const { verbs } = await result({ ...at(1, 'person'), DialCallStatus: 'no-answer' });

    expect(verbs).toMatchObject([
      { name: 'Say', text: 'Sorry.' },
      {
        name: 'Record',
        attributes: {
          action: '/dial-result?bridge_step=2&bridge_leg=voicemail&bridge_called=%2B15550100100',
          maxLength: '120',
          timeout: '10',
          finishOnKey: '#',
          playBeep: 'true',
        },
      },
      { name: 'Redirect', text: '/dial-result?bridge_step=2&bridge_leg=voicemail&bridge_called=%2B15550100100' },
    ]);
  });

  test('of a recording closes the call', async () => {
    const { verbs, lines } = await result({
      ...at(2, 'voicemail'),
      RecordingUrl: 'https://api.twilio.com/x',
      RecordingDuration: '9',
    });

    expect(verbs).toMatchObject([{ name: 'Say', text: 'Goodbye.' }, { name: 'Hangup' }]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'voicemail_left', seconds: 9 } }]);
  });

  test('is answered in the language and voice of the settings', async () => {
    const env = { FALLBACK_LANGUAGE: 'de-DE', FALLBACK_VOICE: 'Polly.Vicki-Neural', FALLBACK_MESSAGE: 'Bis später.' };
    const { verbs } = await result({ ...at(0, 'agent'), DialCallStatus: 'busy' }, env);

    expect(verbs[0]).toMatchObject({
      text: 'Bis später.',
      attributes: { language: 'de-DE', voice: 'Polly.Vicki-Neural' },
    });
  });

  test('at a step that no URL of the bridge names never rings or records anybody', async () => {
    for (const step of ['', '3', 'agent', '0 ', undefined, ['0', '1']]) {
      const { verbs } = await result({ bridge_step: step, DialCallStatus: 'busy' });

      expect(verbs.map(({ name }) => name)).toEqual(['Say', 'Hangup']);
    }
  });

  test('loads the code that prepares a call only for an agent', async () => {
    jest.doMock('../../src/assets/agent.private', () => {
      throw new Error('axios takes its time');
    });
    const { lines } = await result({ ...at(0, 'agent'), DialCallStatus: 'busy' });
    jest.dontMock('../../src/assets/agent.private');

    expect(lines).toMatchObject([{ line: { outcome: 'person' } }]);
    expect(lines[0]?.line).not.toHaveProperty('error');
  });

  test("goes on after a silent caller, whether or not Twilio requests the recording's action", async () => {
    const CALL_ROUTE = 'agent,voicemail,+15550100190';
    const recording = await result({ ...at(0, 'agent'), DialCallStatus: 'busy' }, { CALL_ROUTE });
    const silent = await result({ ...at(1, 'voicemail') }, { CALL_ROUTE });
    const stored = await result({ ...at(1, 'voicemail'), RecordingDuration: '1' }, { CALL_ROUTE });

    expect(recording.verbs).toMatchObject([
      { name: 'Say' },
      {
        name: 'Record',
        attributes: { action: '/dial-result?bridge_step=1&bridge_leg=voicemail&bridge_called=%2B15550100100' },
      },
      { name: 'Redirect', text: '/dial-result?bridge_step=1&bridge_leg=voicemail&bridge_called=%2B15550100100' },
    ]);
    expect(silent.verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: { action: '/dial-result?bridge_step=2&bridge_leg=person&bridge_called=%2B15550100100' },
      },
    ]);
    expect(stored.verbs).toEqual(silent.verbs);
    expect(silent.lines).toMatchObject([{ line: { stage: 'voicemail', outcome: 'person', reason: 'silence' } }]);
  });
});

describe('A word', () => {
  const held = { ...at(2, 'word'), bridge_called: '+15550100115', bridge_reason: 'busy' };

  test('that has been said brings the next step, with the reason of before, and is no leg', async () => {
    const { verbs, lines } = await result(held, {});

    // Without an API key no agent can be reached.
    expect(verbs.map(({ name }) => name)).toEqual(['Say', 'Record', 'Redirect']);
    expect(lines).toMatchObject([{ line: { outcome: 'voicemail', step: 4, reason: 'busy', missedAgent: true } }]);
    expect(lines[0]?.line.stage).toBeUndefined();
  });

  test('that is played has its pause behind it, and its URL has the reason', async () => {
    const { verbs, lines } = await result({
      ...at(1, 'agent'),
      bridge_called: '+15550100115',
      DialCallStatus: 'busy',
    });

    expect(verbs).toMatchObject([
      { name: 'Play', text: 'https://example.com/hold.mp3' },
      { name: 'Pause', attributes: { length: '15' } },
      {
        name: 'Redirect',
        text: '/dial-result?bridge_step=2&bridge_leg=word&bridge_reason=busy&bridge_called=%2B15550100115',
      },
    ]);
    expect(lines).toMatchObject([
      { method: 'log', line: { outcome: 'word', step: 2, reason: 'busy', missedAgent: true } },
    ]);
  });

  test('registers nothing for a caller who has hung up meanwhile', async () => {
    const { verbs, lines } = await result({ ...held, CallStatus: 'completed' }, {});

    expect(verbs).toEqual([]);
    expect(lines).toMatchObject([{ line: { outcome: 'caller_hung_up' } }]);
  });

  test('keeps no reason that is none of its words', async () => {
    const { lines } = await result({ ...held, bridge_reason: 'forged +15550100142' }, {});

    expect(lines).toMatchObject([{ line: { outcome: 'voicemail', reason: 'misconfigured' } }]);
  });
});

describe('A missed call', () => {
  const posted: object[] = [];
  let status = 200;
  const chat = createServer(async (incoming, response) => {
    posted.push(JSON.parse(await readBody(incoming)));
    response.writeHead(status).end();
  });
  let notify: Record<string, string>;
  beforeAll(async () => {
    notify = { CALL_ROUTE: 'agent,+15550100190', NOTIFY_URL: `http://127.0.0.1:${await listen(chat)}/` };
  });
  afterAll(() => {
    chat.closeAllConnections();
    chat.close();
  });
  beforeEach(() => {
    posted.length = 0;
    status = 200;
  });
  const last = { ...at(1, 'person'), DialCallStatus: 'no-answer' };

  test('is told when the route has come to the message', async () => {
    const { verbs, lines } = await result(last, notify);

    expect(verbs).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
    expect(lines).toMatchObject([{ line: { outcome: 'message', reason: 'no_answer', notified: true } }]);
    expect(posted).toMatchObject([
      { type: 'missed_call', called: '+15550100100', caller: '+15550100142', callSid, reason: 'no_answer' },
    ]);
  });

  test('is told when the caller hung up before anybody answered', async () => {
    const { verbs, lines } = await result({ ...last, CallStatus: 'completed' }, notify);

    expect(verbs).toEqual([]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'caller_hung_up', notified: true } }]);
    expect(posted).toMatchObject([{ type: 'missed_call' }]);
    expect(posted[0]).not.toHaveProperty('reason');
  });

  test('that nobody could be told of raises an alert, and the caller has the message all the same', async () => {
    status = 500;
    const { verbs, lines } = await result(last, notify);

    expect(verbs).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
    expect(lines).toMatchObject([{ method: 'error', line: { outcome: 'message', notified: false } }]);
    expect(posted).toHaveLength(1);
  });

  test.each([
    ['a conversation', { ...at(0, 'agent'), DialCallStatus: 'completed', DialCallDuration: '9', DialBridged: 'true' }],
    ['a step that goes on', { ...at(0, 'agent'), DialCallStatus: 'busy' }],
  ])('is none with %s', async (_what, event) => {
    const { lines } = await result(event, notify);

    expect(posted).toEqual([]);
    expect(lines[0]?.line).not.toHaveProperty('notified');
  });
});

describe('The end of a leg while the number is closed', () => {
  const closed = { To: '+15550100111', bridge_route: 'closed' };

  test('goes on in closedRoute, whatever the time is by then', async () => {
    const { verbs } = await result({ ...closed, ...at(1, 'agent'), DialCallStatus: 'busy' });

    expect(verbs).toMatchObject([
      { name: 'Say' },
      {
        name: 'Record',
        attributes: {
          action: '/dial-result?bridge_step=2&bridge_leg=voicemail&bridge_route=closed&bridge_called=%2B15550100111',
        },
      },
      { name: 'Redirect' },
    ]);
  });

  test('goes on in route for a call that began there, and for a number without hours', async () => {
    const began = await result({ To: '+15550100111', ...at(0, 'agent'), DialCallStatus: 'busy' });
    const without = await result({ bridge_route: 'closed', ...at(0, 'agent'), DialCallStatus: 'busy' });

    expect(began.lines).toMatchObject([{ line: { outcome: 'message', step: 1 } }]);
    expect(without.verbs).toMatchObject([
      { attributes: { action: '/dial-result?bridge_step=1&bridge_leg=person&bridge_called=%2B15550100100' } },
    ]);
  });
});

describe('A voicemail with a NOTIFY_URL', () => {
  const NOTIFY_URL = 'https://hooks.example/x';

  test('passes both parties on in its URL, since Twilio sends none with a recording', async () => {
    const { verbs } = await result({ ...at(1, 'agent'), DialCallStatus: 'busy' }, { ...route, NOTIFY_URL });

    expect(verbs[1]).toMatchObject({
      name: 'Record',
      attributes: { recordingStatusCallback: '/voicemail?bridge_caller=%2B15550100142&bridge_called=%2B15550100100' },
    });
  });

  test('posts only if NOTIFY_URL is set', async () => {
    const { verbs } = await result({ ...at(1, 'agent'), DialCallStatus: 'busy' });

    expect(verbs[1]?.attributes).not.toHaveProperty('recordingStatusCallback');
  });
});

describe('A route with a second agent, or with people first', () => {
  const apiKey = 'test-api-key-0123456789';
  let synthflow: Synthflow;
  beforeAll(async () => {
    synthflow = await startSynthflow(apiKey);
  });
  afterAll(() => synthflow.stop());
  const env = (CALL_ROUTE: string) => ({
    SYNTHFLOW_API_KEY: apiKey,
    SYNTHFLOW_MODEL_ID: 'agent',
    SYNTHFLOW_API_URL: synthflow.apiUrl,
    CALL_ROUTE,
  });

  test.each([
    ['+15550100190,agent,voicemail', 'person', 'no-answer', 'no_answer'],
    ['agent,agent', 'agent', 'failed', 'failed'],
  ])('prepares the call once it is the turn of the agent: %s', async (callRoute, stage, DialCallStatus, reason) => {
    synthflow.behave('registered');
    const { verbs, lines } = await result(
      { ...at(0, stage), DialCallStatus, DialSipResponseCode: '503' },
      env(callRoute),
    );

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: {
          action: '/dial-result?bridge_step=1&bridge_leg=agent&bridge_called=%2B15550100100',
          referUrl: '/transfer?bridge_step=1&bridge_called=%2B15550100100',
        },
        children: [{ name: 'Sip', text: expect.stringContaining('X-EI=S.') }],
      },
    ]);
    expect(lines).toMatchObject([
      { method: 'log', line: { stage, outcome: 'agent', step: 1, reason, attempts: 1, sipStatus: 503 } },
    ]);
    expect(lines[0]?.line).not.toHaveProperty('missedAgent', false);
  });
});
