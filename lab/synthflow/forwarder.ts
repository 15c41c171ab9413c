import axios from 'axios';
import { serve } from '../port';
import { readBody } from '../request';
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
  const server = await serve(async (incoming, response) => {
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
  });
  return {
    apiUrl: `${server.url}/v2`,
    claim: (synthflowCallId) => prepared.delete(synthflowCallId),
    stop: server.stop,
  };
}
