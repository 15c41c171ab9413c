import { createServer, type Server } from 'node:http';
import { listen, readBody } from '../../lab/http';
import { handler } from '../../src/functions/voicemail.protected';
import { invoke } from '../setup/invoke';

// What Twilio sends when a recording is ready, and what our own URL names.
const ready = {
  AccountSid: 'AC0',
  CallSid: `CA${'0'.repeat(32)}`,
  RecordingSid: 'RE0',
  RecordingUrl: 'https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0',
  RecordingStatus: 'completed',
  RecordingDuration: '12',
  bridge_called: '+15550100100',
  bridge_caller: '+15550100142',
};

let server: Server;
let url: string;
let httpStatus = 200;
const bodies: object[] = [];
beforeAll(async () => {
  server = createServer(async (incoming, response) => {
    bodies.push(JSON.parse(await readBody(incoming)));
    response.writeHead(httpStatus).end();
  });
  url = `http://127.0.0.1:${await listen(server)}/hook`;
});
afterAll(() => server.closeAllConnections());
afterAll(() => server.close());
beforeEach(() => bodies.splice(0));

const voicemail = (event: object, env: object = { NOTIFY_URL: url }) =>
  invoke(handler, { ...env }, { ...ready, ...event });

describe('A recording that is ready', () => {
  test('is posted with the caller in full, and logged without', async () => {
    httpStatus = 200;
    const { verbs, lines } = await voicemail({});

    expect(verbs).toEqual([]);
    expect(bodies).toMatchObject([{ called: '+15550100100', caller: '+15550100142', seconds: 12 }]);
    expect(lines).toMatchObject([
      {
        method: 'log',
        line: {
          event: 'voicemail',
          outcome: 'voicemail_delivered',
          callSid: ready.CallSid,
          from: '…0142',
          to: '…0100',
          seconds: 12,
          httpStatus: 200,
          attempts: 1,
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('15550100142');
    expect(JSON.stringify(lines)).not.toContain('Recordings');
  });

  test.each(['0', '1'])('of %s s is silence, of which nobody is told', async (RecordingDuration) => {
    const { verbs, lines } = await voicemail({ RecordingDuration });

    expect(verbs).toEqual([]);
    expect(bodies).toEqual([]);
    expect(lines).toMatchObject([
      { method: 'log', line: { outcome: 'voicemail_silent', seconds: Number(RecordingDuration) } },
    ]);
  });

  test("that can't be posted raises an alert", async () => {
    httpStatus = 500;
    const { verbs, lines } = await voicemail({});

    expect(verbs).toEqual([]);
    expect(bodies).toHaveLength(2);
    expect(lines).toMatchObject([
      {
        method: 'error',
        line: { outcome: 'voicemail_undelivered', reason: 'server_error', httpStatus: 500, attempts: 2 },
      },
    ]);
  });

  test.each([
    [{ RecordingStatus: 'absent' }, undefined, 'no_recording'],
    [{}, {}, 'misconfigured'],
    [{}, { NOTIFY_URL: 'http://hooks.example/x' }, 'misconfigured'],
  ])("can't be delivered: %j with %j is %s, an alert", async (event, env, reason) => {
    const { verbs, lines } = await voicemail(event, env);

    expect(verbs).toEqual([]);
    expect(bodies).toEqual([]);
    expect(lines).toMatchObject([{ method: 'error', line: { outcome: 'voicemail_undelivered', reason } }]);
  });

  test("is posted to the called number's own URL", async () => {
    const { lines } = await voicemail({ bridge_called: '+15550100101' });

    // Nobody is at hooks.example, and nothing leaves this machine.
    expect(bodies).toEqual([]);
    expect(lines).toMatchObject([{ line: { outcome: 'voicemail_undelivered', reason: 'unreachable' } }]);
  });
});
