import { types } from 'node:util';
import type { AxiosInstance } from 'axios';
import type { Shell } from './shell';
import { withoutControls } from './text';

/** The answer to a request that a command made. */
export interface HttpAnswer {
  /** 0 when there was no answer. */
  readonly status: number;
  /** Parsed, where it is JSON. */
  readonly body: unknown;
  /** For people: `HTTP 503`, or why there was no answer. */
  readonly found: string;
}

/** Milliseconds for each request of a command. */
export const requestTimeoutMs = 10_000;

/**
 * Sends a GET or POST through the SDK's own client, so that a proxy (`HTTP_PROXY`) counts for both platforms. Follows
 * no redirect. Never throws.
 */
export async function ask(
  shell: Shell,
  method: 'get' | 'post',
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  // Loaded with the first request, since help and offline checks need none.
  const { default: RequestClient } = await import('twilio/lib/base/RequestClient');
  try {
    const client = new RequestClient({ timeout: requestTimeoutMs, keepAlive: false });
    useTransport(client.axios, shell);
    const { statusCode, body } = await client.request<unknown>({ method, uri: url, headers: { ...headers } });
    return { status: statusCode, body, found: `HTTP ${statusCode}` };
  } catch (error) {
    const code = types.isNativeError(error) && 'code' in error ? String(error.code) : '';
    const isLate = ['ECONNABORTED', 'ERR_CANCELED', 'ETIMEDOUT'].includes(code);
    return { status: 0, body: undefined, found: isLate ? 'no answer within 10 s' : `no connection (${code})` };
  }
}

/** Bytes of a response that are read: a page of Twilio's lists has about 1 MB. */
const maxResponseBytes = 16 * 1_048_576;

/**
 * Sends the requests of a client as the shell says, each with a deadline for all of it and a limit for what is read.
 * What comes back can't steer a terminal.
 */
export function useTransport(client: AxiosInstance, { request }: Pick<Shell, 'request'>): void {
  if (request !== undefined) client.defaults.transport = { request };
  client.defaults.maxContentLength = maxResponseBytes;
  client.interceptors.request.use((config) => {
    // The client's own timeout begins again with each byte that comes.
    return { ...config, signal: AbortSignal.timeout(requestTimeoutMs) };
  });
  client.interceptors.response.use((response) => ({ ...response, data: withoutControls(response.data) }));
}
