import { createServer, type Server, type ServerResponse } from 'node:http';
import { listen, readBody } from '../lab/http';
import { handler as dialResult } from '../src/functions/dial-result.protected';
import { handler as inbound } from '../src/functions/inbound.protected';
import { handler as transfer } from '../src/functions/transfer.protected';
import { type Invocation, invokeAll } from './setup/invoke';

const count = 200;
jest.doMock('./fixtures/numbers', () => jest.requireActual('./fixtures/any-numbers'));

/** An API that answers nobody before all are there, and then in another order. */
let server: Server;
let apiUrl: string;
const asked: { readonly authorization: string | undefined; readonly body: Record<string, unknown> }[] = [];
beforeAll(async () => {
  const waiting: (() => void)[] = [];
  server = createServer(async (incoming, response) => {
    const body = JSON.parse(await readBody(incoming));
    asked.push({ authorization: incoming.headers.authorization, body });
    waiting.push(() => answer(response, body.from_number));
    if (waiting.length === count) for (const go of waiting.sort(() => Math.random() - 0.5)) go();
  });
  apiUrl = `http://127.0.0.1:${await listen(server)}/v2`;
});
afterAll(() => server.close());

/** Every fifth call is refused. */
const isRefused = (n: number): boolean => n % 5 === 0;

function answer(response: ServerResponse, from: string): void {
  const n = Number(from.slice(-3));
  const refusal = { detail: { request_id: `req_${n}_` } };
  const registered = { synthflow_call_id: `call_${n}_`, call_status: 'registered' };
  response.writeHead(isRefused(n) ? 500 : 200).end(JSON.stringify(isRefused(n) ? refusal : registered));
}

/** Call number n, which shares nothing with the others: tenant, parties, ids. */
const callOf = (n: number) => {
  const three = `${n}`.padStart(3, '0');
  const env = {
    SYNTHFLOW_API_KEY: `key-${n}-`,
    SYNTHFLOW_MODEL_ID: `agent-${n}-`,
    SYNTHFLOW_SIP_TERMINATION: `trunk-${n}.example:32681`,
    CALL_ROUTE: `agent,+15550102${three}`,
    TRANSFER_NUMBERS: `+15550103${three}`,
    PREPARE_TIMEOUT_MS: '8000',
  };
  const parties = { From: `+15550100${three}`, To: `+15550101${three}`, CallSid: `CA${n}x` };
  const leg = { CallStatus: 'ringing', bridge_step: '0', bridge_leg: 'agent', DialCallStatus: 'busy' };
  return { n, env, event: { ...parties, ...leg, ReferTransferTarget: `<sip:+15550103${three}@agent.example>` } };
};
/** The person in the route of call number n. */
const numberOf = (n: number): string => `+15550102${`${n}`.padStart(3, '0')}`;
const calls = Array.from({ length: count }, (_none, n) => callOf(n));

describe(`${count} calls that overlap in one process`, () => {
  let inbounds: readonly Invocation[];
  let results: readonly Invocation[];
  let transfers: readonly Invocation[];
  beforeAll(async () => {
    const invocations = calls.flatMap(({ env, event }) => [
      { handler: inbound, env: { ...env, SYNTHFLOW_API_URL: apiUrl }, event },
      { handler: dialResult, env, event },
      { handler: transfer, env, event },
    ]);
    const all = await invokeAll(invocations);
    [inbounds = [], results = [], transfers = []] = [0, 1, 2].map((kind) =>
      all.filter((_one, index) => index % 3 === kind),
    );
  });

  test('are each prepared with their own key, agent, parties and variables', () => {
    const expected = calls.map(({ env, event }) => ({
      authorization: `Bearer ${env.SYNTHFLOW_API_KEY}`,
      body: {
        from_number: event.From,
        to_number: event.To,
        model_id: env.SYNTHFLOW_MODEL_ID,
        custom_variables: { from: event.From, to: event.To },
      },
    }));

    expect(asked).toHaveLength(count);
    expect(asked).toEqual(expect.arrayContaining(expected));
  });

  test('are each answered with their own ids, trunk and numbers', () => {
    for (const { n, env, event } of calls) {
      const dial = inbounds[n]?.verbs[0];
      const [noun] = dial?.children ?? [];

      if (isRefused(n)) expect(noun).toMatchObject({ name: 'Number', text: numberOf(n) });
      else expect(noun?.text).toBe(`sip:${event.To}@trunk-${n}.example:32681?X-EI=S.call_${n}_%3BE.CA${n}x%3B`);
      if (isRefused(n)) expect(dial?.attributes.callerId).toBe(event.From);
      expect(results[n]?.verbs[0]?.children).toMatchObject([{ name: 'Number', text: numberOf(n) }]);
      expect(transfers[n]?.verbs[0]?.children).toMatchObject([{ name: 'Number', text: env.TRANSFER_NUMBERS }]);
    }
  });

  test('each write their own line', () => {
    for (const { n, event } of calls) {
      const parties = { callSid: `CA${n}x`, from: `…${event.From.slice(-4)}`, to: `…${event.To.slice(-4)}` };
      const outcome = isRefused(n)
        ? { outcome: 'person', reason: 'server_error', requestId: `req_${n}_` }
        : { outcome: 'agent', synthflowCallId: `call_${n}_` };

      expect(inbounds[n]?.lines).toMatchObject([{ line: { event: 'inbound', ...parties, ...outcome } }]);
      expect(results[n]?.lines).toMatchObject([{ line: { event: 'dial-result', ...parties, reason: 'busy' } }]);
      expect(transfers[n]?.lines).toMatchObject([{ line: { event: 'transfer', ...parties } }]);
    }
  });
});
