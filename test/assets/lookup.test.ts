import { type CustomVariables, lookUp } from '../../src/assets/lookup.private';
import { parseCall } from '../../src/assets/twilio/call.private';

const call = parseCall({ From: '+15550100142', To: '+15550100100', FromCity: 'Bonn' });
const look = (customVariables: CustomVariables | undefined, timeoutMs = 10_000, variables = {}) =>
  lookUp({ variables, customVariables, timeoutMs }, call);
/** What the types forbid and plain JavaScript would not. */
const returning = (value: unknown): CustomVariables => jest.fn().mockReturnValue(value);

describe('The variables of a call', () => {
  test("may come from a promise, and win over the table's own", async () => {
    const atOnce: CustomVariables = ({ parameters }) => ({ city: parameters.FromCity ?? '' });
    const later: CustomVariables = async (given, context) => ({ ...(await atOnce(given, context)), plan: 'gold' });

    expect(await look(atOnce)).toEqual({ variables: { city: 'Bonn' } });
    expect(await look(later, 10_000, { plan: 'free', since: 1999 })).toEqual({
      variables: { plan: 'gold', since: '1999', city: 'Bonn' },
    });
  });

  test("are the table's own if nothing is looked up", async () => {
    expect(await look(undefined, 1, { plan: 'free' })).toEqual({ variables: { plan: 'free' } });
  });

  test('may be strings, numbers or booleans, sent as strings; others are left out and named', async () => {
    const values = { text: '', zero: 0, yes: true, no: false, half: 0.5 };
    const others = { none: null, list: ['a'], object: {}, nothing: undefined, nan: Number.NaN, far: Infinity, big: 1n };

    expect(await look(returning({ ...values, ...others }))).toEqual({
      variables: { text: '', zero: '0', yes: 'true', no: 'false', half: '0.5' },
      omitted: Object.keys(others),
    });
  });

  const fail = (): never => {
    throw new TypeError('secret');
  };
  const place = { error: expect.stringMatching(/^TypeError at .*lookup\.test/) };
  test.each<[string, CustomVariables, object]>([
    ['throws', fail, place],
    ['rejects', async () => fail(), place],
    ['gives a text', returning('gold'), {}],
    ['gives null', returning(null), {}],
    ['gives nothing', returning(undefined), {}],
    [
      'gives an object that throws',
      returning(Object.defineProperty({}, 'city', { get: fail, enumerable: true })),
      place,
    ],
  ])("are the table's own when the lookup %s", async (_title, customVariables, error) => {
    expect(await look(customVariables, 10_000, { plan: 'free' })).toEqual({
      variables: { plan: 'free' },
      lookup: 'failed',
      ...error,
    });
  });
});

describe('A lookup that is not done in time', () => {
  test('is aborted, and its late result goes nowhere', async () => {
    let finish: (late: Record<string, string>) => void = () => undefined;
    let aborted = false;
    const slow: CustomVariables = (_call, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise((resolve) => (finish = resolve));
    };
    const result = await look(slow, 1, { plan: 'free' });
    finish({ plan: 'late' });

    expect(aborted).toBe(true);
    expect(result).toEqual({ variables: { plan: 'free' }, lookup: 'timeout' });
  });

  test('counts as late, not failed, even if its signal makes it reject', async () => {
    const slow: CustomVariables = (_call, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

    expect(await look(slow, 1)).toEqual({ variables: {}, lookup: 'timeout' });
  });

  test("isn't aborted once it has ended", async () => {
    const signals: AbortSignal[] = [];
    await look((_call, { signal }) => {
      signals.push(signal);
      return {};
    }, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
