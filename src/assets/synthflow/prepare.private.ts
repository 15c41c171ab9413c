import { setTimeout as pause } from 'node:timers/promises';
import { type HttpResult, post } from '../http/post.private';
import { type PrepareResult, readPrepareResponse } from './response.private';

/** The body of `POST /prepare_inbound` (docs.synthflow.ai/forward-calls-to-sip-trunk). */
export interface PrepareBody {
  readonly from_number: string;
  readonly to_number: string;
  readonly model_id: string;
  /** `undefined` leaves it out. */
  readonly workspace_id: string | undefined;
  readonly custom_variables: Readonly<Record<string, string>>;
}

/** One call to prepare. */
export interface PrepareRequest {
  /** API base without a final slash. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Milliseconds for everything: name, connection, TLS, response, second attempt. */
  readonly budgetMs: number;
  readonly body: PrepareBody;
  /** Called once, when the first request has left. */
  readonly onSent: () => void;
}

/** The result of preparing a call, with what the log needs. */
export interface PrepareReport {
  readonly result: PrepareResult;
  /** HTTP requests that were sent: 1 or 2. */
  readonly attempts: number;
  /** Milliseconds, second attempt included. */
  readonly prepareMs: number;
}

/** Prepares a call at Synthflow within the budget, with a second attempt where one is safe. Never rejects. */
export async function prepare({ apiUrl, apiKey, budgetMs, body, onSent }: PrepareRequest): Promise<PrepareReport> {
  const start = performance.now();
  const elapsedMs = (): number => performance.now() - start;
  const url = `${apiUrl}/prepare_inbound`;
  let attempts = 1;
  let result = await post(url, body, { apiKey, onSent, timeoutMs: budgetMs });
  const delayMs = retryDelayMs(result);
  if (delayMs !== undefined && elapsedMs() + delayMs < budgetMs) {
    await pause(delayMs);
    attempts = 2;
    result = await post(url, body, { apiKey, timeoutMs: budgetMs - elapsedMs() });
  }
  return { result: toPrepareResult(result), attempts, prepareMs: Math.round(elapsedMs()) };
}

function toPrepareResult(result: HttpResult): PrepareResult {
  if (result.kind === 'failure') return { prepared: false, reason: result.reason };
  return readPrepareResponse(result.httpStatus, result.body);
}

/** Milliseconds before a second attempt; the API may ask for more. */
const pauseMs = 200;

/**
 * Milliseconds to wait before the request is sent again; `undefined` if it must not be. `prepare_inbound` has no
 * idempotency key, so a second attempt after a request that Synthflow did process could register the call twice. So it
 * is made only if the request didn't reach Synthflow, or if Synthflow asks for it: 429, or 503 with `Retry-After`
 * (docs/decisions/retry.md).
 */
export function retryDelayMs(result: HttpResult): number | undefined {
  if (result.kind === 'failure') return delayAfter[result.retry];
  const { httpStatus, retryAfter } = result;
  if (httpStatus !== 429 && httpStatus !== 503) return undefined;
  if (retryAfter === undefined) return httpStatus === 429 ? pauseMs : undefined;
  const asked = parseRetryAfter(retryAfter);
  // An API that asks for a wait we can't read must not be asked too early.
  return asked === undefined ? undefined : Math.max(pauseMs, asked);
}

const delayAfter = { never: undefined, 'at once': 0, 'after a pause': pauseMs } as const;

/** Milliseconds of a `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3); `undefined` if it's neither. */
export function parseRetryAfter(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Date.parse reads a bare number as a year; an HTTP date always ends in GMT.
  if (!/ GMT$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time - Date.now();
}
