import axios from 'axios';
import { type ApiExchange, startSynthflow, text } from './api';

/** Starts a way to the real API that the lab can watch: it passes every request on to there; that base ends in `/v2`. */
export async function startForwarder(realUrl: () => string, watch: (exchange: ApiExchange) => void) {
  const forwarder = await startSynthflow('', watch);
  forwarder.behave(async (exchange, response) => {
    const { method, path, body, headers, socket } = exchange;
    const answer = await axios
      .request<string>({
        method,
        url: realUrl() + path.replace(/^\/v2/, ''),
        data: body,
        headers: { authorization: headers.authorization, 'content-type': 'application/json' },
        responseType: 'text',
        maxRedirects: 0,
        timeout: 10_000,
        proxy: false,
        validateStatus: () => true,
      })
      .catch(() => undefined);
    // An API that cannot be reached must look so to the function, too.
    if (answer === undefined) return socket.resetAndDestroy();
    return text(answer.status, 'application/json', answer.data)(exchange, response);
  });
  return forwarder;
}
