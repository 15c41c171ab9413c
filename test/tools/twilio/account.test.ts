import { authTokenOf, clientOf, describeTwilioError, readAccount, requireAccount } from '../../../tools/twilio/account';
import { shellOf } from '../../setup/command';

const sid = `AC${'1'.repeat(32)}`;
const key = `SK${'2'.repeat(32)}`;

describe('The account', () => {
  test.each([
    [
      'a token',
      { ACCOUNT_SID: sid, AUTH_TOKEN: 't' },
      { accountSid: sid, username: sid, password: 't', region: 'us1' },
    ],
    [
      "the CLI's names",
      { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: 't' },
      { accountSid: sid, username: sid, password: 't', region: 'us1' },
    ],
    [
      'an API key before a token',
      { ACCOUNT_SID: sid, AUTH_TOKEN: 't', TWILIO_API_KEY: key, TWILIO_API_SECRET: 's' },
      { accountSid: sid, username: key, password: 's', region: 'us1' },
    ],
    [
      'a token when the API key is not whole',
      { ACCOUNT_SID: sid, AUTH_TOKEN: 't', TWILIO_API_KEY: key },
      { accountSid: sid, username: sid, password: 't', region: 'us1' },
    ],
  ])('is read from %s', (_case, environment, account) => {
    expect(readAccount(environment)).toEqual(account);
  });

  test('is from the first environment that has both parts', () => {
    const [env, shell] = [{ ACCOUNT_SID: sid }, { ACCOUNT_SID: sid, AUTH_TOKEN: 'of the shell' }];

    expect(readAccount(env, shell)).toMatchObject({ password: 'of the shell' });
    expect(readAccount(shell, { ...shell, AUTH_TOKEN: 'other' })).toMatchObject({ password: 'of the shell' });
  });

  test.each([
    {},
    { AUTH_TOKEN: 't' },
    { ACCOUNT_SID: sid },
    { TWILIO_API_KEY: key, TWILIO_API_SECRET: 's' },
    { ACCOUNT_SID: sid, TWILIO_API_SECRET: 's' },
  ])('is missing in %j, and the error says what to set', (environment) => {
    expect(readAccount(environment)).toBeUndefined();
    expect(() => requireAccount(environment)).toThrow(
      'no credentials: set ACCOUNT_SID and AUTH_TOKEN in your env file, or ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET in the shell',
    );
    expect(requireAccount({ ACCOUNT_SID: sid, AUTH_TOKEN: 't' })).toMatchObject({ accountSid: sid });
  });

  test.each([
    [{}, {}, { region: '', edge: '' }],
    [{ TWILIO_REGION: 'us1' }, {}, { region: '', edge: '' }],
    [{ TWILIO_REGION: 'ie1' }, {}, { region: 'ie1', edge: 'dublin' }],
    [{}, { TWILIO_REGION: 'ie1', TWILIO_EDGE: 'sydney' }, { region: 'ie1', edge: 'dublin' }],
    [{ TWILIO_REGION: 'us1' }, { TWILIO_REGION: 'ie1' }, { region: '', edge: '' }],
  ])('is in the region that the env file, or else the shell, names: %j, %j', async (env, shell, place) => {
    const account = requireAccount({ ACCOUNT_SID: sid, AUTH_TOKEN: 't', ...env }, shell);

    expect(await clientOf(shellOf(), account)).toMatchObject(place);
  });

  test.each(['au1', 'US1', 'ie1 ', 'toString'])('is in no other region: %j', (TWILIO_REGION) => {
    expect(() => requireAccount({ ACCOUNT_SID: sid, AUTH_TOKEN: 't', TWILIO_REGION })).toThrow(
      `TWILIO_REGION: expected us1 or ie1; found "${TWILIO_REGION}"`,
    );
  });

  test.each([
    ['AC1', '3 characters'],
    ['SK0', "an API key's SID"],
    [`AC${'x'.repeat(32)}`, '34 characters'],
  ])('is none with an ACCOUNT_SID such as %s', (ACCOUNT_SID, found) => {
    expect(() => requireAccount({ ACCOUNT_SID, AUTH_TOKEN: 't' })).toThrow(
      `ACCOUNT_SID (or TWILIO_ACCOUNT_SID): expected AC and 32 digits from 0 to f; found ${found}`,
    );
  });

  test('has a client that gives up after 10 s', async () => {
    const client = await clientOf(shellOf(), { accountSid: sid, username: key, password: 's', region: 'us1' });

    expect(client).toMatchObject({ accountSid: sid, username: key, password: 's' });
    expect(client.httpClient).toMatchObject({ defaultTimeout: 10_000, autoRetry: true, maxRetries: 2 });
    expect(client).toMatchObject({ region: '', edge: '' });
  });

  test.each([
    [undefined, [3, 3]],
    [10_000, [1, 2]],
  ])('has a client that asks no sooner than %p ms after the request before: %j', async (everyMs, counts) => {
    jest.useFakeTimers();
    const clock = { now: Date.now, pause: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)) };
    const login = { accountSid: sid, username: key, password: 's', region: 'us1' };
    const { httpClient } = await clientOf(shellOf({ clock }), login, everyMs);
    let asked = 0;
    if (httpClient !== undefined) {
      httpClient.axios.defaults.adapter = async (config) => {
        asked += 1;
        return { data: {}, status: 200, statusText: 'OK', headers: {}, config };
      };
    }
    for (let count = 0; count < 3; count += 1)
      void httpClient?.request({ method: 'get', uri: 'https://api.twilio.com' });
    const seen: number[] = [];
    for (const ms of [9999, 1]) {
      await jest.advanceTimersByTimeAsync(ms);
      seen.push(asked);
    }
    jest.useRealTimers();

    expect(seen).toEqual(counts);
  });

  test('has an auth token only where the login is the account itself', () => {
    expect(authTokenOf({ accountSid: sid, username: sid, password: 't', region: 'us1' })).toBe('t');
    expect(authTokenOf({ accountSid: sid, username: key, password: 's', region: 'us1' })).toBeUndefined();
  });
});

