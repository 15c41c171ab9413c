import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort, listen } from '../../lab/http';

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
