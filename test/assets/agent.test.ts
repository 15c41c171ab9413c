import { createServer } from 'node:http';
import { listen } from '../../lab/http';
import { handler } from '../../src/functions/inbound.protected';
import { invoke } from '../setup/invoke';

test('All agents of one request share 9 s, since Twilio ends a function after 10', async () => {
  // A clock that stands still, except for what is said to have passed.
  let now = 1000;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  const timers = jest.spyOn(global, 'setTimeout');
  let requests = 0;
  const server = createServer((incoming, response) => {
    incoming.resume();
    requests += 1;
    // As if the first answer had taken this long.
    if (requests === 1) now += 6000;
    response.writeHead(500).end();
  });
  const env = {
    SYNTHFLOW_API_KEY: 'key',
    SYNTHFLOW_MODEL_ID: 'agent',
    SYNTHFLOW_API_URL: `http://127.0.0.1:${await listen(server)}/v2`,
    PREPARE_TIMEOUT_MS: '4321',
    CALL_ROUTE: 'agent,agent,voicemail',
  };
  const { lines } = await invoke(handler, env, { From: '+15550100142', To: '+15550100100' });
  // The longest timer after the first one is the second agent's budget.
  const [first, ...further] = timers.mock.calls.map(([, ms]) => ms ?? 0).filter((ms) => ms > 200);
  clock.mockRestore();
  timers.mockRestore();
  server.closeAllConnections();
  server.close();

  expect(requests).toBe(2);
  expect(first).toBe(4321);
  expect(Math.max(...further)).toBe(3000);
  expect(lines).toMatchObject([
    { line: { outcome: 'voicemail', step: 2, reason: 'server_error', attempts: 2, prepareMs: 6000 } },
  ]);
});
