import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

/**
 * Keep-alive connections to the API, which a warm instance uses again for the next call. These aren't the global
 * agents, so they ignore proxy variables and the key goes only where the settings say.
 */
export const agents = {
  http: new http.Agent({ keepAlive: true }),
  https: new https.Agent({ keepAlive: true }),
};

/**
 * Milliseconds that a connection may be idle: less than the usual 60 s of load balancers. It is checked on use, because
 * a frozen instance runs no timer and sees no reset.
 */
const idleLimitMs = 55_000;

/** What was true of a connection when it became idle: the time, and the bytes that had come over it. */
const idle = new WeakMap<Socket, { readonly since: number; readonly bytesRead: number }>();
for (const agent of Object.values(agents)) {
  agent.on('free', (socket: Socket) => idle.set(socket, { since: Date.now(), bytesRead: socket.bytesRead }));
}

/** Closes the connections that have been idle for this many milliseconds, by default the idle limit. */
export function closeIdleConnections(idleMs = idleLimitMs): void {
  const free = Object.values(agents).flatMap((agent) => Object.values(agent.freeSockets).flat());
  for (const socket of free) {
    const state = socket && idle.get(socket);
    if (state !== undefined && Date.now() - state.since >= idleMs) socket?.destroy();
  }
}

/** Whether a byte has come over this connection since it was last idle. */
export function hasAnswered(socket: Socket): boolean {
  return socket.bytesRead !== idle.get(socket)?.bytesRead;
}
