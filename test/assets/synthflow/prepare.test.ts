import { createServer as createHttpServer, type Server } from 'node:http';
import { freePort, listen } from '../../../lab/http';
import { apiAnswers, type Synthflow, startSynthflow } from '../../../lab/synthflow/api';
import type { HttpResult } from '../../../src/assets/http/post.private';
import { type PrepareReport, prepare, retryDelayMs } from '../../../src/assets/synthflow/prepare.private';
import { apiFaults, connectionsOf, resetConnections } from '../../setup/api-faults';

const apiKey = 'test-api-key-0123456789';
const body = {
  from_number: '+15550100142',
  to_number: '+15550100100',
  model_id: 'agent',
  workspace_id: 'workspace',
  custom_variables: { a: 'b' },
};
let synthflow: Synthflow;
beforeEach(async () => {
  synthflow = await startSynthflow(apiKey);
});
afterEach(() => synthflow.stop());

const ask = (changes: Partial<Parameters<typeof prepare>[0]> = {}): Promise<PrepareReport> =>
  prepare({
    apiUrl: synthflow.apiUrl,
    apiKey,
    budgetMs: 8000,
    body,
    onSent: () => undefined,
    ...changes,
  });

const servers: Server[] = [];
// Also after a failed test: an open connection would keep Jest from ending.
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** Starts a server of the test's own, and returns its address as an API. */
async function serve(server: Server): Promise<string> {
  servers.push(server);
  return `http://127.0.0.1:${await listen(server)}/v2`;
}

describe('Preparing a call', () => {
  test('posts the documented JSON with the Bearer key', async () => {
    const report = await ask();

    expect(report).toMatchObject({ result: { prepared: true, httpStatus: 200 }, attempts: 1 });
    expect(synthflow.exchanges).toHaveLength(1);
    const [exchange] = synthflow.exchanges;
    expect(exchange).toMatchObject({ method: 'POST', path: '/v2/prepare_inbound' });
    expect(exchange?.headers).toMatchObject({
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      connection: 'keep-alive',
    });
    expect(JSON.parse(exchange?.body ?? '')).toEqual(body);
  });

  test('sends names beyond ASCII unchanged', async () => {
    const names = { ...body, custom_variables: { name: 'Zoë Łukasz 東京' } };
    await ask({ body: names });

    expect(JSON.parse(synthflow.exchanges[0]?.body ?? '')).toEqual(names);
  });

  test('sends variables by any name, also those that an HTTP client drops from an object', async () => {
    const custom_variables = JSON.parse('{"constructor":"a","prototype":"b","__proto__":"c","toJSON":"d"}');
    await ask({ body: { ...body, custom_variables } });

    expect(synthflow.exchanges[0]?.body).toContain(
      '"custom_variables":{"constructor":"a","prototype":"b","__proto__":"c","toJSON":"d"}',
    );
  });

  test('reports once that the first request was sent, before its answer', async () => {
    let left: () => void = () => undefined;
    const leaving = new Promise<void>((resolve) => (left = resolve));
    let requests = 0;
    const server = createHttpServer((_request, response) => {
      requests += 1;
      void leaving.then(() => response.writeHead(429).end());
    });
    const onSent = jest.fn(left);
    await ask({ apiUrl: await serve(server), onSent });

    expect(requests).toBe(2);
    expect(onSent).toHaveBeenCalledTimes(1);
  });

  test('leaves no timer behind, so the process can end', async () => {
    const [set, clear] = [jest.spyOn(globalThis, 'setTimeout'), jest.spyOn(globalThis, 'clearTimeout')];
    await ask({ budgetMs: 4321 });
    const timers = set.mock.calls.flatMap(([, ms], call) => (ms === 4321 ? [set.mock.results[call]?.value] : []));
    const cleared = clear.mock.calls.map(([timer]) => timer);
    jest.restoreAllMocks();

    expect(timers.map((timer) => cleared.includes(timer))).toEqual([true]);
  });

  test('keeps the connection for the next call', async () => {
    await ask();
    await ask();

    expect(connectionsOf(synthflow).size).toBe(1);
  });

  test.each([
    [1_048_576, true],
    [1_048_577, false],
  ])('reads an answer of %i bytes: %p', async (bytes, prepared) => {
    const answer = '{"call_status":"registered","synthflow_call_id":"id"}';
    const server = createHttpServer((_request, response) => void response.end(answer.padEnd(bytes)));
    const { result } = await ask({ apiUrl: await serve(server) });

    expect(result.prepared).toBe(prepared);
  });

  const answers = { ...apiAnswers, ...apiFaults };
  const failures: readonly [keyof typeof answers, string, number | undefined][] = [
    ['unauthorized', 'unauthorized', 401],
    ['rejected', 'rejected', 422],
    ['server-error', 'server_error', 500],
    ['unavailable', 'server_error', 503],
    ['redirect', 'rejected', 307],
    ['html', 'malformed', 200],
    ['no-id', 'malformed', 200],
    ['hostile-id', 'malformed', 200],
    ['outage', 'outage', 200],
    ['huge', 'malformed', undefined],
    ['reset', 'unreachable', undefined],
    ['cut', 'unreachable', undefined],
    ['garbage', 'malformed', undefined],
  ];
  test.each(failures)(
    'asks once when the API answers with %s, and calls it %s',
    async (behaviour, reason, httpStatus) => {
      synthflow.behave(answers[behaviour], 'registered');
      const report = await ask();

      expect(report.attempts).toBe(1);
      expect(report.result).toMatchObject({ prepared: false, reason });
      expect(report.result.httpStatus).toBe(httpStatus);
      expect(synthflow.exchanges).toHaveLength(1);
    },
  );

  test.each(['slow', 'trickle'] as const)(
    'ends with the budget when the API is %s, and never asks again',
    async (behaviour) => {
      synthflow.behave(answers[behaviour], 'registered');
      const report = await ask({ budgetMs: 500 });

      expect(report).toMatchObject({ result: { prepared: false, reason: 'timeout' }, attempts: 1 });
      expect(report.prepareMs).toBeGreaterThanOrEqual(499);
      expect(synthflow.exchanges).toHaveLength(1);
    },
  );
});

