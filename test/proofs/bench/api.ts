import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { pause } from '../../../lab/clock';
import { listen } from '../../../lab/port';
import { readBody } from '../../../lab/request';
import { makeCertificate } from '../../setup/certificate';
import { now } from './clock';

/** Milliseconds that a byte travels from the function to the distant API, or back. */
export const oneWayMs = 50;

/** Milliseconds that the slow API takes to answer. */
export const slowAnswerMs = 100;

/** Where the stand-in of the API listens. */
export interface ApiReport {
  /** API base over plain HTTP on this machine. */
  readonly nearUrl: string;
  /** As `nearUrl`, but each answer takes {@link slowAnswerMs}. */
  readonly slowUrl: string;
  /** API base over TLS, {@link oneWayMs} away. */
  readonly distantUrl: string;
  /** The certificate to trust, as PEM. */
  readonly certificate: string;
}

/** An answer of about the size of a real one. */
const answer = JSON.stringify({
  synthflow_call_id: 'a29407fb-1bf2-4be6-9d1d-f501c3dd9a2b',
  call_status: 'registered',
  direction: 'inbound',
  ...Object.fromEntries(Array.from({ length: 45 }, (_none, n) => [`field_of_a_registered_call_${n}`, null])),
});

/** Passes bytes on after the time that they travel; before the first ones, a handshake of TCP goes there and back. */
function passOn(from: Socket, to: Socket, readyAt: number): void {
  // A timer may overtake another, but no byte does.
  const travelling: (() => void)[] = [];
  const later = (act: () => void): void => {
    const now = performance.now();
    travelling.push(act);
    setTimeout(() => travelling.shift()?.(), Math.max(now, readyAt) + oneWayMs - now);
  };
  from.on('data', (chunk: Buffer) => later(() => to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
}

function distance(port: number): Server {
  return createTcpServer((near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    near.setNoDelay();
    passOn(near, far, performance.now() + 2 * oneWayMs);
    passOn(far, near, 0);
  });
}

async function main(): Promise<ApiReport> {
  const { key, cert } = await makeCertificate();
  let arrivedAt = 0;
  let answeredAt = 0;
  process.on('message', () => process.send?.({ times: { arrivedAt, answeredAt } }));
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    await readBody(incoming);
    arrivedAt = now();
    if (incoming.url?.startsWith('/slow')) await pause(slowAnswerMs);
    answeredAt = now();
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  };
  const nearPort = await listen(createServer(serve));
  const tlsPort = await listen(createTlsServer({ key, cert }, serve));
  return {
    nearUrl: `http://127.0.0.1:${nearPort}/v2`,
    slowUrl: `http://127.0.0.1:${nearPort}/slow/v2`,
    distantUrl: `https://127.0.0.1:${await listen(distance(tlsPort))}/v2`,
    certificate: cert,
  };
}

// Nothing of the benchmark outlives it.
process.on('disconnect', () => process.exit());

void main().then((report) => process.send?.(report));
