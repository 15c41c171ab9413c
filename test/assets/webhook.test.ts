import { invoke } from '../setup/invoke';

const { webhook }: typeof import('../../src/assets/webhook.private') = require(Runtime.getAssets()['/webhook.js'].path);

const fail = (): never => {
  throw new RangeError('secret in a message: +15550100142');
};
const env = { FALLBACK_NUMBER: '+15550100190', FALLBACK_VOICEMAIL: 'true' };

describe('A function that fails', () => {
  test('as the first webhook of a call takes the caller to the first rung', async () => {
    const { callbacks, verbs } = await invoke(webhook('inbound', fail), env, { To: '+15550100100' });

    expect(callbacks).toBe(1);
    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: '+15550100190' }] }]);
  });

  test.each(['dial-result', 'transfer'] as const)('later in a call (%s) rings nobody a second time', async (event) => {
    const { callbacks, verbs, lines } = await invoke(webhook(event, fail), env, { To: '+15550100100' });

    expect(callbacks).toBe(1);
    expect(verbs.map(({ name }) => name)).toEqual(['Say', 'Record', 'Say', 'Hangup']);
    expect(lines).toMatchObject([
      {
        method: 'error',
        line: {
          event,
          outcome: 'voicemail',
          reason: 'unexpected',
          error: expect.stringMatching(/^RangeError at fail .*webhook\.test/),
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|\+1555/);
  });

  test('because the number table cannot be loaded keeps the ladder of the environment', async () => {
    const table = Runtime.getAssets()['/numbers.js'];
    const { path } = table;
    Object.assign(table, { path: `${path}.missing` });
    const { verbs, lines } = await invoke(webhook('inbound', fail), env, { To: '+15550100100', CallSid: 'CA12' });
    Object.assign(table, { path });

    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: '+15550100190' }] }]);
    expect(lines).toMatchObject([{ line: { reason: 'unexpected', callSid: 'CA12', to: '…0100' } }]);
  });

  test('by a rejected promise is no different', async () => {
    const { callbacks, verbs } = await invoke(
      webhook('transfer', () => Promise.reject('a text')),
      {},
      {},
    );

    expect(callbacks).toBe(1);
    expect(verbs).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
  });
});
