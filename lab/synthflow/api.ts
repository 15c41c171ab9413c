import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from '../../tools/text';
import { forPrograms, readBody, serve } from '../http';

/** A request that reached the API, with what was answered. */
export interface ApiExchange extends Pick<IncomingMessage, 'headers' | 'socket'> {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Whether the connection has carried its last byte. */
  isOver: boolean;
  /** `undefined` as long as no whole answer was sent. */
  answer: { readonly httpStatus: number; readonly body: string } | undefined;
}

/** Answers a request of `prepare_inbound`, rightly or wrongly. */
export type ApiAnswer = (exchange: ApiExchange, response: ServerResponse) => unknown;

/** Behaviours for the requests from now on: the first ones for one request each, the last one for good. */
export type Behaviours = readonly [ApiBehaviour | ApiAnswer, ...(ApiBehaviour | ApiAnswer)[]];

/** A stand-in for Synthflow's API, as the documents describe it. */
export interface Synthflow {
  /** API base with `/v2`. */
  readonly apiUrl: string;
  readonly exchanges: readonly ApiExchange[];
  behave(...behaviours: Behaviours): void;
  /** Takes a prepared call, as the trunk does; `false` for an id that is unknown or was taken before. */
  claim(synthflowCallId: string): boolean;
  stop(): Promise<void>;
}

/** Starts the stand-in on a free loopback port, for this API key only. `watch` gets each request and each answer. */
export async function startSynthflow(
  apiKey: string,
  watch: (exchange: ApiExchange) => void = () => undefined,
): Promise<Synthflow> {
  const exchanges: ApiExchange[] = [];
  const prepared = new Set<string>();
  let planned: readonly (ApiBehaviour | ApiAnswer)[] = [];
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const { method = '', url = '', headers, socket } = incoming;
    const body = await readBody(incoming);
    const exchange: ApiExchange = { method, path: url, headers, socket, body, answer: undefined, isOver: false };
    exchanges.push(exchange);
    watch(exchange);
    response.on('close', () => {
      const answered = exchange.answer?.body ?? '';
      const id = /"synthflow_call_id":\s*"([^"]+)"/.exec(answered)?.[1];
      if (id !== undefined && /"call_status":\s*"registered"/.test(answered)) prepared.add(id);
      exchange.isOver = true;
      watch(exchange);
    });
    const [behaviour = 'registered', ...later] = planned;
    if (later.length > 0) planned = later;
    if (typeof behaviour === 'function') return behaviour(exchange, response);
    const refusal = behaviour === 'registered' ? refusalOf(exchange, apiKey) : undefined;
    return (refusal ?? apiAnswers[behaviour])(exchange, response);
  };
  const server = await serve(forPrograms(answer));
  return {
    apiUrl: `${server.url}/v2`,
    exchanges,
    behave: (...behaviours) => {
      planned = behaviours;
    },
    claim: (synthflowCallId) => prepared.delete(synthflowCallId),
    stop: server.stop,
  };
}

/** Answers with a text of this type. */
export const text =
  (httpStatus: number, type: string, body: string, headers: Readonly<Record<string, string>> = {}): ApiAnswer =>
  (exchange, response) => {
    exchange.answer = { httpStatus, body };
    response.writeHead(httpStatus, { 'content-type': type, ...headers }).end(body);
  };

/** Answers with JSON. */
export const json = (httpStatus: number, value: object, headers?: Readonly<Record<string, string>>): ApiAnswer =>
  text(httpStatus, 'application/json', JSON.stringify(value), headers);

/** Answers with an error as Synthflow describes it. */
export const detail = (httpStatus: number, category: string, description: string): ApiAnswer =>
  json(httpStatus, { detail: { status: 'error', description, request_id: 'req_5f0c41d2', category } });

/** The fields of a registered call that matter here, out of about fifty. */
function registeredCall({ body }: ApiExchange, changes: object = {}): object {
  const { from_number, model_id, workspace_id = null, custom_variables } = JSON.parse(body || '{}');
  return {
    synthflow_call_id: randomUUID(),
    call_status: 'registered',
    direction: 'inbound',
    model_id,
    workspace_id,
    custom_variables,
    lead_phone_number: from_number,
    start_time: Date.now(),
    error_message: null,
    ...changes,
  };
}

const register =
  (changes?: object): ApiAnswer =>
  (exchange, response) =>
    json(200, registeredCall(exchange, changes))(exchange, response);

/** How the stand-in's API can answer `prepare_inbound`, by name. */
export const apiAnswers = {
  registered: register(),
  outage: register({ call_status: 'failed' }),
  'no-id': register({ synthflow_call_id: null }),
  slow: (exchange, response) =>
    // Who hangs up before wants no answer any more.
    once(response, 'close', { signal: AbortSignal.timeout(60_000) }).catch(() => register()(exchange, response)),
  unauthorized: detail(401, 'auth', 'Unauthorized: Invalid or expired token.'),
  'rate-limited': detail(429, 'rate_limit', 'Too many concurrent calls.'),
  'server-error': detail(500, 'internal', 'Internal server error.'),
} satisfies Readonly<Record<string, ApiAnswer>>;

/** See {@link apiAnswers}. */
export type ApiBehaviour = keyof typeof apiAnswers;

/** What the real API would refuse before it prepares anything. */
function refusalOf(exchange: ApiExchange, apiKey: string): ApiAnswer | undefined {
  if (exchange.headers.authorization !== `Bearer ${apiKey}`) return apiAnswers.unauthorized;
  if (exchange.method !== 'POST' || exchange.path !== '/v2/prepare_inbound') return json(404, { detail: 'Not Found' });
  const invalid = invalidField(exchange.body);
  return invalid === undefined ? undefined : json(422, { detail: [{ msg: 'invalid value', loc: ['body', invalid] }] });
}

function invalidField(text: string): string | undefined {
  const json = parseJson(text);
  if (json === undefined) return 'body';
  const body: Record<string, unknown> = Object(json);
  const strings = ['from_number', 'to_number', 'model_id', ...('workspace_id' in body ? ['workspace_id'] : [])];
  const variables = body.custom_variables;
  const named = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
  return strings.find((field) => typeof body[field] !== 'string') ?? (named ? undefined : 'custom_variables');
}
