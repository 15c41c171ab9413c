import { randomBytes } from 'node:crypto';

/** An id of the form that Twilio gives a call. */
export const newCallSid = (): string => `CA${randomBytes(16).toString('hex')}`;

/** The parameters of the voice webhook for a call that has just come in (twilio.com/docs/voice/twiml). */
export function voiceParameters(from: string, to: string, callSid = newCallSid()): Record<string, string> {
  return {
    AccountSid: `AC${'0'.repeat(32)}`,
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
