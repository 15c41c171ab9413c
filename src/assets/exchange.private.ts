import type { Socket } from 'node:net';

import http = require('node:http');
import https = require('node:https');

/** What became of one HTTP request. */
export type Exchange =
  | {
      readonly kind: 'answer';
      readonly httpStatus: number;
      readonly body: string;
      /** The header `Retry-After` as sent. */
      readonly retryAfter: string | undefined;
    }
  | {
      readonly kind: 'failure';
      readonly reason: 'timeout' | 'unreachable' | 'malformed';
      /** Whether the server provably did not process the request; `stale` when only a connection left over from an earlier call broke. */
      readonly unprocessed: false | 'unconnected' | 'stale';
    };

/** Bytes of an answer that are read: a real one has about 2,000. */
const answerLimit = 1_048_576;

// Warm instances keep the connection between calls. Being no global agents, these follow no proxy of the environment,
// so that the key goes only where the settings say.
const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

/**
 * Milliseconds that a connection may stay idle; load balancers give up at 60 s. A warm instance is frozen between calls
 * and a network may forget a connection without a word, so no timer and no reset would tell that it is dead.
 */
const idleLimitMs = 55_000;
const idleSince = new WeakMap<Socket, number>();
for (const agent of Object.values(agents)) agent.on('free', (socket: Socket) => idleSince.set(socket, Date.now()));

/** A request on its way. */
export interface Sending {
  /** Once the request has left, or will not leave any more. */
  readonly sent: Promise<void>;
  /** Its end; never rejects. */
  readonly exchange: Promise<Exchange>;
}

/** Posts JSON with a Bearer key and reads the answer until the signal aborts. Follows no redirect; whatever becomes of the request is an exchange. */
export function post(url: URL, apiKey: string, json: string, signal: AbortSignal): Sending {
  const secure = url.protocol === 'https:';
  const agent = agents[secure ? 'https:' : 'http:'];
  dropIdleConnections(agent, idleLimitMs);
  const request = (secure ? https : http).request(url, {
    method: 'POST',
    agent,
    signal,
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
    },
  });
  const exchange = follow(request, agent, signal);
  const sent = new Promise<void>((resolve) => request.once('finish', resolve).once('close', resolve));
  request.end(json);
  return { sent, exchange };
}

function follow(request: http.ClientRequest, agent: http.Agent, signal: AbortSignal): Promise<Exchange> {
  return new Promise((resolve) => {
    const fail = (reason: 'unreachable' | 'malformed', unprocessed: false | 'unconnected' | 'stale' = false): void =>
      resolve(signal.aborted ? timeout : { kind: 'failure', reason, unprocessed });
    let answered = false;
    request.on('socket', (socket) => socket.once('data', () => (answered = true)));
    request.on('response', (response) => collect(response, resolve, () => fail('unreachable')));
    // Without a listener an answer 101 would hang until the budget ends.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail('malformed');
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const code = String(error.code);
      if (unconnected.includes(code)) return fail('unreachable', 'unconnected');
      const stale = request.reusedSocket && !answered && broken.includes(code);
      // One dead connection speaks for all idle ones: the second attempt must not meet the next dead one.
      if (stale) dropIdleConnections(agent, 0);
      return fail(code.startsWith('HPE_') ? 'malformed' : 'unreachable', stale && 'stale');
    });
  });
}

/** Codes with which a connection never comes about. */
const unconnected: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];
/** Codes with which a connection ends that was there: `EPIPE` when it was closed before it was reset. */
const broken: readonly string[] = ['ECONNRESET', 'EPIPE'];

const timeout: Exchange = { kind: 'failure', reason: 'timeout', unprocessed: false };

function collect(response: http.IncomingMessage, done: (exchange: Exchange) => void, cut: () => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= answerLimit) return;
    done({ kind: 'failure', reason: 'malformed', unprocessed: false });
    response.destroy();
  });
  response.on('error', cut);
  response.on('end', () =>
    done({
      kind: 'answer',
      httpStatus: Number(response.statusCode),
      body: Buffer.concat(chunks).toString('utf8'),
      retryAfter: response.headers['retry-after'],
    }),
  );
}

/** Ends the connections that are idle for so many milliseconds. */
function dropIdleConnections(agent: http.Agent, idleMs: number): void {
  for (const socket of Object.values(agent.freeSockets).flat()) {
    // Stryker disable next-line ConditionalExpression: every list of the agent holds sockets; only the types do not know it.
    const known = socket !== undefined;
    if (known && Date.now() - Number(idleSince.get(socket)) >= idleMs) socket.destroy();
  }
}
