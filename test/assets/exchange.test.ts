import dns from 'node:dns';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import nodeTls, { createSecureContext } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { generate } from 'selfsigned';
import { freePort, listen } from '../../tools/lab/port';

const { post }: typeof import('../../src/assets/exchange.private') = require(Runtime.getAssets()['/exchange.js'].path);

const never = new AbortController().signal;
const send = (port: number, { path = '/v2/prepare_inbound', scheme = 'http', signal = never } = {}) =>
  post(new URL(`${scheme}://127.0.0.1:${port}${path}`), 'key', '{"a":"ü"}', signal).exchange;

let server: Server;
let port: number;
let connections = 0;
const asked: (string | undefined)[] = [];
const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
beforeAll(async () => {
  server = createServer((incoming, response) => {
    const faults: Record<string, () => void> = {
      '/reset': () => incoming.socket.resetAndDestroy(),
      '/silent': () => undefined,
      '/cut': () => response.writeHead(200).write('{', () => incoming.socket.resetAndDestroy()),
      '/huge': () => response.end(Buffer.alloc(1_048_577)),
      '/begin': () => response.writeHead(200).write('{'),
      '/upgrade': () => incoming.socket.write(upgrade),
      '/redirect': () => response.writeHead(307, { location: '/elsewhere' }).end(),
    };
    asked.push(incoming.url);
    const answer = () => response.writeHead(422, { 'retry-after': '3' }).end(`${incoming.headers['content-length']} é`);
    incoming.resume().on('end', faults[incoming.url ?? ''] ?? answer);
  });
  server.on('connection', () => (connections += 1));
  port = await listen(server);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('An exchange', () => {
  test('is the whole answer: status, text and Retry-After', async () => {
    expect(await send(port)).toEqual({ kind: 'answer', httpStatus: 422, body: '10 é', retryAfter: '3' });
  });

  test.each([
    ['/cut', 'unreachable'],
    ['/huge', 'malformed'],
    ['/upgrade', 'malformed'],
  ])('that fails at %s may have been processed', async (path, reason) => {
    expect(await send(port, { path })).toEqual({ kind: 'failure', reason, unprocessed: false });
  });

  test.each(['/silent', '/begin'])('that is aborted at %s is a timeout, and may have been processed', async (path) => {
    const signal = AbortSignal.timeout(50);

    expect(await send(port, { path, signal })).toEqual({ kind: 'failure', reason: 'timeout', unprocessed: false });
  });

  test('whose TLS never comes about ends with the signal', async () => {
    const sockets: Socket[] = [];
    const mute = createTcpServer((socket) => void sockets.push(socket));
    const exchange = await send(await listen(mute), { scheme: 'https', signal: AbortSignal.timeout(50) });
    for (const socket of sockets) socket.destroy();
    mute.close();

    expect(exchange).toMatchObject({ kind: 'failure', reason: 'timeout' });
  });

  test('that never had a connection was not processed', async () => {
    expect(await send(await freePort())).toEqual({
      kind: 'failure',
      reason: 'unreachable',
      unprocessed: 'unconnected',
    });
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('whose name is not resolved (%s) was not processed', async (code) => {
    // The system's resolver cannot be made to fail in both ways; this is where Node asks it.
    const fail = (_host: unknown, _options: unknown, done: (error: Error) => void) =>
      done(Object.assign(new Error(code), { code }));
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation(fail as unknown as typeof dns.lookup);
    const { sent, exchange } = post(new URL('http://api.invalid/v2'), 'key', '{}', never);
    await sent;
    const ended = await exchange;
    lookup.mockRestore();

    expect(ended).toEqual({ kind: 'failure', reason: 'unreachable', unprocessed: 'unconnected' });
  });

  test('whose first connection breaks may have been processed, and other idle connections stay', async () => {
    const other = createServer((incoming) => incoming.socket.resetAndDestroy());
    const otherPort = await listen(other);
    await send(port);
    const before = connections;
    const exchange = await send(otherPort);
    await send(port);
    other.close();

    expect(exchange).toEqual({ kind: 'failure', reason: 'unreachable', unprocessed: false });
    expect(connections).toBe(before);
  });
});

describe('A connection that an earlier call left', () => {
  test.each([
    [54_000, 0],
    [55_000, 1],
  ])(
    'is used again after %i ms with %i new ones: a frozen instance cannot know whether it lives',
    async (ms, fresh) => {
      await send(port);
      const before = connections;
      const now = Date.now();
      const clock = jest.spyOn(Date, 'now').mockReturnValue(now + ms);
      await send(port);
      clock.mockRestore();

      expect(connections - before).toBe(fresh);
    },
  );

  test('and that is reset at the first byte was not used for anything', async () => {
    await send(port);

    expect(await send(port, { path: '/reset' })).toEqual({
      kind: 'failure',
      reason: 'unreachable',
      unprocessed: 'stale',
    });
  });

  test('and that was closed and reset while nobody looked was not used for anything', async () => {
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
    const threadPort = await new Promise<number>((resolve) => thread.once('message', resolve));
    await send(threadPort);
    thread.postMessage('end');
    Atomics.wait(new Int32Array(done), 0, 0, 5000);
    const exchange = await send(threadPort);
    await thread.terminate();

    expect(exchange).toEqual({ kind: 'failure', reason: 'unreachable', unprocessed: 'stale' });
  });
});

/** A TLS server with a certificate of its own. */
async function startTls() {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  let sessions = 0;
  const tls = createTlsServer({ key, cert }, (_incoming, response) => response.end('{}'));
  tls.on('secureConnection', () => (sessions += 1));
  return { port: await listen(tls), certificate: cert, sessions: () => sessions, stop: () => tls.close() };
}

describe('Over TLS', () => {
  test('a server whose certificate nobody vouches for gets nothing', async () => {
    const tls = await startTls();
    const exchange = await send(tls.port, { scheme: 'https' });
    tls.stop();

    expect(exchange).toEqual({ kind: 'failure', reason: 'unreachable', unprocessed: false });
  });

  test('the connection is kept for the next call', async () => {
    const tls = await startTls();
    // Node reads what it trusts when it starts; here it is told about a certificate that was made a moment ago.
    const create = createSecureContext;
    const trusting = jest.spyOn(nodeTls, 'createSecureContext');
    trusting.mockImplementation((options) => create({ ...options, ca: tls.certificate }));
    const answers = [await send(tls.port, { scheme: 'https' }), await send(tls.port, { scheme: 'https' })];
    trusting.mockRestore();
    tls.stop();

    expect(answers).toMatchObject([{ httpStatus: 200 }, { httpStatus: 200 }]);
    expect(tls.sessions()).toBe(1);
  });

  test('a server that speaks no TLS is unreachable', async () => {
    const plain = createTcpServer((socket) => socket.end('no TLS'));
    const plainPort = await listen(plain);
    const exchange = await send(plainPort, { scheme: 'https' });
    plain.close();

    expect(exchange).toMatchObject({ kind: 'failure', reason: 'unreachable' });
  });
});

describe('The key', () => {
  test('goes to no other place that a redirect names', async () => {
    expect(await send(port, { path: '/redirect' })).toMatchObject({ kind: 'answer', httpStatus: 307 });
    expect(asked.at(-1)).toBe('/redirect');
    expect(asked).not.toContain('/elsewhere');
  });

  test('goes to no proxy that the environment names', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer((incoming, response) => {
      asked.push(incoming.url);
      response.end();
    });
    const address = `http://127.0.0.1:${await listen(proxy)}`;
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : address;
    const exchange = await send(port);
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    proxy.close();

    expect(exchange).toMatchObject({ httpStatus: 422 });
    expect(asked).toEqual([]);
  });
});
