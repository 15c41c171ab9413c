import { randomUUID } from 'node:crypto';
import axios from 'axios';
import { createEmulators } from '../../../lab/emulators';
import { freePort } from '../../../lab/http';
import { type Synthflow, startSynthflow } from '../../../lab/synthflow/api';
import { type Emulator, startEmulator } from '../../../lab/twilio/emulator';
import { newCallSid, voiceParameters } from '../../../lab/twilio/webhook';
import { parseTwiml } from '../../../tools/story/twiml';
import { apiFaults, connectionsOf, resetConnections } from '../../setup/api-faults';

const apiKey = `canary-${randomUUID()}`;
const caller = '+15550100142';
const env = { SYNTHFLOW_API_KEY: apiKey, SYNTHFLOW_MODEL_ID: 'agent', PREPARE_TIMEOUT_MS: '3000' };

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

/** Milliseconds that Twilio gives a function (twilio.com/docs/serverless/functions-assets). */
const functionLimitMs = 10_000;

async function call(at: Emulator, callSid = newCallSid()) {
  const form = new URLSearchParams(voiceParameters(caller, '+15550100100', callSid));
  const start = performance.now();
  const { status, headers, data } = await axios.post<string>(`${at.url}/inbound`, form, {
    headers: at.headers,
    responseType: 'text',
    proxy: false,
  });
  return { httpStatus: status, contentType: headers['content-type'], body: data, ms: performance.now() - start };
}

describe('Through the emulator, a call', () => {
  test('is answered with text/xml that dials the agent', async () => {
    const callSid = newCallSid();
    const answer = await call(emulator, callSid);

    expect(answer).toMatchObject({ httpStatus: 200, contentType: expect.stringMatching(/^text\/xml/) });
    const { synthflow_call_id: id } = JSON.parse(synthflow.exchanges.at(-1)?.answer?.body ?? '');
    expect(parseTwiml(answer.body)[0]?.children[0]?.text).toMatch(new RegExp(`\\?X-EI=S.${id}%3BE.${callSid}%3B$`));
  });

  test('is answered within the time of a function when the API never ends its answer', async () => {
    synthflow.behave(apiFaults.trickle);
    const answer = await call(emulator);

    expect(parseTwiml(answer.body)).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
    expect(answer.ms).toBeLessThan(functionLimitMs);
  });

  test('is answered within the time of a function when the API refuses, in a process that starts for it', async () => {
    const answer = await call(refusing);

    expect(parseTwiml(answer.body)).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
    expect(answer.ms).toBeLessThan(functionLimitMs);
  });

  test('loses nothing when the idle connection of the call before was killed', async () => {
    await call(emulator);
    const before = connectionsOf(synthflow).size;
    resetConnections(synthflow);
    const afterKill = await call(emulator);

    expect(parseTwiml(afterKill.body)).toMatchObject([{ name: 'Dial' }]);
    expect(connectionsOf(synthflow).size).toBe(before + 1);
  });

  test('leaves neither the key nor a full phone number in anything that was printed', async () => {
    const own = await startEmulator({ env: { ...env, SYNTHFLOW_API_URL: synthflow.apiUrl }, warm: true });
    const { rejected, html, reset } = apiFaults;
    for (const behaviour of ['registered', 'unauthorized', rejected, html, apiFaults['hostile-id'], reset] as const) {
      synthflow.behave(behaviour);
      await call(own);
    }
    await own.stop();

    expect(own.output().match(/"from":"…0142"/g)).toHaveLength(6);
    expect(own.output().includes(apiKey)).toBe(false);
    expect(/\+?1555\d{7}/.test(own.output())).toBe(false);
  });
});

describe('The emulator', () => {
  test('answers nobody but the gateway', async () => {
    const ask = (headers: Record<string, string>) =>
      axios.post(`${emulator.url}/inbound`, '', { headers, proxy: false, validateStatus: () => true });
    const before = synthflow.exchanges.length;

    expect((await ask({})).status).toBe(403);
    expect((await ask({ 'x-lab-token': 'guessed' })).status).toBe(403);
    expect(synthflow.exchanges).toHaveLength(before);
  });

  test('says when its process has ended', async () => {
    const own = await startEmulator({ env, warm: true });
    const before = own.hasEnded();
    await own.stop();

    expect([before, own.hasEnded()]).toEqual([false, true]);
  });
});

test('Of the emulators of a lab, the ones that were used last go on', async () => {
  const emulators = createEmulators(2);
  const stage = (n: number) =>
    emulators.stageFor({ env: { ...env, MIN_AGENT_SECONDS: `${n}` }, warm: true }, 'settings');
  const first = [await stage(1), await stage(2)];
  await stage(1);
  await stage(3);
  const ended = first.map(({ emulator: one }) => one.hasEnded());
  await emulators.stop();

  expect(ended).toEqual([false, true]);
});
