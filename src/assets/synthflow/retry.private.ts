import type { HttpResult } from '../http/post.private';

/** Milliseconds before a second attempt, unless the API asks for more. */
const pauseMs = 200;

/**
 * Milliseconds to wait before the request is sent again; `undefined` when it must not be. `prepare_inbound` has no
 * idempotency key, so a second attempt after a request that Synthflow did process could register the call twice. It is
 * made only when the request did not reach Synthflow, or when Synthflow asks for it: 429, or 503 with `Retry-After`.
 * `prepare` asks once, and goes by it only if the wait fits the budget.
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

/** Milliseconds that a `Retry-After` asks for, in seconds or as a date (RFC 9110, section 10.2.3); `undefined` when it is neither. */
function parseRetryAfter(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Date.parse reads a bare number as a year; an HTTP date always ends in GMT.
  if (!/ GMT$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time - Date.now();
}
