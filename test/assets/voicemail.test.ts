import { createServer, type Server } from 'node:http';
import { freePort, listen, readBody } from '../../lab/http';
import { parseCall } from '../../src/assets/twilio/call.private';
import { deliverVoicemail, readVoicemail } from '../../src/assets/voicemail.private';
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
  called: '+15550100100',
  caller: '+15550100142',
};
const read = (changes: object = {}) => readVoicemail(parseCall({ ...sent, ...changes }, true));
const voicemail = {
  text: `Voicemail for +15550100100 from +15550100142, 12 s: ${recordingUrl}`,
  called: '+15550100100',
  caller: '+15550100142',
  seconds: 12,
  recordingUrl,
  callSid,
};

describe('A voicemail', () => {
  test('is read from what Twilio and our own URL say', () => {
    expect(read()).toEqual(voicemail);
  });

  test.each(['anonymous', '+266696687'])('of a caller who hides the number says so: %s', (caller) => {
    expect(read({ caller })).toMatchObject({
      caller,
      text: expect.stringContaining('from a caller who hides the number, 12 s'),
    });
  });

  test('hides what a chat could read as a mention', () => {
    const caller = `sip:<!channel>&x@${'y'.repeat(80)}.example`;

    expect(read({ caller })).toMatchObject({
      text: `Voicemail for +15550100100 from sip:channelx@${'y'.repeat(51)}, 12 s: ${recordingUrl}`,
      caller,
    });
  });

  test.each(['', '-1', '1.5', '1234567', undefined])('whose length is %j counts as 0 s', (RecordingDuration) => {
    expect(read({ RecordingDuration })?.seconds).toBe(0);
  });

  test.each([{ RecordingUrl: undefined }, { RecordingStatus: 'absent' }, { RecordingStatus: undefined }])(
    'is none when nothing was recorded: %j',
    (changes) => {
      expect(read(changes)).toBeUndefined();
    },
  );
});

describe('Delivering a voicemail', () => {
  let server: Server | undefined;
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

  test.each([200, 204, 299])('is done with the first answer that says so (%i)', async (httpStatus) => {
    const url = await answering(httpStatus);

    expect(await deliverVoicemail(url, voicemail)).toEqual({ httpStatus, attempts: 1 });
    expect(bodies).toEqual([
      { body: voicemail, headers: expect.objectContaining({ 'content-type': 'application/json' }) },
    ]);
    expect(bodies).not.toEqual([
      { body: voicemail, headers: expect.objectContaining({ authorization: expect.anything() }) },
    ]);
  });

  test('is tried twice at most', async () => {
    expect(await deliverVoicemail(await answering(500, 200), voicemail)).toEqual({ httpStatus: 200, attempts: 2 });
    server?.close();
    bodies.length = 0;

    expect(await deliverVoicemail(await answering(500, 503, 200), voicemail)).toEqual({
      reason: 'server_error',
      httpStatus: 503,
      attempts: 2,
    });
    expect(bodies).toHaveLength(2);
  });

  test.each([
    [300, 'rejected'],
    [404, 'rejected'],
    [401, 'unauthorized'],
    [429, 'rate_limited'],
  ])('says why it failed: %i is %s', async (status, reason) => {
    expect(await deliverVoicemail(await answering(status, status), voicemail)).toMatchObject({ reason, attempts: 2 });
  });

  test('reports that nobody answered', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;

    expect(await deliverVoicemail(url, voicemail)).toEqual({ reason: 'unreachable', attempts: 2 });
  });

  test('takes 8 s at most, in two attempts of the same length', async () => {
    const url = await answering('hang', 'hang');
    const timers = shortenTimers();
    const delivery = await deliverVoicemail(url, voicemail);
    const asked = timers.restore().filter((ms) => ms >= 1000);

    expect(delivery).toEqual({ reason: 'timeout', attempts: 2 });
    expect(asked).toEqual([4000, 4000]);
  });
});
