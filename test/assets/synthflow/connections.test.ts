import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Socket } from 'node:net';
import { listen } from '../../../lab/port';
import { agents, hasAnswered, requestsSent } from '../../../src/assets/synthflow/connections.private';

describe('A connection', () => {
  test('that was never idle counts as alive: nothing shows that it was dead', () => {
    expect(hasAnswered(new Socket())).toBe(true);
  });

  test('that is up keeps nobody waiting, however long its answer takes', async () => {
    const server = createServer();
    const port = await listen(server);
    const pending = request({ port, host: '127.0.0.1', agent: agents.http }).end();
    await once(server, 'request');
    await requestsSent();
    pending.on('error', () => undefined).destroy();
    server.close();

    expect(pending.reusedSocket).toBe(false);
  });
});
