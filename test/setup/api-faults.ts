import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiAnswer, detail, json, type Synthflow, text } from '../../lab/synthflow/api';

/** How an API can fail in ways that no scenario of the lab plays. */
export const apiFaults = {
  cut: (_exchange, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('{"call_status":', () => response.socket?.resetAndDestroy());
  },
  'cut-in-headers': (_exchange, response) =>
    response.socket?.write('HTTP/1.1 200 OK\r\ncontent-', () => response.socket?.destroy()),
  'hostile-id': json(200, { call_status: 'registered', synthflow_call_id: 'x;O.+15550100666;@evil.example' }),
  html: text(200, 'text/html', '<html><body>Please sign in.</body></html>'),
  huge: (_exchange, response) =>
    Readable.from(Array(100).fill(Buffer.alloc(1_000_000, ' '))).pipe(
      response.writeHead(200, { 'content-type': 'application/json' }),
    ),
  rejected: json(422, { detail: [{ msg: 'field required', loc: ['body', 'model_id'] }] }),
  reset: (_exchange, response) => response.socket?.resetAndDestroy(),
  trickle: async (_exchange, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    while (!response.destroyed) {
      response.write(' ');
      await pause(100);
    }
  },
  garbage: (_exchange, response) => response.socket?.end('this is not HTTP\r\n\r\n'),
  redirect: json(307, {}, { location: '/v2/elsewhere' }),
  'retry-after-1s': json(429, { detail: 'Too many requests' }, { 'retry-after': '1' }),
  unavailable: detail(503, 'internal', 'Service unavailable.'),
} satisfies Readonly<Record<string, ApiAnswer>>;

/** Every connection on which a request has reached the API. */
export const connectionsOf = ({ exchanges }: Synthflow) => new Set(exchanges.map(({ socket }) => socket));

/** Resets every connection to the API that is open, idle ones too. */
export function resetConnections(synthflow: Synthflow): void {
  for (const socket of connectionsOf(synthflow)) socket.resetAndDestroy();
}
