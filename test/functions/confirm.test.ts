import { handler } from '../../src/functions/confirm.protected';
import { invoke } from '../setup/invoke';

// What Twilio sends for the leg of a person (twilio.com/docs/voice/twiml/number), and what our own URL names.
const leg = {
  CallSid: `CA${'1'.repeat(32)}`,
  ParentCallSid: `CA${'0'.repeat(32)}`,
  From: '+15550100142',
  To: '+15550100190',
  CallStatus: 'in-progress',
  bridge_called: '+15550100100',
};
const confirm = (event: object, env = {}) => invoke(handler, env, { ...leg, ...event });

describe('A person whose phone has confirm', () => {
  test('is asked to press a key within 10 s; without one, the leg ends', async () => {
    const { verbs, lines } = await confirm({});

    expect(verbs).toMatchObject([
      {
        name: 'Gather',
        attributes: { numDigits: '1', timeout: '10' },
        children: [{ name: 'Say', text: 'Somebody is calling for you. Press 1 to take the call.' }],
      },
      { name: 'Hangup' },
    ]);
    expect(lines).toMatchObject([{ method: 'log', line: { event: 'confirm', outcome: 'confirm_asked' } }]);
  });

  test('gets the caller by pressing 1: the response is empty, and Twilio connects the two', async () => {
    const { verbs, lines } = await confirm({ Digits: '1' });

    expect(verbs).toEqual([]);
    expect(lines).toMatchObject([{ method: 'log', line: { event: 'confirm', outcome: 'confirmed' } }]);
  });

  test.each(['2', '0', '', '11'])('and presses %j is let go, which is no alert: the route goes on', async (Digits) => {
    const { verbs, lines } = await confirm({ Digits });

    expect(verbs).toMatchObject([{ name: 'Hangup' }]);
    expect(lines).toMatchObject([{ method: 'log', line: { event: 'confirm', outcome: 'not_confirmed' } }]);
  });

  test("is logged with the CallSid of the caller's leg and the number that was called", async () => {
    const { lines } = await confirm({});

    expect(lines[0]?.line).toMatchObject({ callSid: leg.ParentCallSid, from: '…0142', to: '…0100' });
  });

  test.each(['', 'CA', '+15550100142', 'CA 0'])(
    'is logged without a CallSid that is none: %j',
    async (ParentCallSid) => {
      const { lines } = await confirm({ ParentCallSid });

      expect(lines[0]?.line).not.toHaveProperty('callSid');
    },
  );

  test('hears the configured sentence, language and voice', async () => {
    const env = { CONFIRM_MESSAGE: 'Anruf. Eins drücken.', FALLBACK_LANGUAGE: 'de-DE', FALLBACK_VOICE: 'alice' };
    const { verbs } = await confirm({}, env);

    expect(verbs[0]?.children).toMatchObject([
      { name: 'Say', text: 'Anruf. Eins drücken.', attributes: { language: 'de-DE', voice: 'alice' } },
    ]);
  });

  test("hears the called number's own sentence", async () => {
    const { verbs } = await confirm({ bridge_called: '+15550100101' });

    expect(verbs[0]?.children).toMatchObject([{ name: 'Say', text: 'For the shop. Press 1.' }]);
  });
});
