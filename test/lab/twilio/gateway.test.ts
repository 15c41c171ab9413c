import { createServer } from 'node:http';
import axios from 'axios';
import { listen } from '../../../lab/http';
import { type Synthflow, startSynthflow } from '../../../lab/synthflow/api';
import { type Emulator, startEmulator } from '../../../lab/twilio/emulator';
import { type Gateway, startGateway } from '../../../lab/twilio/gateway';
import { labAuthToken, send, signRequest, voiceParameters } from '../../../lab/twilio/webhook';

type Form = Readonly<Record<string, string>>;
const postSigned = (url: string, form: Form) => send(signRequest('POST', url, form));
const getSigned = (url: string, query: Form) => send(signRequest('GET', url, query));

const apiKey = 'test-api-key-0123456789';
const parameters = voiceParameters('+15550100142', '+15550100100');

let synthflow: Synthflow;
let emulator: Emulator;
let gateway: Gateway;
/** One whose time is soon over. */
let strict: Gateway;
beforeAll(async () => {
  synthflow = await startSynthflow(apiKey);
  const env = { SYNTHFLOW_API_KEY: apiKey, SYNTHFLOW_MODEL_ID: 'agent', SYNTHFLOW_API_URL: synthflow.apiUrl };
  emulator = await startEmulator({ env, warm: true });
  gateway = await startGateway(emulator);
  strict = await startGateway(emulator, 1000);
});
afterAll(async () => {
  await gateway.stop();
  await strict.stop();
  await emulator.stop();
  await synthflow.stop();
});
beforeEach(() => {
  synthflow.behave('registered');
  gateway.crash([]);
});

const unsigned = (path: string, headers: Record<string, string> = {}) =>
  axios.post(`${gateway.url}${path}`, new URLSearchParams(parameters).toString(), {
    headers,
    validateStatus: () => true,
  });

describe('The gateway', () => {
  test.each(['/inbound', '/dial-result', '/dial-result?bridge_step=0', '/transfer'])(
    'passes a signed request on to %s',
    async (path) => {
      expect(await postSigned(`${gateway.url}${path}`, parameters)).toMatchObject({
        httpStatus: 200,
        contentType: expect.stringMatching(/^text\/xml/),
      });
    },
  );

  test('passes a signed request on to the static fallback', async () => {
    const { httpStatus, body } = await getSigned(`${gateway.url}/fallback.xml`, { ErrorCode: '11200' });

    expect(httpStatus).toBe(200);
    expect(body).toContain('<Response><Say>');
  });

  test.each(['/inbound', '/dial-result', '/transfer', '/fallback.xml'])(
    'answers 403 without a valid signature: %s',
    async (path) => {
      expect((await unsigned(path)).status).toBe(403);
      expect((await unsigned(path, { 'x-twilio-signature': 'wrong' })).status).toBe(403);
    },
  );

  test('answers 403 when the signed URL had another query', async () => {
    const { getExpectedTwilioSignature } = jest.requireActual<typeof import('twilio')>('twilio');
    const url = `${gateway.url}/dial-result?bridge_step=0`;
    const signature = getExpectedTwilioSignature(labAuthToken, url, parameters);

    expect((await unsigned('/dial-result?bridge_step=0', { 'x-twilio-signature': signature })).status).toBe(200);
    expect((await unsigned('/dial-result?bridge_step=1', { 'x-twilio-signature': signature })).status).toBe(403);
  });

  test.each(['/settings.js', '/numbers.js', '/nothing', '/'])(
    'answers 404 for what is private or does not exist: %s',
    async (path) => {
      expect((await postSigned(`${gateway.url}${path}`, parameters)).httpStatus).toBe(404);
    },
  );

  test('answers 504 when a function takes too long', async () => {
    synthflow.behave('slow');
    const { httpStatus, ms } = await postSigned(`${strict.url}/inbound`, parameters);

    expect(httpStatus).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(999);
  });

  test('cuts an answer that has begun when its time is over, and lives on', async () => {
    const trickling = createServer((_incoming, response) => response.writeHead(200).write('<Response>'));
    const url = `http://127.0.0.1:${await listen(trickling)}`;
    const own = await startGateway({ ...emulator, url }, 50);
    const answers = [
      await postSigned(`${own.url}/inbound`, parameters),
      await postSigned(`${own.url}/inbound`, parameters),
    ];
    await own.stop();
    trickling.closeAllConnections();
    trickling.close();

    expect(answers).toMatchObject([
      { httpStatus: 0, failure: 'connection failure' },
      { httpStatus: 0, failure: 'connection failure' },
    ]);
  });

  test('fails only the chosen functions: the others and the static fallback stay up', async () => {
    gateway.crash(['/inbound']);

    expect((await postSigned(`${gateway.url}/inbound`, parameters)).httpStatus).toBe(500);
    expect((await postSigned(`${gateway.url}/dial-result`, parameters)).httpStatus).toBe(200);
    expect((await getSigned(`${gateway.url}/fallback.xml`, {})).httpStatus).toBe(200);
  });
});
