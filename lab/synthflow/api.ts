import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listen } from '../port';
import { guarded, readBody } from '../request';

/** How the stand-in's API answers `prepare_inbound`. */
export const apiBehaviours = [
  'registered',
  'slow',
  'trickle',
  'reset',
  'cut',
  'cut-in-headers',
  'garbage',
  'huge',
  'unauthorized',
  'rate-limited',
  'retry-after-1s',
  'rejected',
  'server-error',
  'unavailable',
  'redirect',
  'html',
  'no-id',
  'hostile-id',
  'outage',
] as const;

/** See {@link apiBehaviours}. */
export type ApiBehaviour = (typeof apiBehaviours)[number];

/** A request that reached the API, with what was answered. */
export interface ApiExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** `undefined` as long as no whole answer was sent. */
  answer: { readonly httpStatus: number; readonly body: string } | undefined;
}

/** A stand-in for Synthflow's API, as the documents describe it. */
export interface Synthflow {
  /** API base with `/v2`. */
  readonly apiUrl: string;
  readonly exchanges: readonly ApiExchange[];
  /** Changes the answer for the requests that come from now on: the first behaviours one each, the last one for good. */
  behave(...behaviours: readonly [ApiBehaviour, ...ApiBehaviour[]]): void;
  /** Resets every connection that is open, idle ones too. */
  resetConnections(): void;
  /** Where the behaviour `redirect` points. */
  redirectTo(location: string): void;
  /** Connections that were ever opened. */
  connections(): number;
  /** Takes a prepared call, as the trunk does; `false` when the id is unknown or was taken before. */
  claim(synthflowCallId: string): boolean;
  stop(): Promise<void>;
}

type Answer = (request: ApiExchange, response: ServerResponse) => void;

/** Starts the stand-in on a free loopback port; it accepts this API key only. `watch` is called with each request and each answer. */
export async function startSynthflow(
  apiKey: string,
  watch: (exchange: ApiExchange) => void = () => undefined,
): Promise<Synthflow> {
  const exchanges: ApiExchange[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const prepared = new Set<string>();
  let redirection = '/v2/elsewhere';
  let planned: readonly ApiBehaviour[] = ['registered'];

  const server = createServer(
    guarded(async (incoming, response) => {
      const exchange: ApiExchange = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: await readBody(incoming),
        answer: undefined,
      };
      exchanges.push(exchange);
      watch(exchange);
      response.on('finish', () => {
        const id = /"synthflow_call_id":"([^"]+)","call_status":"registered"/.exec(exchange.answer?.body ?? '')?.[1];
        if (id !== undefined) prepared.add(id);
        watch(exchange);
      });
      const behaviour = planned[0] ?? 'registered';
      if (planned.length > 1) planned = planned.slice(1);
      const refusal = refusalOf(exchange, apiKey);
      if (behaviour === 'registered' && refusal !== undefined) return refusal(exchange, response);
      if (behaviour === 'redirect') return json(307, {}, { location: redirection })(exchange, response);
      return answers[behaviour](exchange, response);
    }),
  );
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The faults break connections on purpose.
    socket.on('error', () => undefined);
  });
  const port = await listen(server);
  const resetConnections = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    apiUrl: `http://127.0.0.1:${port}/v2`,
    exchanges,
    behave: (...behaviours) => {
      planned = behaviours;
    },
    resetConnections,
    redirectTo: (location) => {
      redirection = location;
    },
    connections: () => connections,
    claim: (synthflowCallId) => prepared.delete(synthflowCallId),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        resetConnections();
      }),
  };
}

const json =
  (httpStatus: number, value: object, headers: Record<string, string> = {}): Answer =>
  (exchange, response) => {
    exchange.answer = { httpStatus, body: JSON.stringify(value) };
    response.writeHead(httpStatus, { 'content-type': 'application/json', ...headers }).end(exchange.answer.body);
  };

const detail = (httpStatus: number, category: string, description: string): Answer =>
  json(httpStatus, { detail: { status: 'error', description, request_id: 'req_5f0c41d2', category } });

