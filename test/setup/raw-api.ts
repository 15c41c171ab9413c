import { createServer } from 'node:http';
import { listen } from '../../lab/http';

/** What a server may do with a request: answer by the rules, send any bytes and hang up, or reset the connection. */
export type RawAnswer =
  | {
      readonly kind: 'http';
      readonly httpStatus: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly kind: 'bytes'; readonly bytes: string }
  | { readonly kind: 'reset' };

/** An API on loopback with configurable answers. */
export interface RawApi {
  /** API base with `/v2`. */
  readonly apiUrl: string;
  /** Sets the answer to every request from now on. */
  answer(answer: RawAnswer): void;
  stop(): Promise<void>;
}

/** Starts it on a free port. */
export async function startRawApi(): Promise<RawApi> {
  let answer: RawAnswer = { kind: 'reset' };
  const server = createServer((incoming, response) => {
    incoming.resume().on('end', () => {
      if (answer.kind === 'reset') return void incoming.socket.resetAndDestroy();
      if (answer.kind === 'bytes') return void incoming.socket.end(answer.bytes, 'latin1');
      const { httpStatus, headers, body } = answer;
      response.writeHead(httpStatus, { 'content-type': 'application/json', ...headers }).end(body);
    });
  });
  const port = await listen(server);
  return {
    apiUrl: `http://127.0.0.1:${port}/v2`,
    answer: (next) => {
      answer = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
