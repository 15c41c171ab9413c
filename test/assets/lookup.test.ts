import { type CustomVariables, lookUp } from '../../src/assets/lookup.private';
import { type Call, parseCall } from '../../src/assets/twilio/call.private';
import { watchUnhandled } from '../../src/assets/unhandled.private';

const call = parseCall({ From: '+15550100142', To: '+15550100100', FromCity: 'Bonn' });
const look = async (customVariables: CustomVariables | undefined, timeoutMs = 10_000, variables = {}) => {
  const unhandled = watchUnhandled();
  return lookUp({ variables, customVariables, timeoutMs }, call, unhandled).finally(unhandled.end);
};
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

  test('may be the own values of an object of any class, whose getters are named', async () => {
    class Customer {
      readonly plan = 'gold';
      get name(): string {
        return 'Bob';
      }
    }

    expect(await look(returning(new Customer()))).toEqual({ variables: { plan: 'gold' }, omitted: ['name'] });
    expect(await look(returning(Object.assign(Object.create(null), { plan: 'gold' })))).toEqual({
      variables: { plan: 'gold' },
    });
  });

  test('have up to 4 kB each and 32 kB together, names included; others are left out and named', async () => {
    // Two bytes a character.
    const longest = 'ü'.repeat(2048);
    const seven = Object.fromEntries(Array.from({ length: 7 }, (_none, n) => [`v${n}`, longest]));
    const rest = 32_768 - 7 * (4096 + 2);
    const fitting = await look(returning({ long: `${longest}x`, ...seven, last: 'x'.repeat(rest - 4 - 1) }));
    const tooMuch = await look(returning({ ...seven, last: 'x'.repeat(rest - 4 - 1), a: '', bc: '' }));

    expect(fitting.omitted).toEqual(['long']);
    expect(Object.keys(fitting.variables)).toEqual([...Object.keys(seven), 'last']);
    expect(tooMuch.omitted).toEqual(['bc']);
  });

  const fail = (): never => {
    throw new TypeError('secret');
  };
  const place = { error: expect.stringMatching(/^TypeError at .*(lookup\.test|<anonymous>)/) };
  const changing =
    (change: (given: Call) => unknown): CustomVariables =>
    (given) => {
      change(given);
      return {};
    };
  /** As Node.js reports it in the context of the code that failed. */
  const leaving = (event: string): CustomVariables => {
    const node: NodeJS.EventEmitter = process;
    return () => {
      node.emit(event, new TypeError('secret'), Promise.resolve());
      return new Promise(() => undefined);
    };
  };
  const unreadable: CustomVariables = () => {
    throw Object.defineProperty(new Error('secret'), 'stack', { get: fail });
  };
  test.each<[string, CustomVariables, object]>([
    ['throws', fail, place],
    ['rejects', async () => fail(), place],
    ['gives a text', returning('gold'), { error: 'it returned no object' }],
    ['gives null', returning(null), { error: 'it returned no object' }],
    ['gives nothing', returning(undefined), { error: 'it returned no object' }],
    [
      'gives a Map',
      returning(new Map([['a', 'b']])),
      { error: 'it returned an object (Map) without values of its own' },
    ],
    [
      'gives a Response',
      returning(new Response('{}')),
      { error: 'it returned an object (Response) without values of its own' },
    ],
    [
      'gives what has no name',
      returning(new (class {})()),
      { error: 'it returned an object (class) without values of its own' },
    ],
    ['sets a field of the call', changing((given) => Object.assign(given, { to: '+15550100101' })), place],
    ['sets a parameter', changing(({ parameters }) => Object.assign(parameters, { To: 'x' })), place],
    ['sets the called number', changing(({ called }) => Object.assign(called, { number: '+15550100101' })), place],
    ['sets the caller', changing(({ caller }) => Object.assign(caller, { kind: 'hidden' })), place],
    ['leaves a rejection unhandled', leaving('unhandledRejection'), place],
    ['leaves an exception uncaught', leaving('uncaughtException'), place],
    ['throws what throws when it is read', unreadable, { error: 'an error that cannot be read' }],
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

  test('counts as late also when it blocked the function, and no timer could fire', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const blocking: CustomVariables = () => {
      clock.mockReturnValue(3000);
      return { plan: 'gold' };
    };
    const result = await look(blocking, 1500, { plan: 'free' });
    clock.mockRestore();

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