/** The fields of a registered call that matter here, out of about fifty. */
const registered = (exchange: ApiExchange, changes: object = {}): object => {
  const { from_number, model_id, workspace_id = null, custom_variables } = JSON.parse(exchange.body || '{}');
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
};

const answers: Readonly<Record<Exclude<ApiBehaviour, 'redirect'>, Answer>> = {
  registered: (exchange, response) => json(200, registered(exchange))(exchange, response),
  outage: (exchange, response) => json(200, registered(exchange, { call_status: 'failed' }))(exchange, response),
  'no-id': (exchange, response) => json(200, registered(exchange, { synthflow_call_id: null }))(exchange, response),
  'hostile-id': (exchange, response) =>
    json(200, registered(exchange, { synthflow_call_id: 'x;O.+15550100666;@evil.example' }))(exchange, response),
  slow: (exchange, response) => after(response, 60_000, () => answers.registered(exchange, response)),
  trickle: (exchange, response) => {
    const body = JSON.stringify(registered(exchange));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    trickle(response, body);
  },
  reset: (_exchange, response) => response.socket?.resetAndDestroy(),
  cut: (_exchange, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('{"call_status":', () => response.socket?.resetAndDestroy());
  },
  'cut-in-headers': (_exchange, response) =>
    response.socket?.write('HTTP/1.1 200 OK\r\ncontent-', () => response.socket?.destroy()),
  garbage: (_exchange, response) => response.socket?.end('this is not HTTP\r\n\r\n'),
  huge: (_exchange, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    pour(response, Buffer.alloc(1_000_000, ' '), 100);
  },
  unauthorized: detail(401, 'auth', 'Unauthorized: Invalid or expired token.'),
  'rate-limited': detail(429, 'rate_limit', 'Too many concurrent calls.'),
  'retry-after-1s': json(429, { detail: 'Too many requests' }, { 'retry-after': '1' }),
  rejected: json(422, { detail: [{ msg: 'field required', loc: ['body', 'model_id'] }] }),
  'server-error': detail(500, 'internal', 'Internal server error.'),
  unavailable: detail(503, 'internal', 'Service unavailable.'),
  html: (exchange, response) => {
    exchange.answer = { httpStatus: 200, body: '<html><body>Please sign in.</body></html>' };
    response.writeHead(200, { 'content-type': 'text/html' }).end(exchange.answer.body);
  },
};

/** What the real API would refuse before it prepares anything. */
function refusalOf(exchange: ApiExchange, apiKey: string): Answer | undefined {
  if (exchange.headers.authorization !== `Bearer ${apiKey}`) return answers.unauthorized;
  if (exchange.method !== 'POST' || exchange.path !== '/v2/prepare_inbound') return json(404, { detail: 'Not Found' });
  const invalid = invalidField(exchange.body);
  return invalid === undefined ? undefined : json(422, { detail: [{ msg: 'invalid value', loc: ['body', invalid] }] });
}

function invalidField(text: string): string | undefined {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text);
  } catch {
    return 'body';
  }
  const strings = ['from_number', 'to_number', 'model_id', ...('workspace_id' in body ? ['workspace_id'] : [])];
  const variables = body.custom_variables;
  const named = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
  return strings.find((field) => typeof body[field] !== 'string') ?? (named ? undefined : 'custom_variables');
}

function after(response: ServerResponse, ms: number, act: () => void): void {
  const cancel = (): void => clearTimeout(timer);
  const timer = setTimeout(() => {
    response.off('close', cancel);
    act();
  }, ms);
  response.on('close', cancel);
}

/** Writes the block this many times, as fast as it is read. */
function pour(response: ServerResponse, block: Buffer, times: number): void {
  if (times === 0) return void response.end();
  response.write(block, () => !response.destroyed && pour(response, block, times - 1));
}

/** Writes one byte a second. */
function trickle(response: ServerResponse, body: string): void {
  if (body === '') return void response.end();
  response.write(body.slice(0, 1));
  after(response, 1000, () => trickle(response, body.slice(1)));
}
