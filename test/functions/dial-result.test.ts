import { voiceParameters } from '../../lab/twilio/parameters';
import { handler } from '../../src/functions/dial-result.protected';
import { invoke } from '../setup/invoke';

const callSid = `CA${'0123456789abcdef'.repeat(2)}`;
const ladder = {
  FALLBACK_NUMBER: '+15550100190',
  FALLBACK_VOICEMAIL: 'true',
  FALLBACK_MESSAGE: 'Sorry.',
  FALLBACK_CLOSING: 'Goodbye.',
};

const result = (event: object, env: Record<string, string> = ladder) =>
  invoke(handler, env, {
    ...voiceParameters('+15550100142', '+15550100100', callSid),
    CallStatus: 'in-progress',
    ...event,
  });

describe('The end of a leg', () => {
  test('after a conversation ends the call, in one line without an alert', async () => {
    const { verbs, lines } = await result({
      stage: 'agent',
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
      stage: 'agent',
      CallStatus: 'completed',
      DialCallStatus: 'canceled',
    });

    expect(httpStatus).toBe(200);
    expect(verbs).toEqual([]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'caller_hung_up', stage: 'agent' } }]);
  });

  test('of an agent who did not answer rings the fallback number, with the caller as caller id', async () => {
    const { verbs, lines } = await result({ stage: 'agent', DialCallStatus: 'failed', DialSipResponseCode: '503' });

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: {
          action: '/dial-result?stage=number',
          answerOnBridge: 'true',
          timeout: '20',
          callerId: '+15550100142',
        },
        children: [{ name: 'Number', text: '+15550100190' }],
      },
    ]);
    expect(lines).toMatchObject([
      { method: 'error', line: { outcome: 'fallback_number', reason: 'failed', stage: 'agent', sipStatus: 503 } },
    ]);
  });

  test.each(['anonymous', '+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253', 'client:alice', ''])(
    'rings the fallback number as the called number when the caller is %j',
    async (From) => {
      const { verbs } = await result({ From, stage: 'agent', DialCallStatus: 'busy' });

      expect(verbs[0]?.attributes.callerId).toBe('+15550100100');
    },
  );

  test('leaves the caller id to Twilio when neither party has a number', async () => {
    const { verbs } = await result({ From: 'client:a', To: 'client:b', stage: 'agent', DialCallStatus: 'busy' });

    expect(verbs[0]?.attributes).not.toHaveProperty('callerId');
  });

  test('of a person who did not answer offers the voicemail, and lets a silent caller go politely', async () => {
    const { verbs } = await result({ stage: 'number', DialCallStatus: 'no-answer' });

    expect(verbs).toMatchObject([
      { name: 'Say', text: 'Sorry.' },
      { name: 'Record', attributes: { action: '/dial-result?stage=voicemail', maxLength: '120', playBeep: 'true' } },
      { name: 'Say', text: 'Goodbye.' },
      { name: 'Hangup' },
    ]);
  });

  test('of a recording closes the call', async () => {
    const { verbs, lines } = await result({
      stage: 'voicemail',
      RecordingUrl: 'https://api.twilio.com/x',
      RecordingDuration: '9',
    });

    expect(verbs).toMatchObject([{ name: 'Say', text: 'Goodbye.' }, { name: 'Hangup' }]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'voicemail_left', seconds: 9 } }]);
  });

  test('is answered in the language and voice of the settings', async () => {
    const env = { FALLBACK_LANGUAGE: 'de-DE', FALLBACK_VOICE: 'Polly.Vicki-Neural', FALLBACK_MESSAGE: 'Bis später.' };
    const { verbs } = await result({ stage: 'agent', DialCallStatus: 'busy' }, env);

    expect(verbs[0]).toMatchObject({
      text: 'Bis später.',
      attributes: { language: 'de-DE', voice: 'Polly.Vicki-Neural' },
    });
  });

  test('follows the entry of the called number', async () => {
    const { verbs } = await result({ To: '+15550100101', stage: 'agent', DialCallStatus: 'busy' });

    expect(verbs[0]?.children[0]?.text).toBe('+15550100198');
  });

  test('at a stage that no URL of the bridge names never rings anybody', async () => {
    for (const stage of ['', 'inbound', 'agent ', 'x', undefined, ['agent', 'number']]) {
      const { verbs } = await result({ stage, DialCallStatus: 'busy' });

      expect(verbs.map(({ name }) => name)).toEqual(['Say', 'Record', 'Say', 'Hangup']);
    }
  });
});
