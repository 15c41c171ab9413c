import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';

const loopback = '127.0.0.1';

/** Below the ports that a system gives out by itself: Linux starts at 32768, macOS and Windows at 49152. */
const [lowest, highest] = [16_384, 32_767];

/**
 * A port of the loopback interface that was free a moment ago, for TCP and for UDP. The system doesn't give it away
 * meanwhile.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(lowest, highest + 1);
  return (await isFree(port)) ? port : freePort();
}

async function isFree(port: number): Promise<boolean> {
  const [tcp, udp] = [createServer(), createSocket('udp4')];
  try {
    await listen(tcp, port);
    await once(udp.bind(port, loopback), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    udp.close();
    if (tcp.listening) await new Promise((done) => tcp.close(done));
  }
}

/** Starts a server on loopback and returns its port; 0 lets the system choose a free one. */
export async function listen(server: Server, port = 0): Promise<number> {
  await once(server.listen(port, loopback), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address of the server');
  return address.port;
}

/** A server on this machine. */
export interface LocalServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server on loopback; port 0 lets the system choose. What handles requests may be asynchronous. */
export async function serve(handle: RequestListener, port = 0): Promise<LocalServer> {
  const server = createHttpServer(async (incoming, response) => {
    try {
      await handle(incoming, response);
    } catch {
      // A failure, such as a body that is cut short, ends its own connection and nothing else.
      response.destroy();
    }
  });
  return {
    url: `http://127.0.0.1:${await listen(server, port)}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whether a request may talk to the lab: a page of another site may not, whatever name it gives this machine. */
export function isOwnHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost):\d+$/.test(host ?? '');
}

/** Lets only programs through: a browser says which page sends its request. */
export function forPrograms(handle: RequestListener): RequestListener {
  return (incoming, response) => {
    const { origin, host, 'sec-fetch-site': site } = incoming.headers;
    const isProgram = origin === undefined && site === undefined && isOwnHost(host);
    return isProgram ? handle(incoming, response) : void response.writeHead(403).end();
  };
}

/** Reads the body of a request; rejects if it is cut short, or longer than this many bytes (default: 1 MiB). */
export async function readBody(incoming: IncomingMessage, maxBytes = 1_048_576): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    // The rest is read and dropped, so that the other side waits for the answer.
    if (size <= maxBytes) chunks.push(Buffer.from(chunk));
  }
  if (size > maxBytes) throw new Error(`a request of over ${maxBytes} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}
