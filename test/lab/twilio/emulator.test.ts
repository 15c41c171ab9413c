import { randomUUID } from 'node:crypto';
import { freePort } from '../../../lab/port';
import { type Synthflow, startSynthflow } from '../../../lab/synthflow/api';
import { type Emulator, startEmulator } from '../../../lab/twilio/emulator';
import { newCallSid, voiceParameters } from '../../../lab/twilio/parameters';
import { parseTwiml } from '../../../lab/twilio/twiml';
import { postSigned } from '../../../lab/twilio/webhook';

const apiKey = `canary-${randomUUID()}`;
const caller = '+15550100142';
const budgetMs = 1000;
const env = { SYNTHFLOW_API_KEY: apiKey, SYNTHFLOW_MODEL_ID: 'agent', PREPARE_TIMEOUT_MS: `${budgetMs}` };

let synthflow: Synthflow;
let emulator: Emulator;
let refusing: Emulator;
beforeAll(async () => {
  synthflow = await startSynthflow(apiKey);
  const closed = `http://127.0.0.1:${await freePort()}/v2`;
  [emulator, refusing] = await Promise.all([
    startEmulator({ env: { ...env, SYNTHFLOW_API_URL: synthflow.apiUrl }, warm: true }),
    startEmulator({ env: { ...env, SYNTHFLOW_API_URL: closed }, warm: false }),
  ]);
});
afterAll(() => Promise.all([emulator.stop(), refusing.stop(), synthflow.stop()]));
beforeEach(() => synthflow.behave('registered'));

const call = (at: Emulator, callSid = newCallSid()) =>
  postSigned(`${at.url}/inbound`, voiceParameters(caller, '+15550100100', callSid));

describe('Through the emulator, a call', () => {
  test('is answered with text/xml that dials the agent', async () => {
    const callSid = newCallSid();
    const answer = await call(emulator, callSid);

    expect(answer).toMatchObject({ httpStatus: 200, contentType: expect.stringMatching(/^text\/xml/) });
    const { synthflow_call_id: id } = JSON.parse(synthflow.exchanges.at(-1)?.answer?.body ?? '');
    expect(parseTwiml(answer.body)[0]?.children[0]?.text).toMatch(new RegExp(`\\?X-EI=S.${id}%3BE.${callSid}%3B$`));
  });

  test.each(['slow', 'trickle', 'reset', 'huge'] as const)(
    'is answered within the budget and 500 ms when the API is %s',
    async (behaviour) => {
      synthflow.behave(behaviour);
      const answer = await call(emulator);

      expect(parseTwiml(answer.body)).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
      expect(answer.ms).toBeLessThan(budgetMs + 500);
    },
  );

  test('is answered within the budget and 500 ms when the API refuses, in a process that starts for it', async () => {
    const answer = await call(refusing);

    expect(parseTwiml(answer.body)).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
    expect(answer.ms).toBeLessThan(budgetMs + 500);
  });

  test('loses nothing when the idle connection of the call before was killed', async () => {
    await call(emulator);
    const before = synthflow.connections();
    synthflow.resetConnections();
    const afterKill = await call(emulator);
    synthflow.behave('reset', 'registered');
    const afterSilentDeath = await call(emulator);

    for (const { body } of [afterKill, afterSilentDeath]) expect(parseTwiml(body)).toMatchObject([{ name: 'Dial' }]);
    expect(synthflow.connections()).toBe(before + 2);
  });

  test('leaves neither the key nor a full phone number in anything that was printed', async () => {
    const own = await startEmulator({ env: { ...env, SYNTHFLOW_API_URL: synthflow.apiUrl }, warm: true });
    for (const behaviour of ['registered', 'unauthorized', 'rejected', 'html', 'hostile-id', 'reset'] as const) {
      synthflow.behave(behaviour);
      await call(own);
    }
    await own.stop();

    expect(own.output().match(/"from":"…0142"/g)).toHaveLength(6);
    expect(own.output().includes(apiKey)).toBe(false);
    expect(/\+?1555\d{7}/.test(own.output())).toBe(false);
  });
});
