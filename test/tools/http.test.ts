import { createServer, type RequestListener, type Server } from 'node:http';
import { listen } from '../../lab/http';
import { ask } from '../../tools/http';
import { alignColumns } from '../../tools/text';
import { clientOf } from '../../tools/twilio/account';
import { shellOf } from '../setup/command';
import { redirectTo } from '../setup/redirect.cjs';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  jest.restoreAllMocks();
});

/** A shell whose requests all go to a server that answers so. */
async function shellTo(answer: RequestListener) {
  server = createServer(answer);
  return shellOf({ request: redirectTo(await listen(server)) });
}

/** A deadline of 10 s that is over at once. */
function shortenDeadlines(): jest.SpyInstance {
  const { timeout } = AbortSignal;
  return jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout.call(AbortSignal, 100));
}

describe('A request of a command', () => {
  const drip: RequestListener = (_incoming, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  };

  test('has 10 s for all of it, also from a server that sends a byte now and then', async () => {
    const shell = await shellTo(drip);
    const deadlines = shortenDeadlines();
    const login = { accountSid: `AC${'1'.repeat(32)}`, username: 'AC', password: 's', region: 'us1' };
    const client = await clientOf(shell, login);

    expect(await ask(shell, 'get', 'https://api.synthflow.ai/v2/x')).toMatchObject({ found: 'no answer within 10 s' });
    await expect(client.calls.list()).rejects.toThrow();
    expect(deadlines.mock.calls).toEqual(Array(deadlines.mock.calls.length).fill([10_000]));
  });

  test('reads no list without end, and sends its login to no other host', async () => {
    const asked: string[] = [];
    const answer: RequestListener = (incoming, response) => {
      asked.push(String(incoming.headers['x-meant-for']));
      const next = incoming.url?.includes('Alerts')
        ? 'https://evil.example/?Page=2'
        : `https://serverless.twilio.com/v1/Services?Page=1`;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ services: [], alerts: [], meta: { key: 'services', next_page_url: next } }));
    };
    const client = await clientOf(await shellTo(answer), {
      accountSid: `AC${'1'.repeat(32)}`,
      username: 'AC',
      password: 's',
      region: 'us1',
    });

    await expect(client.monitor.v1.alerts.list()).rejects.toThrow('a list that goes on at evil.example');
    await expect(client.serverless.v1.services.list()).rejects.toThrow('a list of more than 2000 pages');
    expect(asked.filter((host) => !host.endsWith('.twilio.com'))).toEqual([]);
  });

  test('reads 16 MB at most', async () => {
    const megabyte = 'x'.repeat(1_048_576);
    const shell = await shellTo((_incoming, response) => {
      for (let count = 0; count < 17; count += 1) response.write(megabyte);
      response.end();
    });

    expect(await ask(shell, 'get', 'https://api.synthflow.ai/v2/x')).toMatchObject({ status: 0 });
  });

  test('brings nothing that steers a terminal, and no line that looks like another finding', async () => {
    const evil = '\u001b[2J\u009b1mBob\u0007\nok  settings\u2028all\u2029is well';
    const shell = await shellTo((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ name: evil, list: [{ name: evil }], count: 1, none: null }));
    });
    const { body } = await ask(shell, 'get', 'https://api.synthflow.ai/v2/x');
    const plain = '[2J1mBob\nok  settings\u2028all\u2029is well';

    expect(body).toEqual({ name: plain, list: [{ name: plain }], count: 1, none: null });
    expect(alignColumns([['warning', plain]])).toBe('warning  [2J1mBob ok  settings all is well');
  });
});
