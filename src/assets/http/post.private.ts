import { ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { types } from 'node:util';
import axios, { type AxiosError, type AxiosResponse } from 'axios';
import { agents, closeIdleConnections, hasAnswered } from './connections.private';

/** How one HTTP request ended. */
export type HttpResult =
  | {
      readonly kind: 'response';
      readonly httpStatus: number;
      /** Parsed, where it is JSON; else its text. */
      readonly body: unknown;
      /** The header `Retry-After` as sent. */
      readonly retryAfter: string | undefined;
    }
  | {
      readonly kind: 'failure';
      readonly reason: 'timeout' | 'unreachable' | 'malformed';
      /** Whether sending the request again is safe: never when the server may have processed it. */
      readonly retry: 'never' | 'at once' | 'after a pause';
    };

/** Bytes of a response that are read: a real one has about 2,000. */
const maxResponseBytes = 1_048_576;

/**
 * Milliseconds. A keep-alive connection that breaks within this time, a round trip with a margin, was already dead; one
 * that breaks later may have delivered the request.
 */
const staleLimitMs = 300;

/** How to send one request. */
export interface PostOptions {
  /** Milliseconds for everything: name, connection, TLS, and the last byte of the response. */
  readonly timeoutMs: number;
  /** Sent as a Bearer key. */
  readonly apiKey?: string;
  /** Called once the request has left over a connection that is up. */
  readonly onSent?: () => void;
}

/** Posts JSON; resolves with the response, or after the time. Never rejects, follows no redirect, uses no proxy. */
export function post(url: string, body: object, { timeoutMs, apiKey, onSent }: PostOptions): Promise<HttpResult> {
  closeIdleConnections();
  const start = performance.now();
  let sending: ClientRequest | undefined;
  // axios's own transport follows redirects; the agent knows whether to use TLS.
  const transport = {
    request: (options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest => {
      sending = request(options, onResponse);
      // Node.js finishes a request when its last byte has left over a connection that is up.
      if (onSent !== undefined) sending.once('finish', onSent);
      return sending;
    },
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      sending?.destroy();
      resolve({ kind: 'failure', reason: 'timeout', retry: 'never' });
    }, timeoutMs);
    const end = (result: HttpResult): void => {
      clearTimeout(timer);
      resolve(result);
    };
    axios
      .post<unknown>(url, JSON.stringify(body), {
        transport,
        // A text, because axios leaves out the keys `constructor` and `prototype` of an object.
        headers: {
          'content-type': 'application/json',
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        httpAgent: agents.http,
        httpsAgent: agents.https,
        proxy: false,
        maxRedirects: 0,
        maxContentLength: maxResponseBytes,
        validateStatus: () => true,
      })
      .then(
        (response) => end(toHttpResult(response)),
        (error: AxiosError) => end(readFailure(error, performance.now() - start)),
      );
  });
}

function toHttpResult({ status, data, headers }: AxiosResponse<unknown>): HttpResult {
  return { kind: 'response', httpStatus: status, body: data, retryAfter: headers['retry-after']?.toString() };
}

/** Judges a request that got no complete response, this many milliseconds after it was made. */
function readFailure(error: AxiosError, ms: number): HttpResult {
  if (isUnconnected(error.cause)) return { kind: 'failure', reason: 'unreachable', retry: 'after a pause' };
  // Some bytes of an answer arrived; on a keep-alive connection they are no longer counted by now.
  if (isMalformed(error)) return { kind: 'failure', reason: 'malformed', retry: 'never' };
  if (isStale(error.request) && ms < staleLimitMs) {
    // One dead connection speaks for all idle ones: the second attempt must not meet the next dead one.
    closeIdleConnections(0);
    return { kind: 'failure', reason: 'unreachable', retry: 'at once' };
  }
  return { kind: 'failure', reason: 'unreachable', retry: 'never' };
}

/** Whether the connection was never established: the name didn't resolve, or no address of it could be reached. */
function isUnconnected(cause: unknown): boolean {
  if (!types.isNativeError(cause)) return false;
  // Node.js gives an AggregateError when it has tried every address of a name.
  if ('errors' in cause) return true;
  return 'syscall' in cause && (cause.syscall === 'getaddrinfo' || cause.syscall === 'connect');
}

/** Whether the request used a connection that an earlier call left, over which no byte of an answer came. */
function isStale(failed: unknown): boolean {
  return failed instanceof ClientRequest && failed.socket !== null && !hasAnswered(failed.socket);
}

/** Whether the server sent something that isn't HTTP, isn't in the encoding that it names, or is too long. */
function isMalformed({ code, response }: AxiosError): boolean {
  // axios uses this code for a too long body, without a response, and for a cut one, with it.
  if (code === 'ERR_BAD_RESPONSE') return response === undefined;
  // The codes of Node.js' HTTP parser, of zlib and of Brotli, which really has two underscores.
  return code !== undefined && /^(HPE|Z|ERR__ERROR)_/.test(code);
}
