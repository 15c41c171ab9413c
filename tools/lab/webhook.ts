import { randomBytes } from 'node:crypto';
import axios from 'axios';
import { getExpectedTwilioSignature } from 'twilio';

/** A made-up auth token: the lab signs with it, and nothing else in the world accepts it. */
export const labAuthToken = 'lab-auth-token';

/** What a webhook request was answered. */
export interface WebhookAnswer {
  readonly httpStatus: number;
  readonly contentType: string;
  readonly body: string;
  /** Milliseconds from sending to the last byte. */
  readonly ms: number;
}

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

/** Posts form parameters as Twilio does, signed for exactly this URL; any HTTP status is an answer. */
export async function postSigned(url: string, parameters: Readonly<Record<string, string>>): Promise<WebhookAnswer> {
  const start = performance.now();
  const response = await axios.post<string>(url, new URLSearchParams(parameters).toString(), {
    headers: { 'x-twilio-signature': getExpectedTwilioSignature(labAuthToken, url, parameters) },
    responseType: 'text',
    timeout: 15_000,
    proxy: false,
    validateStatus: () => true,
  });
  return {
    httpStatus: response.status,
    contentType: String(response.headers['content-type'] ?? ''),
    body: response.data,
    ms: performance.now() - start,
  };
}
