import dns from 'node:dns';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import nodeTls, { createSecureContext } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { freePort, listen } from '../../../lab/http';
import { agents } from '../../../src/assets/http/connections.private';
import { type HttpResult, post } from '../../../src/assets/http/post.private';
import { makeCertificate } from '../../setup/certificate';

/** Milliseconds that no test waits. */
const never = 60_000;

/** Posts to a port of this machine and returns the result. */
const send = (port: number, { scheme = 'http', timeoutMs = never } = {}): Promise<HttpResult> =>
  post(`${scheme}://127.0.0.1:${port}/v2/prepare_inbound`, { a: 'ü' }, { timeoutMs, apiKey: 'key' });

const servers: (Server | TcpServer)[] = [];
const sockets: Socket[] = [];
// Also after a failed test: an open connection would keep Jest from ending.
afterEach(() => {
  jest.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Starts a server of the test's own and returns its port. */
function serve(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  return listen(server);
}

/** A server that answers each request, once it is there whole, with the next of these; the last one again and again. */
async function answering(...answers: readonly [RequestListener, ...RequestListener[]]) {
  let requests = 0;
  let connections = 0;
  const server = createServer((incoming, response) => {
    const answer = answers[Math.min(requests, answers.length - 1)] ?? answers[0];
    requests += 1;
    incoming.resume().on('end', () => answer(incoming, response));
  });
  server.on('connection', () => (connections += 1));
  return { port: await serve(server), requests: () => requests, connections: () => connections };
}

const ok: RequestListener = (_incoming, response) => response.end('{}');
const reset: RequestListener = (incoming) => incoming.socket.resetAndDestroy();
const raw =
  (bytes: string): RequestListener =>
  (incoming) =>
    incoming.socket.end(bytes);

describe('A response', () => {
  test('is read whole: status, text and Retry-After', async () => {
    const { port } = await answering((incoming, response) =>
      response.writeHead(422, { 'retry-after': '3' }).end(`${incoming.headers['content-length']} é`),
    );

    // {"a":"ü"} has 10 bytes in UTF-8.
    expect(await send(port)).toEqual({ kind: 'response', httpStatus: 422, body: '10 é', retryAfter: '3' });
  });

  test('in gzip is read', async () => {
    const { port } = await answering((_incoming, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":"é"}')),
    );

    expect(await send(port)).toMatchObject({ kind: 'response', body: { a: 'é' } });
  });

  test('that begins with a byte order mark is read without it', async () => {
    const { port } = await answering((_incoming, response) => response.end('\uFEFF{}'));

    expect(await send(port)).toMatchObject({ kind: 'response', body: {} });
  });

  test.each<{ case: string; answer: RequestListener; reason: string }>([
    {
      case: 'is cut in its body',
      answer: (incoming, response) => response.writeHead(200).write('{', () => incoming.socket.resetAndDestroy()),
      reason: 'unreachable',
    },
    {
      case: 'is cut in its compressed body',
      answer: (incoming, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .write(gzipSync('{}').subarray(0, 12), () => incoming.socket.resetAndDestroy()),
      reason: 'unreachable',
    },
    {
      case: 'is over 1 MiB',
      answer: (_incoming, response) => response.end(Buffer.alloc(1_048_577)),
      reason: 'malformed',
    },
    { case: 'is not HTTP', answer: raw('this is not HTTP\r\n\r\n'), reason: 'malformed' },
    ...['gzip', 'deflate', 'br'].map((encoding) => ({
      case: `is not in the encoding that it names (${encoding})`,
      answer: (_incoming: IncomingMessage, response: ServerResponse) =>
        response.writeHead(200, { 'content-encoding': encoding }).end('neither of these'),
      reason: 'malformed',
    })),
  ])('that $case is $reason, and the request may have been processed', async ({ answer, reason }) => {
    const { port } = await answering(answer);

    expect(await send(port)).toEqual({ kind: 'failure', reason, retry: 'never' });
  });

  test.each<{ case: string; answer: RequestListener }>([
    { case: 'never begins', answer: () => undefined },
    { case: 'never ends', answer: (_incoming, response) => response.writeHead(200).write('{') },
    {
      case: 'switches protocols',
      answer: raw('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    },
  ])('that $case is a timeout once its time is over, and the request may have been processed', async ({ answer }) => {
    const { port } = await answering(answer);

    expect(await send(port, { timeoutMs: 50 })).toEqual({
      kind: 'failure',
      reason: 'timeout',
      retry: 'never',
    });
  });
});

describe('A request without a connection', () => {
  const unconnected = { kind: 'failure', reason: 'unreachable', retry: 'after a pause' };

  test('was not processed when the connection was refused', async () => {
    expect(await send(await freePort())).toEqual(unconnected);
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('was not processed when the name was not resolved (%s)', async (code) => {
    // The system's resolver can't be made to fail in both ways; this is where Node asks it, and how it fails.
    const fail = (_host: unknown, _options: unknown, done: (error: Error) => void) =>
      done(Object.assign(new Error(code), { code, syscall: 'getaddrinfo' }));
    jest.spyOn(dns, 'lookup').mockImplementation(fail as unknown as typeof dns.lookup);

    expect(await post('http://api.invalid/v2', {}, { timeoutMs: never })).toEqual(unconnected);
  });

  test('was not processed when no address of the name could be connected to', async () => {
    const port = await freePort();
    const both = (_host: unknown, _options: unknown, done: (error: null, addresses: object[]) => void) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    jest.spyOn(dns, 'lookup').mockImplementation(both as unknown as typeof dns.lookup);

    expect(await post(`http://api.invalid:${port}/v2`, {}, { timeoutMs: never })).toEqual(unconnected);
  });

  test('whose TLS handshake never ends stops after its time', async () => {
    const port = await serve(createTcpServer());
    const result = await send(port, { scheme: 'https', timeoutMs: 50 });

    expect(result).toEqual({ kind: 'failure', reason: 'timeout', retry: 'never' });
  });

  test("isn't retried if the server has no TLS", async () => {
    const port = await serve(createTcpServer((socket) => socket.end('no TLS')));

    expect(await send(port, { scheme: 'https' })).toEqual({ kind: 'failure', reason: 'unreachable', retry: 'never' });
  });
});

describe('A new connection that breaks', () => {
  test('may have carried the request, and other idle connections stay', async () => {
    const good = await answering(ok);
    const bad = await answering(reset);
    await send(good.port);
    const result = await send(bad.port);
    await send(good.port);

    expect(result).toEqual({ kind: 'failure', reason: 'unreachable', retry: 'never' });
    expect(good.connections()).toBe(1);
  });
});

describe('A connection that an earlier call left', () => {
  const stale = { kind: 'failure', reason: 'unreachable', retry: 'at once' };
  const broken = { kind: 'failure', reason: 'unreachable', retry: 'never' };

  test.each([
    [54_000, 1],
    [55_000, 2],
  ])(
    'after %i ms without use makes it %i connections: a frozen instance cannot know whether it lives',
    async (ms, all) => {
      const { port, connections } = await answering(ok);
      const now = Date.now();
      const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
      await send(port);
      clock.mockReturnValue(now + ms);
      await send(port);

      expect(connections()).toBe(all);
    },
  );

  /** Sends a request over a connection that breaks after this many milliseconds of the function's clock. */
  async function sendOverBroken(answer: RequestListener, ms: number): Promise<HttpResult> {
    const { port } = await answering(ok, answer);
    await send(port);
    // The clock stands still from here, so that a slow machine is not taken for a slow server.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const result = send(port);
    clock.mockReturnValue(1000 + ms);
    return result;
  }

  test('and that is reset before any byte of the answer was dead, and the request is sent again', async () => {
    expect(await sendOverBroken(reset, 299)).toEqual(stale);
  });

  test('and that is reset 300 ms after the request was alive: the server may have processed the request', async () => {
    expect(await sendOverBroken(reset, 300)).toEqual(broken);
  });

  test('and that is closed without an answer before 300 ms was dead', async () => {
    expect(await sendOverBroken(raw(''), 0)).toEqual(stale);
  });

  test('and that is closed after the first byte of the answer was alive', async () => {
    expect(await sendOverBroken(raw('H'), 0)).toEqual(broken);
  });

  test('and that was closed and reset while idle was dead', async () => {
    // A thread of its own, so that this one sees nothing of the end before it writes (EPIPE).
    const code = `
      const { workerData: { done }, parentPort } = require('node:worker_threads');
      const flag = new Int32Array(done);
      const answer = 'HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n';
      let last;
      require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
        last = socket.on('error', () => undefined);
        socket.once('data', () => socket.write(answer));
      }).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });
      parentPort.on('message', () => last.end(() => {
        last.resetAndDestroy();
        last.once('close', () => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); });
      }));`;
    const done = new SharedArrayBuffer(4);
    const thread = new Worker(code, { eval: true, workerData: { done } });
    const port = await new Promise<number>((resolve) => thread.once('message', resolve));
    await send(port);
    jest.spyOn(performance, 'now').mockReturnValue(0);
    thread.postMessage('end');
    Atomics.wait(new Int32Array(done), 0, 0, 60_000);
    const result = await send(port);
    await thread.terminate();

    expect(result).toEqual(stale);
  });

  test('and that was dead discredits the other idle ones: the second attempt uses a new one', async () => {
    const { port, connections } = await answering(ok, ok, ok, reset, ok);
    await Promise.all([send(port), send(port), send(port)]);
    jest.spyOn(performance, 'now').mockReturnValue(0);
    await send(port);
    await send(port);

    expect(connections()).toBe(4);
  });
});

/** A TLS server with a certificate of its own. */
async function startTls() {
  const { key, cert } = await makeCertificate();
  let sessions = 0;
  const tls = createTlsServer({ key, cert }, (_incoming, response) => response.end('{}'));
  tls.on('secureConnection', () => (sessions += 1));
  return { port: await serve(tls), certificate: cert, sessions: () => sessions };
}

describe('Over TLS', () => {
  test('a server with an untrusted certificate gets nothing', async () => {
    const tls = await startTls();

    expect(await send(tls.port, { scheme: 'https' })).toEqual({
      kind: 'failure',
      reason: 'unreachable',
      retry: 'never',
    });
  });

  test('a request counts as sent once connected, and the connection is kept for the next call', async () => {
    const tls = await startTls();
    // Node reads trusted certificates when it starts; this one is newer.
    const create = createSecureContext;
    const trusting = jest.spyOn(nodeTls, 'createSecureContext');
    trusting.mockImplementation((options) => create({ ...options, ca: tls.certificate }));
    let sent: () => void = () => undefined;
    const sending = new Promise<void>((resolve) => (sent = resolve));
    const result = post(`https://127.0.0.1:${tls.port}/`, {}, { timeoutMs: never, onSent: sent });
    await sending;
    const inUse = Object.values(agents.https.sockets).flatMap((list = []) => list);
    const unsent = inUse.map(({ connecting, writableLength }) => ({ connecting, writableLength }));
    const results = [await result, await send(tls.port, { scheme: 'https' })];

    expect(results).toMatchObject([{ httpStatus: 200 }, { httpStatus: 200 }]);
    expect(unsent).toEqual([{ connecting: false, writableLength: 0 }]);
    expect(tls.sessions()).toBe(1);
  });
});

describe('A broken answer over a kept connection', () => {
  test('was an answer, so the request is not sent again', async () => {
    let requests = 0;
    const { port } = await answering((_incoming, response) => {
      requests += 1;
      if (requests === 1) response.end('{}');
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end('this is not gzip');
    });
    await send(port);

    expect(await send(port)).toEqual({ kind: 'failure', reason: 'malformed', retry: 'never' });
  });
});

describe('The key', () => {
  test("doesn't follow a redirect", async () => {
    const { port, requests } = await answering((_incoming, response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    );

    expect(await send(port)).toMatchObject({ kind: 'response', httpStatus: 307 });
    expect(requests()).toBe(1);
  });

  test("ignores the environment's proxy", async () => {
    const proxy = await answering(ok);
    const { port } = await answering((_incoming, response) => response.writeHead(201).end());
    const address = `http://127.0.0.1:${proxy.port}`;
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : address;
    const result = await send(port);
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }

    expect(result).toMatchObject({ httpStatus: 201 });
    expect(proxy.requests()).toBe(0);
  });
});
