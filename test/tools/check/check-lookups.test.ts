import { PassThrough } from 'node:stream';
import type { CustomVariables } from '../../../src/assets/lookup.private';
import { checkLookups } from '../../../tools/check/check-lookups';
import { ok, warning } from '../../../tools/finding';
import { fastClock, shellOf } from '../../setup/command';

const environment = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent', LOOKUP_TIMEOUT_MS: '100' };
const number = '+15550100101';
const check = (customVariables: CustomVariables) =>
  checkLookups(shellOf({ clock: fastClock() }), environment, { [number]: { customVariables } });
const fix = 'correct src/assets/numbers.private.ts: the agent gets the call without these variables';

describe('The lookups of the number table', () => {
  test('are tried with a known caller and with a hidden one', async () => {
    const customVariables = jest.fn(async () => ({ a: 'b' }));
    const table = { '+15550100100': { variables: { a: 'b' } }, [number]: { customVariables } };
    const findings = await checkLookups(shellOf({ clock: fastClock() }), environment, table);

    expect(findings).toEqual([ok(number, 'its customVariables were looked up for two sample calls')]);
    const calls: readonly unknown[][] = customVariables.mock.calls;
    expect(calls.map(([call]) => call)).toMatchObject([
      { to: number, from: '+15550100142', callSid: `CA${'0'.repeat(32)}`, parameters: { FromCity: 'SPRINGFIELD' } },
      { to: number, from: 'anonymous', callSid: `CA${'0'.repeat(32)}` },
    ]);
    expect(calls[1]).not.toMatchObject([{ parameters: { FromCity: expect.anything() } }, {}]);
  });

  test.each([
    [new TypeError('broken'), 'broken', 'numbers.private.ts'],
    [
      Object.assign(new Error('broken'), { stack: 'Error: broken\n at x (/p/src/assets/numbers.private.ts:17:21)' }),
      'broken',
      'numbers.private.ts:17:21',
    ],
    [
      new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND crm.invalid') }),
      'fetch failed: getaddrinfo ENOTFOUND crm.invalid',
      'numbers.private.ts',
    ],
    ['a text', 'a text', 'numbers.private.ts'],
    [
      Object.assign(new Error('broken'), { stack: 'Error: broken\n at x (/p/src/assets/crm.private.ts:7:1)' }),
      'broken',
      'crm.private.ts:7:1',
    ],
  ])('are warned of with their place when they fail: %p', async (thrown, message, place) => {
    const findings = await check(() => {
      throw thrown;
    });

    expect(findings).toEqual(
      ['a caller', 'a caller who hides the number'].map((who) =>
        warning(
          number,
          `customVariables failed (${message}) for ${who}`,
          `correct src/assets/${place}: the agent gets the call without these variables`,
        ),
      ),
    );
  });

  test('are warned of when they return no values', async () => {
    const findings = await check(jest.fn().mockReturnValue(new Map()));

    expect(findings[0]).toEqual(
      warning(
        number,
        'customVariables failed (it returned an object (Map) without values of its own) for a caller',
        fix,
      ),
    );
  });

  test('are warned of when something that they started fails later', async () => {
    const later = Object.assign(new Error('broken'), {
      stack: 'Error\n at x (/p/src/assets/numbers.private.ts:17:21)',
    });
    const findings = await check(() => {
      setImmediate(() => process.emit('uncaughtException', later));
      return {};
    });

    expect(findings).toMatchObject([
      {
        detail: 'customVariables failed (broken) for a caller',
        fix: expect.stringContaining('numbers.private.ts:17:21'),
      },
      { detail: 'customVariables failed (broken) for a caller who hides the number' },
    ]);
  });

  test('cause a warning if they take too long', async () => {
    const raise = fix.replace(':', ', or raise LOOKUP_TIMEOUT_MS:');

    expect(await check(() => new Promise(() => undefined))).toEqual([
      warning(number, 'customVariables took longer than 100 ms for a caller', raise),
      warning(number, 'customVariables took longer than 100 ms for a caller who hides the number', raise),
    ]);
  });

  test("cause a warning, with the caller, if they return what can't be sent", async () => {
    const customVariables: CustomVariables = ({ caller }) =>
      jest.fn().mockReturnValue({ list: [], kind: caller.kind })();

    expect(await check((call, context) => (call.from === 'anonymous' ? {} : customVariables(call, context)))).toEqual([
      warning(number, "customVariables gave values that can't be sent (list) for a caller", fix),
    ]);
  });

  test("have the variables that are deployed, and none of this shell's others", async () => {
    const seen: unknown[] = [];
    process.env.CRM_TOKEN_OF_THE_SHELL = 'only-here';
    const customVariables: CustomVariables = async () => {
      await new Promise((done) => setImmediate(done));
      seen.push([process.env.CRM_TOKEN, process.env.CRM_TOKEN_OF_THE_SHELL, process.env.PATH]);
      return {};
    };
    const table = { [number]: { customVariables } };
    await checkLookups(shellOf({ clock: fastClock() }), { ...environment, CRM_TOKEN: 'in-the-file' }, table);
    const after = process.env.CRM_TOKEN_OF_THE_SHELL;
    delete process.env.CRM_TOKEN_OF_THE_SHELL;

    expect(seen).toEqual(Array(2).fill(['in-the-file', undefined, process.env.PATH]));
    expect([after, process.env.CRM_TOKEN]).toEqual(['only-here', undefined]);
  });

  test('are named before they run, in case one never gives way', async () => {
    const stderr = new PassThrough();
    await checkLookups(shellOf({ clock: fastClock(), stderr }), environment, {
      [number]: { customVariables: () => ({}) },
    });

    expect(String(stderr.read())).toBe(`running the customVariables of ${number} …\n`);
  });

  test('never show a secret that an error has', async () => {
    const customVariables: CustomVariables = () => {
      throw new Error('refused: Bearer a-secret-of-the-crm');
    };
    const variables = { ...environment, CRM_TOKEN: 'a-secret-of-the-crm' };
    const table = { [number]: { customVariables } };
    const [finding] = await checkLookups(shellOf({ clock: fastClock() }), variables, table);

    expect(finding?.detail).toBe('customVariables failed (refused: Bearer …) for a caller');
  });

  test('are not tried without valid API settings', async () => {
    const customVariables = jest.fn(() => ({}));

    expect(await checkLookups(shellOf({ clock: fastClock() }), {}, { [number]: { customVariables } })).toEqual([]);
    expect(customVariables).not.toHaveBeenCalled();
  });
});
