import { webhook } from '../../src/assets/webhook.private';
import { at, invoke } from '../setup/invoke';

const fail = (): never => {
  throw new RangeError('secret in a message: +15550100142');
};
const env = { CALL_ROUTE: 'agent,+15550100190,voicemail' };

describe('A function that fails', () => {
  test('as the first webhook of a call takes the caller to the first step', async () => {
    const { callbacks, verbs } = await invoke(webhook('inbound', fail), env, { To: '+15550100100' });

    expect(callbacks).toBe(1);
    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: '+15550100190' }] }]);
  });

  test.each([
    [at(0, 'agent'), 'agent'],
    [at(0, 'transfer'), 'transfer'],
  ])(
    'after the agent (%j) takes the caller to the next step, and the line says which leg had ended',
    async (place, stage) => {
      const { verbs, lines } = await invoke(webhook('dial-result', fail), env, { To: '+15550100100', ...place });

      expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: '+15550100190' }] }]);
      expect(lines[0]?.line.stage).toBe(stage);
    },
  );

  test('while the agent asks for a transfer leaves the caller with the agent', async () => {
    const { verbs, lines } = await invoke(webhook('transfer', fail), env, { To: '+15550100100' });

    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: 'sip:refused@transfer.invalid' }] }]);
    expect(lines).toMatchObject([{ method: 'error', line: { outcome: 'transfer_refused', reason: 'unexpected' } }]);
    expect(lines[0]?.line.stage).toBeUndefined();
  });

  test.each([
    ['1', 'person', ['Say', 'Record', 'Redirect'], 'voicemail'],
    ['x', undefined, ['Say', 'Hangup'], 'message'],
    [undefined, undefined, ['Say', 'Hangup'], 'message'],
  ])('after a person, or who knows what (step %s), rings nobody a second time', async (step, stage, names, outcome) => {
    const { callbacks, verbs, lines } = await invoke(webhook('dial-result', fail), env, {
      To: '+15550100100',
      bridge_step: step,
      bridge_leg: stage,
    });

    expect(callbacks).toBe(1);
    expect(verbs.map(({ name }) => name)).toEqual(names);
    expect(lines[0]?.line.stage).toBe(stage);
    expect(lines).toMatchObject([
      {
        method: 'error',
        line: {
          event: 'dial-result',
          outcome,
          reason: 'unexpected',
          error: expect.stringMatching(/^RangeError at fail .*webhook\.test/),
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|\+1555/);
  });

  test('after a recording asks for no second one, and raises the alert', async () => {
    const { verbs, lines } = await invoke(webhook('dial-result', fail), env, {
      ...at(2, 'voicemail'),
      RecordingDuration: '9',
    });

    expect(verbs).toMatchObject([{ name: 'Say', text: 'Thank you. Goodbye.' }, { name: 'Hangup' }]);
    expect(lines).toMatchObject([
      { method: 'error', line: { outcome: 'voicemail_left', error: expect.stringMatching(/^RangeError at /) } },
    ]);
  });

  test.each([
    [new Error('secret'), /^Error at /],
    [Object.assign(new Error('secret'), { stack: undefined }), /^Error at unknown place$/],
    [Object.assign(new Error('secret'), { stack: 'a text without places' }), /^Error at unknown place$/],
    [
      Object.assign(new Error('secret'), { stack: 'Error: x\n    at secret\n    at f (a.js:1:2)' }),
      /^Error at f \(a.js:1:2\)$/,
    ],
    [Object.assign(new Error(''), { stack: 'Error\n    at a.js:1:2\n    at b.js:3:4' }), /^Error at a.js:1:2$/],
    [new Error('two lines\n    at secret:1:2\n    at secret:3:4'), /^Error at .+webhook\.test\.ts:\d+:\d+\)?$/],
    [Object.assign(new Error('secret'), { name: 'a secret' }), /^Error at .+:\d+:\d+\)?$/],
    [Object.assign(new Error('secret'), { name: 'NoCityError' }), /^NoCityError at .+:\d+:\d+\)?$/],
    ['secret', /^a thrown string$/],
    // A pattern that goes back over each line would take hours.
    [Object.assign(new Error('x'), { stack: `Error${'\n'.repeat(2_000_000)}x` }), /^Error at unknown place$/],
  ])('names the place of the error, when it has one, and never its message', async (error, named) => {
    const { lines } = await invoke(
      webhook('transfer', () => Promise.reject(error)),
      {},
      {},
    );

    expect(lines[0]?.line.error).toMatch(named);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test.each([new TypeError('secret'), Object.assign(new Error('secret'), { stack: undefined }), 'secret'])(
    'because the event itself throws (%p) still says a sentence',
    async (thrown) => {
      const event = {
        get To(): string {
          throw thrown;
        },
      };
      // Not copied: the getter must not run before the function reads it.
      const { callbacks, verbs, lines } = await invoke(
        (context, _event, callback) =>
          webhook('inbound', fail)(context, Object.assign(event, { request: { headers: {}, cookies: {} } }), callback),
        env,
        {},
      );

      expect(callbacks).toBe(1);
      expect(verbs).toMatchObject([{ name: 'Say' }, { name: 'Hangup' }]);
      expect(lines).toMatchObject([{ method: 'error', line: { outcome: 'message', reason: 'unexpected' } }]);
      expect(JSON.stringify(lines)).not.toContain('secret');
    },
  );

  test('because rendering fails still says a sentence and writes a line', async () => {
    jest.doMock('../../src/assets/twilio/twiml.private', () => {
      throw new TypeError('a module that does not load');
    });
    const { callbacks, httpStatus, contentType, verbs, lines } = await invoke(webhook('inbound', fail), env, {});
    jest.dontMock('../../src/assets/twilio/twiml.private');

    expect({ callbacks, httpStatus, contentType }).toEqual({ callbacks: 1, httpStatus: 200, contentType: 'text/xml' });
    expect(verbs).toMatchObject([
      { name: 'Say', text: 'We are sorry, our assistant cannot take your call at the moment.' },
      { name: 'Hangup' },
    ]);
    expect(lines).toMatchObject([
      {
        method: 'error',
        line: {
          event: 'inbound',
          outcome: 'message',
          reason: 'unexpected',
          missedAgent: true,
          error: expect.any(String),
        },
      },
    ]);
  });
});

describe('The log line of every function', () => {
  test('names an error that nobody awaits, and is an alert', async () => {
    const stray = webhook('dial-result', () => {
      process.emit('uncaughtException', new RangeError('secret'));
      return { next: { outcome: 'completed' } };
    });
    const { verbs, lines } = await invoke(stray, {}, { To: '+15550100100' });

    expect(verbs).toMatchObject([{ name: 'Hangup' }]);
    expect(lines).toMatchObject([{ method: 'error', line: { error: expect.stringMatching(/^RangeError at /) } }]);
    expect(lines[0]?.line).not.toHaveProperty('lookup');
  });

  test("has the handler's full time, and no problems if there are none", async () => {
    const settings = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent' };
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const slow = webhook('transfer', async () => {
      clock.mockReturnValue(1050.4);
      return { next: { outcome: 'completed' } };
    });
    const { lines } = await invoke(slow, settings, { To: '+15550100100' });
    clock.mockRestore();

    const [{ line } = { line: undefined }] = lines;
    expect(line?.ms).toBe(50);
    expect(line).not.toHaveProperty('problems');
  });
});
