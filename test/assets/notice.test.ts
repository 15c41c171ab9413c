import { createServer, type Server } from 'node:http';
import timers from 'node:timers/promises';
import { freePort, listen, readBody } from '../../lab/http';
import { deliverQuickly, deliver as deliverSince, missedCall, readVoicemail } from '../../src/assets/notice.private';
import { parseCall } from '../../src/assets/twilio/call.private';
import { shortenTimers } from '../setup/timers';

const callSid = `CA${'0'.repeat(32)}`;
const recordingUrl = 'https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0';
// What Twilio sends (twilio.com/docs/voice/twiml/record), and what our own URL names.
const sent = {
  CallSid: callSid,
  RecordingSid: 'RE0',
  RecordingUrl: recordingUrl,
  RecordingStatus: 'completed',
  RecordingDuration: '12',
  bridge_called: '+15550100100',
  bridge_caller: '+15550100142',
};
const read = (changes: object = {}) => readVoicemail(parseCall({ ...sent, ...changes }, true));
const consoleUrl = `https://console.twilio.com/us1/monitor/logs/calls/${callSid}`;
const links = `${recordingUrl} (needs the account's login), or in the Console: ${consoleUrl}`;
const voicemail = {
  type: 'voicemail' as const,
  text: `Voicemail for +15550100100 from +15550100142, 12 s: ${links}`,
  called: '+15550100100',
  caller: '+15550100142',
  seconds: 12,
  recordingUrl,
  consoleUrl,
  callSid,
};

const deliver = (url: string, notice: Parameters<typeof deliverSince>[1]) =>
  deliverSince(url, notice, performance.now());

describe('A missed call', () => {
  const call = parseCall({ From: '+15550100142', To: '+15550100100', CallSid: callSid });

  test('says who rang whom, and why nobody answered', () => {
    expect(missedCall(call, 'no_answer')).toEqual({
      type: 'missed_call',
      text: `Missed call for +15550100100 from +15550100142 (no answer): ${consoleUrl}`,
      called: '+15550100100',
      caller: '+15550100142',
      callSid,
      consoleUrl,
      reason: 'no_answer',
    });
    expect(missedCall(call, undefined).text).toContain('(the caller hung up)');
  });

  test('hides what a chat could read as a mention, and a number that the caller hides', () => {
    expect(missedCall(parseCall({ From: 'sip:<!channel>@pbx.example', To: '@all' }), 'busy').text).toContain(
      'Missed call for  at all from sip:channel at pbx.example (busy)',
    );
    expect(missedCall(parseCall({ From: 'anonymous' }), 'busy').text).toContain('a caller who hides the number');
  });
});

describe('A voicemail', () => {
  test('is read from what Twilio and our own URL say', () => {
    expect(read()).toEqual(voicemail);
  });

  test.each(['anonymous', '+266696687'])('of a caller who hides the number says so: %s', (caller) => {
    expect(read({ bridge_caller: caller })).toMatchObject({
      caller,
      text: expect.stringContaining('from a caller who hides the number, 12 s'),
    });
  });

  test.each([
    ['sip:<!channel>&x@pbx.example', 'sip:channelx at pbx.example'],
    ['@all', ' at all'],
    ['client:@everyone', 'client: at everyone'],
    [`sip:${'y'.repeat(80)}@pbx.example`, `sip:${'y'.repeat(60)}`],
  ])('hides what a chat could read as a mention, in both addresses: %s', (address, shown) => {
    expect(read({ bridge_caller: address, bridge_called: address })).toMatchObject({
      text: `Voicemail for ${shown} from ${shown}, 12 s: ${links}`,
      caller: address,
      called: address,
    });
  });

  test.each(['', '-1', '1.5', '1234567', undefined])('whose length is %j has none', (RecordingDuration) => {
    expect(read({ RecordingDuration })).toMatchObject({
      seconds: undefined,
      text: expect.stringContaining('from +15550100142: https://api.twilio.com/'),
    });
  });

  test('of a call without a CallSid has the list of calls as its page in the Console', () => {
    expect(read({ CallSid: '' })?.consoleUrl).toBe('https://console.twilio.com/us1/monitor/logs/calls/');
  });

  test('may be in another region of Twilio', () => {
    const RecordingUrl = 'https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0';

    expect(read({ RecordingUrl })?.recordingUrl).toBe(RecordingUrl);
  });

  test.each([
    { RecordingUrl: undefined },
    { RecordingStatus: 'absent' },
    { RecordingStatus: undefined },
    // Not Twilio's.
    { RecordingUrl: 'https://evil.example/2010-04-01/Accounts/AC0/Recordings/RE0' },
    { RecordingUrl: 'https://api.twilio.com.evil.example/2010-04-01/Accounts/AC0/Recordings/RE0' },
    { RecordingUrl: 'https://api.twilio.com@evil.example/2010-04-01/Accounts/AC0/Recordings/RE0' },
    { RecordingUrl: 'http://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE0' },
    { RecordingUrl: `${recordingUrl}?x=<!channel>` },
  ])('is none when nothing was recorded at Twilio: %j', (changes) => {
    expect(read(changes)).toBeUndefined();
  });
});

