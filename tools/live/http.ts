import { RequestClient } from 'twilio';

/**
 * What a request was answered: its HTTP status, 0 when there was no answer; its body, parsed where it is JSON; and what
 * was found, for a person: `HTTP 503`, or why there was no answer.
 */
export type HttpAnswer = Awaited<ReturnType<typeof ask>>;

/**
 * Asks as the commands ask Twilio's API: through the SDK's own client, so that a proxy (`HTTP_PROXY`) counts for both
 * sides. Redirects are not followed. Never throws.
 */
export async function ask(
  method: 'get' | 'post',
  url: string,
  headers: Readonly<Record<string, string>> = {},
  data?: object,
) {
  try {
    const client = new RequestClient({ timeout: 10_000, keepAlive: false });
    const { statusCode, body } = await client.request<unknown>({ method, uri: url, headers: { ...headers }, data });
    return { status: statusCode, body, found: `HTTP ${statusCode}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isLate = code === 'ECONNABORTED' || code === 'ETIMEDOUT';
    return { status: 0, body: undefined, found: isLate ? 'no answer within 10 s' : `no connection (${code})` };
  }
}
