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

type Form = Readonly<Record<string, string>>;

/**
 * Signs a request as Twilio does, for exactly this URL and these parameters; a GET has them in its URL
 * (twilio.com/docs/usage/security).
 */
export function signRequest(method: string, url: string, parameters: Form) {
  const query = method === 'GET' ? new URLSearchParams(parameters).toString() : '';
  const full = query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
  const form = method === 'GET' ? {} : parameters;
  return { method, url: full, form, signature: getExpectedTwilioSignature(labAuthToken, full, form) };
}

/** Sends a signed request. Never throws: any HTTP status is an answer, and so is a failure. */
export async function send(
  request: ReturnType<typeof signRequest>,
  timeoutMs = twilioTimeoutMs,
): Promise<WebhookAnswer> {
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