describe('The second attempt', () => {
  test('follows an answer that is over the limit', async () => {
    synthflow.behave('rate-limited', 'registered');

    expect(await ask()).toMatchObject({ result: { prepared: true }, attempts: 2 });
  });

  test('is the last one when the API stays over its limit', async () => {
    synthflow.behave('rate-limited');

    expect(await ask()).toMatchObject({
      result: { prepared: false, reason: 'rate_limited', httpStatus: 429 },
      attempts: 2,
    });
    expect(synthflow.exchanges).toHaveLength(2);
  });

  test('waits as long as Retry-After asks', async () => {
    synthflow.behave(apiFaults['retry-after-1s'], 'registered');
    const report = await ask();

    expect(report).toMatchObject({ result: { prepared: true }, attempts: 2 });
    expect(report.prepareMs).toBeGreaterThanOrEqual(1000);
  });

  test('is not made when Retry-After goes beyond the budget', async () => {
    synthflow.behave(apiFaults['retry-after-1s'], 'registered');

    expect(await ask({ budgetMs: 999 })).toMatchObject({ result: { reason: 'rate_limited' }, attempts: 1 });
  });

  test('ends with the budget too', async () => {
    synthflow.behave('rate-limited', 'slow');
    const report = await ask({ budgetMs: 500 });

    expect(report).toMatchObject({ result: { prepared: false, reason: 'timeout' }, attempts: 2 });
  });

  test('follows a refused connection', async () => {
    const apiUrl = `http://127.0.0.1:${await freePort()}/v2`;

    expect(await ask({ apiUrl })).toMatchObject({ result: { prepared: false, reason: 'unreachable' }, attempts: 2 });
  });

  test('follows a name that is not resolved', async () => {
    expect(await ask({ apiUrl: 'https://api.synthflow.invalid/v2' })).toMatchObject({
      result: { prepared: false, reason: 'unreachable' },
      attempts: 2,
    });
  });

  test('follows the reset of a connection that an earlier call left, on a new connection', async () => {
    await Promise.all([ask(), ask(), ask()]);
    expect(connectionsOf(synthflow).size).toBe(3);
    // The server resets on the first byte: to the client, the connection died while it was idle. The clock stands
    // still, so that a slow machine doesn't look like a slow server.
    synthflow.behave(apiFaults.reset, 'registered');
    jest.spyOn(performance, 'now').mockReturnValue(1000);
    const report = await ask();
    jest.restoreAllMocks();

    expect(report).toMatchObject({ result: { prepared: true }, attempts: 2 });
    expect(connectionsOf(synthflow).size).toBe(4);
  });

  test('is not needed when the idle connection is seen to end before the call', async () => {
    await ask();
    resetConnections(synthflow);
    const report = await ask();

    expect(report.result.prepared).toBe(true);
    expect(synthflow.exchanges).toHaveLength(2);
  });

  test('does not follow the reset of an earlier connection once a byte of the answer came', async () => {
    await ask();
    synthflow.behave(apiFaults['cut-in-headers'], 'registered');

    expect(await ask()).toMatchObject({ result: { prepared: false, reason: 'unreachable' }, attempts: 1 });
  });
});

const response = (httpStatus: number, retryAfter?: string): HttpResult => ({
  kind: 'response',
  httpStatus,
  body: '',
  retryAfter,
});
const failure = (retry: 'never' | 'at once' | 'after a pause'): HttpResult => ({
  kind: 'failure',
  reason: 'unreachable',
  retry,
});

describe('A request is sent again', () => {
  test.each([
    ['at once when an idle connection was dead', failure('at once'), 0],
    ['after 200 ms if the connection was never established', failure('after a pause'), 200],
    ['after 200 ms when the answer is 429', response(429), 200],
    ['after the time that a 429 asks for', response(429, '3'), 3000],
    ['after the time that a 503 asks for', response(503, '12'), 12_000],
    ['after 200 ms when the API asks for less', response(503, '0'), 200],
    ['after 200 ms when the date that the API asks for is over', response(429, 'Fri, 31 Dec 1999 23:59:59 GMT'), 200],
  ])('%s', (_case, result, delayMs) => {
    expect(retryDelayMs(result)).toBe(delayMs);
  });

  test('at the date that the API asks for', () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 2, 3, 4, 5));
    const delayMs = retryDelayMs(response(503, 'Fri, 02 Jan 2026 03:04:07 GMT'));
    jest.restoreAllMocks();

    expect(delayMs).toBe(2000);
  });

  test.each([
    ['when the server may have processed it', failure('never')],
    ['when the answer is 503 without Retry-After', response(503)],
    ['when another answer has Retry-After', response(500, '1')],
    ['when the answer is complete', response(200)],
  ])('never %s', (_case, result) => {
    expect(retryDelayMs(result)).toBeUndefined();
  });

  test.each(['3.5', '-1', 'soon', '', '1 GMT+0100', 'never GMT', 'Fri, 31 Dec 1999 23:59:59 GMT+0100', 'x1', '1x'])(
    'never when Retry-After is %j, which is neither seconds nor a date',
    (retryAfter) => {
      expect(retryDelayMs(response(429, retryAfter))).toBeUndefined();
    },
  );
});
