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

describe('A voicemail with a VOICEMAIL_URL', () => {
  const VOICEMAIL_URL = 'https://hooks.example/x';

  test('passes both parties on in its URL, since Twilio sends none with a recording', async () => {
    const { verbs } = await result({ ...at(1, 'agent'), DialCallStatus: 'busy' }, { ...route, VOICEMAIL_URL });

    expect(verbs[1]).toMatchObject({
      name: 'Record',
      attributes: { recordingStatusCallback: '/voicemail?bridge_caller=%2B15550100142&bridge_called=%2B15550100100' },
    });
  });

  test('posts only if VOICEMAIL_URL is set', async () => {
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
