import { randomBytes } from 'node:crypto';
import axios, { type AxiosRequestConfig } from 'axios';
import { getExpectedTwilioSignature } from 'twilio';

/** A made-up auth token: the lab signs with it, and nothing else in the world accepts it. */
export const labAuthToken = 'lab-auth-token';

/** What a webhook request was answered. */
export interface WebhookAnswer {
  /** 0 when there was no answer: `failure` says why. */
  readonly httpStatus: number;
  readonly contentType: string;
  readonly body: string;
  /** Milliseconds from sending to the last byte. */
  readonly ms: number;
  readonly failure?: 'timeout' | 'connection failure';
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

/** Milliseconds that Twilio waits for any call webhook. */
const twilioPatienceMs = 15_000;

type Form = Readonly<Record<string, string>>;

/** Posts form parameters as Twilio does, signed for exactly this URL; any HTTP status is an answer. */
export function postSigned(url: string, parameters: Form, patienceMs = twilioPatienceMs): Promise<WebhookAnswer> {
  const signature = getExpectedTwilioSignature(labAuthToken, url, parameters);
  return send(
    { method: 'POST', url, data: new URLSearchParams(parameters).toString(), timeout: patienceMs },
    signature,
  );
}

/** Gets a URL as Twilio does: the parameters go into its query, which the signature covers. */
export function getSigned(url: string, parameters: Form, patienceMs = twilioPatienceMs): Promise<WebhookAnswer> {
  const query = new URLSearchParams(parameters).toString();
  const full = query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
  return send({ method: 'GET', url: full, timeout: patienceMs }, getExpectedTwilioSignature(labAuthToken, full, {}));
}

async function send(request: AxiosRequestConfig, signature: string): Promise<WebhookAnswer> {
  const start = performance.now();
  try {
    const response = await axios.request<string>({
      ...request,
      headers: { 'x-twilio-signature': signature },
      responseType: 'text',
      proxy: false,
      maxRedirects: 0,
      validateStatus: () => true,
    });
    const contentType = String(response.headers['content-type'] ?? '');
    return { httpStatus: response.status, contentType, body: response.data, ms: performance.now() - start };
  } catch (error) {
    const failure = axios.isAxiosError(error) && error.code === 'ECONNABORTED' ? 'timeout' : 'connection failure';
    return { httpStatus: 0, contentType: '', body: '', ms: performance.now() - start, failure };
  }
}
