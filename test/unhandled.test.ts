import { resolve } from 'node:path';
import { getListOfFunctionsAndAssets } from '@twilio-labs/serverless-api/dist/utils';
import { type Synthflow, startSynthflow } from '../lab/synthflow/api';
import { voiceParameters } from '../lab/twilio/webhook';
import { parseLine } from '../tools/story/explanation';
import { layOut } from './setup/cloud';

let synthflow: Synthflow;
beforeAll(async () => {
  synthflow = await startSynthflow('test-api-key');
});
afterAll(() => synthflow.stop());

/** Calls a number whose lookup is this code in Twilio's cloud, in one warm process; `calls` is how often. */
async function callWith(customVariables: string, calls = 1, beforeTable = '') {
  const { functions, assets } = await getListOfFunctionsAndAssets(resolve(__dirname, '../dist'), {
    functionsFolderNames: ['functions'],
    assetsFolderNames: ['assets'],
  });
  const entries = `{ '+15550100100': { variables: { plan: 'free' }, customVariables: ${customVariables} } }`;
  const content = `${beforeTable}\nexports.numbers = ${entries};`;
  const cloud = layOut(
    functions,
    assets.map((asset) => (asset.path === '/numbers.js' ? { ...asset, content } : asset)),
  );
  const env = { SYNTHFLOW_API_KEY: 'test-api-key', SYNTHFLOW_MODEL_ID: 'agent', SYNTHFLOW_API_URL: synthflow.apiUrl };
  const events = Array.from({ length: calls }, () => voiceParameters('+15550100142', '+15550100100'));
  const run = await cloud.invoke('/inbound', env, events).finally(() => cloud.remove());
  const variables = synthflow.exchanges.slice(-calls).map(({ body }) => JSON.parse(body).custom_variables);
  return { lines: run.lines.map(parseLine), variables };
}

const fail = "throw new TypeError('secret')";

describe("The owner's code that fails where nobody awaits it, in a runtime that ends for that", () => {
  test.each([
    [
      'the second of two requests, before the first has ended',
      `async () => {
        const plan = new Promise((resolve) => setTimeout(resolve, 60_000, 'gold'));
        const name = (async () => { ${fail} })();
        return { plan: await plan, name: await name };
      }`,
    ],
    [
      'a request that nobody awaits',
      `() => { void (async () => { ${fail} })(); return new Promise(() => undefined); }`,
    ],
    ['a callback', `() => new Promise(() => setTimeout(() => { ${fail} }, 1))`],
    ['a microtask', `() => new Promise(() => queueMicrotask(() => { ${fail} }))`],
    ['a socket without a listener', "() => new Promise(() => require('node:net').connect(1, '127.0.0.1'))"],
    [
      'an emitter',
      `() => new Promise(() => setImmediate(() => new (require('node:events'))().emit('error', 'secret')))`,
    ],
  ])('costs the caller the lookup, and not the agent: %s', async (_case, customVariables) => {
    const { lines, variables } = await callWith(customVariables);

    expect(lines).toEqual([expect.objectContaining({ outcome: 'agent', lookup: 'failed', error: expect.any(String) })]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(variables).toEqual([{ plan: 'free' }]);
  });

  test('is said, and costs no value, once the lookup has given its values', async () => {
    const { lines, variables } = await callWith(`() => { setImmediate(() => { ${fail} }); return { plan: 'gold' }; }`);

    expect(lines).toMatchObject([
      { outcome: 'agent', lookup: 'failed', error: expect.stringMatching(/^TypeError at /) },
    ]);
    expect(variables).toEqual([{ plan: 'gold' }]);
  });

  test('reaches no later call', async () => {
    const { lines, variables } = await callWith(
      `() => {
        if (globalThis.goOn) {
          globalThis.goOn();
          return new Promise((resolve) => setTimeout(resolve, 50, { plan: 'gold' }));
        }
        void new Promise((resolve) => (globalThis.goOn = resolve)).then(() => { ${fail} });
        return { plan: 'silver' };
      }`,
      2,
    );

    expect(lines).toMatchObject([{ outcome: 'agent' }, { outcome: 'agent' }]);
    expect(lines[1]).not.toHaveProperty('lookup');
    expect(variables).toEqual([{ plan: 'silver' }, { plan: 'gold' }]);
  });

  test('raises an alert when it is the table itself', async () => {
    const { lines } = await callWith("() => ({ plan: 'gold' })", 1, `Promise.reject(new TypeError('secret'));`);

    expect(lines).toMatchObject([{ outcome: 'agent', error: expect.stringMatching(/^TypeError at /) }]);
  });
});
