import type { ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import { type Synthflow, startSynthflow } from '../../lab/synthflow/api';
import { handler as dialResult } from '../../src/functions/dial-result.protected';
import { handler as inbound } from '../../src/functions/inbound.protected';
import { at, type Invocation, invoke } from '../setup/invoke';

const apiKey = 'test-api-key-0123456789';

let synthflow: Synthflow;
beforeAll(async () => {
  synthflow = await startSynthflow(apiKey);
});
afterAll(() => synthflow.stop());

const ask = (handler: ServerlessFunctionSignature, event: object, env: object = {}): Promise<Invocation> => {
  const settings = { SYNTHFLOW_API_KEY: apiKey, SYNTHFLOW_MODEL_ID: 'agent', SYNTHFLOW_API_URL: synthflow.apiUrl };
  return invoke(handler, { ...settings, ...env }, { From: '+15550100142', To: '+15550100100', ...event });
};
const route = { CALL_ROUTE: 'agent,+15550100190,voicemail' };
const names = ({ verbs }: Invocation): readonly string[] => verbs.map(({ name }) => name);

describe('An entry of the number table', () => {
  test('is followed for calls to its number', async () => {
    const { verbs } = await ask(inbound, { To: '+15550100101', FromCity: 'Springfield' });

    expect(JSON.parse(synthflow.exchanges.at(-1)?.body ?? '')).toMatchObject({
      to_number: '+15550100101',
      model_id: 'own-agent',
      custom_variables: { city: 'Springfield' },
    });
    expect(verbs[0]?.attributes).toMatchObject({ record: 'record-from-answer-dual', timeLimit: '600', ringTone: 'us' });
    expect(verbs[0]?.children[0]?.text).toContain('sip:+15550100199@');
  });

  test("can't override the attributes that the bridge needs", async () => {
    const { verbs } = await ask(inbound, { To: '+15550100105' });

    expect(verbs[0]?.attributes).toEqual({
      answerOnBridge: 'true',
      timeout: '20',
      action: '/dial-result?bridge_step=0&bridge_leg=agent&bridge_called=%2B15550100105',
      referUrl: '/transfer?bridge_step=0&bridge_called=%2B15550100105',
    });
  });

  test('still reaches the agent if customVariables throws; the alert names the place, never the message', async () => {
    const { verbs, lines } = await ask(inbound, { To: '+15550100102' });

    expect(lines).toMatchObject([
      {
        method: 'error',
        line: { outcome: 'agent', lookup: 'failed', error: expect.stringMatching(/^TypeError at .*numbers/) },
      },
    ]);
    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ name: 'Sip' }] }]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|\+15550100142/);
  });
});

describe('A number table that cannot be read', () => {
  beforeEach(() => jest.doMock('../fixtures/numbers', () => jest.requireActual('../fixtures/broken-numbers')));
  afterEach(() => jest.dontMock('../fixtures/numbers'));

  test("prepares no agent, which could be another tenant's, and keeps the environment's route", async () => {
    const before = synthflow.exchanges.length;
    const { verbs, lines } = await ask(inbound, { CallSid: 'CA12' }, { ...route, MIN_AGENT_SECONDS: 'x' });

    expect(synthflow.exchanges).toHaveLength(before);
    expect(JSON.stringify(lines)).not.toMatch(/secret|\+15550100142/);
    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: '+15550100190' }] }]);
    expect(lines).toMatchObject([
      {
        method: 'error',
        line: {
          reason: 'misconfigured',
          callSid: 'CA12',
          to: '…0100',
          problems: [
            expect.stringMatching(
              /^the number table: expected one that can be read; found RangeError at .+broken-numbers.+\. Correct it\.$/,
            ),
            expect.stringMatching(/^MIN_AGENT_SECONDS: /),
          ],
        },
      },
    ]);
  });

  const conversation = { DialCallStatus: 'completed', DialCallDuration: '60', DialBridged: 'true' };
  test.each([
    ['a conversation with the person', { ...at(1, 'person'), ...conversation }, ['Hangup']],
    ['a person who did not answer', { ...at(1, 'person'), DialCallStatus: 'no-answer' }, ['Say', 'Record', 'Redirect']],
    ['a recording', { ...at(2, 'voicemail'), RecordingDuration: '12' }, ['Say', 'Hangup']],
  ])('goes on after %s as any call does', async (_what, event, verbs) => {
    expect(names(await ask(dialResult, event, route))).toEqual(verbs);
  });
});