describe('Delivering a notice', () => {
  let server: Server | undefined;
  const waits = jest.spyOn(timers, 'setTimeout').mockResolvedValue(undefined);
  beforeEach(() => waits.mockClear());
  afterAll(() => waits.mockRestore());
  const bodies: unknown[] = [];
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    bodies.length = 0;
  });

  /** A receiver that gives these answers in turn; `hang` gives none. */
  async function answering(...answers: readonly (number | 'hang')[]): Promise<string> {
    server = createServer(async (incoming, response) => {
      bodies.push({ body: JSON.parse(await readBody(incoming)), headers: incoming.headers });
      const answer = answers[bodies.length - 1] ?? 500;
      if (answer !== 'hang') response.writeHead(answer).end('ok');
    });
    return `http://127.0.0.1:${await listen(server)}/hooks/x?token=1`;
  }

  test.each([200, 204, 299, 302])('is done with the first answer that says so (%i)', async (httpStatus) => {
    const url = await answering(httpStatus);

    expect(await deliver(url, voicemail)).toEqual({ httpStatus, attempts: 1 });
    expect(bodies).toEqual([
      { body: voicemail, headers: expect.objectContaining({ 'content-type': 'application/json' }) },
    ]);
    expect(bodies).not.toEqual([
      { body: voicemail, headers: expect.objectContaining({ authorization: expect.anything() }) },
    ]);
  });

  test.each([500, 503, 429])('is tried once more after %i, and not a third time', async (httpStatus) => {
    expect(await deliver(await answering(httpStatus, 200), voicemail)).toEqual({
      httpStatus: 200,
      attempts: 2,
    });
    server?.close();
    bodies.length = 0;

    expect(await deliver(await answering(httpStatus, 503, 200), voicemail)).toEqual({
      reason: 'server_error',
      httpStatus: 503,
      attempts: 2,
    });
    expect(bodies).toHaveLength(2);
  });

  test.each([
    [400, 'rejected'],
    [404, 'rejected'],
    [401, 'unauthorized'],
  ])('is not tried again after %i, which stays: %s', async (status, reason) => {
    expect(await deliver(await answering(status, 200), voicemail)).toMatchObject({ reason, attempts: 1 });
  });

  test.each([
    ['3', [3000], { httpStatus: 200, attempts: 2 }],
    ['0', [500], { httpStatus: 200, attempts: 2 }],
    ['soon', [500], { httpStatus: 200, attempts: 2 }],
    // Longer than the function lives.
    ['30', [], { reason: 'rate_limited', httpStatus: 429, attempts: 1 }],
  ])('waits as long as Retry-After asks, if it can: %s s', async (retryAfter, pauses, delivery) => {
    const url = await answering(429, 200);
    server?.prependListener('request', (_incoming, response) => response.setHeader('retry-after', retryAfter));

    expect(await deliver(url, voicemail)).toEqual(delivery);
    expect(waits.mock.calls.map(([ms]) => ms)).toEqual(pauses);
  });

  test.each([
    [200, true],
    [302, true],
    [429, false],
    [500, false],
  ])('while the caller is on the line is tried once: %i', async (status, isDelivered) => {
    const missed = missedCall(parseCall({}), 'busy');

    expect(await deliverQuickly(await answering(status, 200), missed, performance.now())).toBe(isDelivered);
    expect(bodies).toMatchObject([{ body: JSON.parse(JSON.stringify(missed)) }]);
  });

  test.each([
    [0, 1000],
    [9000, 700],
  ])(
    'while the caller is on the line takes a second at most, and ends within the function: after %i ms',
    async (ago, limit) => {
      const url = await answering('hang');
      const shortened = shortenTimers();
      const isDelivered = await deliverQuickly(url, missedCall(parseCall({}), 'busy'), performance.now() - ago);
      const [asked = 0] = shortened.restore().filter((ms) => ms >= 100);

      expect(isDelivered).toBe(false);
      expect(asked).toBeLessThanOrEqual(limit);
      expect(asked).toBeGreaterThan(limit - 100);
    },
  );

  test('reports that nobody answered', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;

    expect(await deliver(url, voicemail)).toEqual({ reason: 'unreachable', attempts: 2 });
  });

  test('takes 8 s at most, in two attempts of the same length', async () => {
    const url = await answering('hang', 'hang');
    const shortened = shortenTimers();
    const delivery = await deliver(url, voicemail);
    const asked = shortened.restore().filter((ms) => ms >= 1000);

    expect(delivery).toEqual({ reason: 'timeout', attempts: 2 });
    expect(asked).toEqual([4000, 4000]);
  });

  test('ends within the function, also if that began long ago', async () => {
    const url = await answering('hang', 'hang');
    const shortened = shortenTimers();
    await deliverSince(url, voicemail, performance.now() - 6000);
    const [asked = 0] = shortened.restore().filter((ms) => ms >= 1000);

    expect(asked).toBeLessThanOrEqual(3000);
    expect(asked).toBeGreaterThan(2900);
  });
});