describe('An error of Twilio', () => {
  test.each([
    [
      { status: 401, code: 20003 },
      "Twilio answered HTTP 401, error 20003: check ACCOUNT_SID and AUTH_TOKEN, or the API key; each of Twilio's regions has its own",
    ],
    [{ status: 403 }, 'Twilio answered HTTP 403: this login may not do that: use a key that may, or the auth token'],
    [
      { status: 404, code: 'x' },
      "Twilio answered HTTP 404: it isn't in this account: check ACCOUNT_SID, and TWILIO_REGION",
    ],
    [{ status: 429 }, 'Twilio answered HTTP 429: too many requests: try again in a minute'],
    [
      { status: 400, code: 21212 },
      'Twilio answered HTTP 400, error 21212: see https://www.twilio.com/docs/api/errors/21212',
    ],
    [{ status: 500 }, "Twilio answered HTTP 500: try again; if it stays, see Twilio's status page"],
    [new Error('ENOTFOUND'), 'no answer from Twilio: is the network up? Behind a proxy, see docs/going-live.md'],
    [
      new SyntaxError('Unexpected token <'),
      "Twilio answered something that its documents don't have: is a proxy in between?",
    ],
    [new TypeError("reading 'map'"), "Twilio answered something that its documents don't have: is a proxy in between?"],
    [new RangeError('Invalid time'), "Twilio answered something that its documents don't have: is a proxy in between?"],
    [null, 'no answer from Twilio: is the network up? Behind a proxy, see docs/going-live.md'],
    ['a text', 'no answer from Twilio: is the network up? Behind a proxy, see docs/going-live.md'],
  ])('%j is described by number, status and what to do', (error, description) => {
    expect(describeTwilioError(error)).toBe(description);
  });
});
