import { randomBytes } from 'node:crypto';

/** The account of the lab. */
export const accountSid = `AC${'0'.repeat(32)}`;

/** An id of the form that Twilio gives a call. */
export const newCallSid = (): string => `CA${randomBytes(16).toString('hex')}`;

/** The parameters of the voice webhook for a call that has just come in (twilio.com/docs/voice/twiml). */
export function voiceParameters(from: string, to: string, callSid = newCallSid()): Record<string, string> {
  return {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    CallSid: callSid,
    CallStatus: 'ringing',
    Called: to,
    Caller: from,
    Direction: 'inbound',
    From: from,
    To: to,
  };
}
