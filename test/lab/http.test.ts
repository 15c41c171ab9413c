import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import axios from 'axios';
import { forPrograms, freePort, listen, serve } from '../../lab/http';

describe('A free port', () => {
  test('can be used for TCP and for UDP, and is outside the range that Linux, macOS and Windows give to others', async () => {
    const port = await freePort();
    const [tcp, udp] = [createServer(), createSocket('udp4')];
    await listen(tcp, port);
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    const address = tcp.address();
    udp.close();
    tcp.close();

    expect(address).toMatchObject({ address: '127.0.0.1' });
    expect(port).toBeGreaterThan(1023);
    expect(port).toBeLessThan(32_768);
  });
});

describe('A stand-in', () => {
  test.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ host: 'rebound.example' }, 403],
    [{}, 200],
  ])('answers no web page: %j', async (headers, status) => {
    const bodies: string[] = [];
    const server = await serve(
      forPrograms((incoming, response) => {
        bodies.push(incoming.url ?? '');
        response.end();
      }),
    );
    const answer = await axios.post(server.url, 'x', { headers, proxy: false, validateStatus: () => true });
    await server.stop();

    expect(answer.status).toBe(status);
    expect(bodies).toHaveLength(status === 200 ? 1 : 0);
  });
});
