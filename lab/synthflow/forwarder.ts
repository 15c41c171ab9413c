import { createServer } from 'node:http';
import axios from 'axios';
import { listen } from '../port';
import { guarded, readBody } from '../request';
import type { ApiExchange } from './api';

/** A way to the real API that the lab can watch. */
export interface Forwarder {
  readonly apiUrl: string;
  /** Takes a call that the real API prepared; `false` when the id is unknown or was taken before. */
  claim(synthflowCallId: string): boolean;
  stop(): Promise<void>;
}

/** Starts a server on loopback that passes every request on to the real API, whose base ends in `/v2`. */
export async function startForwarder(
  realUrl: () => string,
  watch: (exchange: ApiExchange) => void,
): Promise<Forwarder> {
  const prepared = new Set<string>();
  const server = createServer(
    guarded(async (incoming, response) => {
      const { method = 'POST', url = '', headers } = incoming;
      const exchange: ApiExchange = { method, path: url, headers, body: await readBody(incoming), answer: undefined };
      watch(exchange);
      const answer = await axios
        .request<string>({
          method,
          url: realUrl() + url.replace(/^\/v2/, ''),
          data: exchange.body,
          headers: { authorization: headers.authorization, 'content-type': 'application/json' },
          responseType: 'text',
          transformResponse: (text: string) => text,
          maxRedirects: 0,
          timeout: 10_000,
          proxy: false,
          validateStatus: () => true,
        })
        .catch(() => undefined);
      // An API that cannot be reached must look so to the function, too.
      if (answer === undefined) return void incoming.socket.resetAndDestroy();
      exchange.answer = { httpStatus: answer.status, body: answer.data };
      const id = /"synthflow_call_id":\s*"([^"]+)"/.exec(answer.data)?.[1];
      if (id !== undefined) prepared.add(id);
      watch(exchange);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.data);
    }),
  );
  const port = await listen(server);
  return {
    apiUrl: `http://127.0.0.1:${port}/v2`,
    claim: (synthflowCallId) => prepared.delete(synthflowCallId),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
