import { EventEmitter, once } from 'node:events';
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

/** A request that is under way. Neither promise rejects. */
export interface PendingRequest {
  /** Resolves when the request has been sent, or can't be. */
  readonly sent: Promise<unknown>;
  readonly result: Promise<HttpResult>;
}

/** Bytes of a response that are read: a real one has about 2,000. */
const maxResponseBytes = 1_048_576;

/**
 * Milliseconds. A kept connection that breaks within this time, a round trip with a margin, was already dead; one that
 * breaks later may have delivered the request.
 */
const staleLimitMs = 300;

/** Posts JSON, with a Bearer key where one is given, and reads the response until the signal aborts. Follows no redirect and uses no proxy. */
export function post(url: string, body: object, signal: AbortSignal, apiKey?: string): PendingRequest {
  closeIdleConnections();
  const start = performance.now();
  const progress = new EventEmitter();
  const sent = once(progress, 'sent');
  // Node.js finishes a request when its last byte has left over a connection that is up. The agent knows whether by TLS.
  const transport = {
    request: (options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest =>
      request(options, onResponse).once('finish', () => progress.emit('sent')),
  };
  const result = axios
    .post<unknown>(url, body, {
      signal,
      transport,
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      httpAgent: agents.http,
      httpsAgent: agents.https,
      proxy: false,
      maxRedirects: 0,
      maxContentLength: maxResponseBytes,
      validateStatus: () => true,
    })
    .then(toHttpResult, (error: AxiosError) => readFailure(error, signal, performance.now() - start));
  return { sent: Promise.race([sent, result]), result };
}

function toHttpResult({ status, data, headers }: AxiosResponse<unknown>): HttpResult {
  return { kind: 'response', httpStatus: status, body: data, retryAfter: headers['retry-after']?.toString() };
}

/** Judges a request that got no complete response, this many milliseconds after it was made. */
function readFailure(error: AxiosError, signal: AbortSignal, ms: number): HttpResult {
  if (signal.aborted) return { kind: 'failure', reason: 'timeout', retry: 'never' };
  if (isUnconnected(error.cause)) return { kind: 'failure', reason: 'unreachable', retry: 'after a pause' };
  // Bytes of an answer have come; on a kept connection they are no longer counted by now.
  if (isMalformed(error)) return { kind: 'failure', reason: 'malformed', retry: 'never' };
  if (isStale(error.request) && ms < staleLimitMs) {
    // One dead connection speaks for all idle ones: the second attempt must not meet the next dead one.
    closeIdleConnections(0);
    return { kind: 'failure', reason: 'unreachable', retry: 'at once' };
  }
  return { kind: 'failure', reason: 'unreachable', retry: 'never' };
}

/** Whether no connection came about: the name was not resolved, or no address of it could be connected to. */
function isUnconnected(cause: unknown): boolean {
  if (!types.isNativeError(cause)) return false;
  // Node.js gives an AggregateError when it has tried every address of a name.
  if ('errors' in cause) return true;
  return 'syscall' in cause && (cause.syscall === 'getaddrinfo' || cause.syscall === 'connect');
}

/** Whether the request used a connection that an earlier call left, over which no byte of an answer came. */
function isStale(failed: unknown): boolean {
  // Stryker disable next-line ConditionalExpression,LogicalOperator: it is a request with a socket; only the types don't say so.
  return failed instanceof ClientRequest && failed.socket !== null && !hasAnswered(failed.socket);
}

/** Whether the server sent something that isn't HTTP, isn't in the encoding that it names, or is too long. */
function isMalformed({ code, response }: AxiosError): boolean {
  // axios uses this code for a too long body, without a response, and for a cut one, with it.
  if (code === 'ERR_BAD_RESPONSE') return response === undefined;
  // The codes of Node.js' HTTP parser, of zlib and of Brotli, which really has two underscores.
  // Stryker disable next-line Regex,ConditionalExpression: no other code has one of these inside, and undefined hasn't either.
  return code !== undefined && /^(HPE|Z|ERR__ERROR)_/.test(code);
}
