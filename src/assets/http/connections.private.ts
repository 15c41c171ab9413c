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

/** Closes the connections that have been idle for this many milliseconds; the idle limit unless given. */
export function closeIdleConnections(idleMs = idleLimitMs): void {
  for (const socket of Object.values(agents).flatMap((agent) => socketsOf(agent.freeSockets))) {
    const state = idle.get(socket);
    // Stryker disable next-line ConditionalExpression: every free socket has become idle; only the types don't say so.
    if (state !== undefined && Date.now() - state.since >= idleMs) socket.destroy();
  }
}

/** Whether a byte has come over this connection since it was last idle. */
export function hasAnswered(socket: Socket): boolean {
  return socket.bytesRead !== idle.get(socket)?.bytesRead;
}

function socketsOf(lists: NodeJS.ReadOnlyDict<Socket[]>): readonly Socket[] {
  const sockets = Object.values(lists).flat();
  // Stryker disable next-line MethodExpression,ConditionalExpression: none is undefined; only the types don't say so.
  return sockets.filter((socket) => socket !== undefined);
}
