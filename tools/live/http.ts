import { RequestClient } from 'twilio';

/** What a request was answered. */
export interface HttpAnswer {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  /** What was found, for a person: `HTTP 503`, or why there was no answer. */
  readonly found: string;
}

/**
 * Asks as the commands ask Twilio's API: through the SDK's own client, so that a proxy (`HTTP_PROXY`) counts for both
 * sides. Redirects are not followed. Never throws.
 */
export async function ask(
  method: 'get' | 'post',
  url: string,
  headers: Readonly<Record<string, string>> = {},
  data?: object,
): Promise<HttpAnswer> {
  try {
    const client = new RequestClient({ timeout: 10_000, keepAlive: false });
    const { statusCode, body } = await client.request({ method, uri: url, headers: { ...headers }, data });
    return { status: statusCode, body, found: `HTTP ${statusCode}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isLate = code === 'ECONNABORTED' || code === 'ETIMEDOUT';
    return { status: 0, body: undefined, found: isLate ? 'no answer within 10 s' : `no connection (${code})` };
  }
}
