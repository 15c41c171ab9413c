import { randomBytes } from 'node:crypto';
import axios from 'axios';
import { getExpectedTwilioSignature } from 'twilio';

/** A made-up auth token, new in each process: the lab signs with it, and no web page can know it. */
export const labAuthToken = randomBytes(16).toString('hex');

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

/** Milliseconds that Twilio waits for any call webhook. */
const twilioTimeoutMs = 15_000;

/** The account of the lab. */
export const accountSid = `AC${'0'.repeat(32)}`;

/** A new id of the form that Twilio gives a call. */
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

type Form = Readonly<Record<string, string>>;

/** A request with its signature. */
export interface SignedRequest {
  readonly method: string;
  /** With the parameters of a GET. */
  readonly url: string;
  /** The parameters of a POST. */
  readonly form: Form;
  readonly signature: string;
}

/**
 * Signs a request as Twilio does, for exactly this URL and these parameters; a GET has them in its URL
 * (twilio.com/docs/usage/security).
 */
export function signRequest(method: string, url: string, parameters: Form): SignedRequest {
  const query = method === 'GET' ? new URLSearchParams(parameters).toString() : '';
  const full = query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
  const form = method === 'GET' ? {} : parameters;
  return { method, url: full, form, signature: getExpectedTwilioSignature(labAuthToken, full, form) };
}

/** Sends a signed request. Never throws: any HTTP status is an answer, and so is a failure. */
export async function send(request: SignedRequest, timeoutMs = twilioTimeoutMs): Promise<WebhookAnswer> {
  const start = performance.now();
  try {
    const response = await axios.request<string>({
      method: request.method,
      url: request.url,
      ...(request.method !== 'GET' && { data: new URLSearchParams(request.form).toString() }),
      headers: { 'x-twilio-signature': request.signature },
      responseType: 'text',
      timeout: timeoutMs,
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
