import type { Exchange, Sending } from './exchange.private';
import type { Verdict } from './verdict.private';

const { post }: typeof import('./exchange.private') = require(Runtime.getAssets()['/exchange.js'].path);
const { judge }: typeof import('./verdict.private') = require(Runtime.getAssets()['/verdict.js'].path);

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
  /** Milliseconds for everything: name, connection, TLS, answer, second attempt. */
  readonly budgetMs: number;
  readonly body: PrepareBody;
  /** Work for the time in which Synthflow works: called once, when the first request has left; what it throws ends the request and is thrown on. */
  readonly meanwhile: () => void;
}

/** What became of it. */
export interface PrepareReport {
  readonly verdict: Verdict;
  /** HTTP requests that were sent: 1 or 2. */
  readonly attempts: number;
  /** Milliseconds, second attempt included. */
  readonly prepareMs: number;
}

/** Milliseconds before a second attempt, unless the API asks for more. */
const pauseMs = 200;

/**
 * Prepares a call at Synthflow within the budget. A second attempt is made only when the request provably was not
 * processed or the API asks to come back, and never after a timeout: no idempotency key exists, and a blind
 * retry may register the call twice.
 */
export async function prepare(request: PrepareRequest): Promise<PrepareReport> {
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  const budget = new AbortController();
  const timer = setTimeout(() => budget.abort(), request.budgetMs);
  const url = new URL(`${request.apiUrl}/prepare_inbound`);
  const attempt = (): Sending => post(url, request.apiKey, JSON.stringify(request.body), budget.signal);

  try {
    let attempts = 1;
    const { sent, exchange: first } = attempt();
    await sent;
    try {
      request.meanwhile();
    } catch (error) {
      // The first request is still under way, and nobody will want its answer.
      budget.abort();
      throw error;
    }
    let exchange = await first;
    const pause = pauseBeforeRetry(exchange);
    // Stryker disable next-line EqualityOperator: a clock that hits the budget to the last digit cannot be arranged.
    if (elapsed() + pause < request.budgetMs) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      attempts = 2;
      exchange = await attempt().exchange;
    }
    return { verdict: verdictOf(exchange), attempts, prepareMs: Math.round(elapsed()) };
  } finally {
    clearTimeout(timer);
  }
}

function verdictOf(exchange: Exchange): Verdict {
  return exchange.kind === 'answer'
    ? judge(exchange.httpStatus, exchange.body)
    : { prepared: false, reason: exchange.reason };
}

/** Milliseconds to wait before a second attempt; infinitely many when there must be none. */
function pauseBeforeRetry(exchange: Exchange): number {
  if (exchange.kind === 'failure') {
    if (exchange.unprocessed === 'stale') return 0;
    return exchange.unprocessed === 'unconnected' ? pauseMs : Number.POSITIVE_INFINITY;
  }
  if (exchange.httpStatus !== 429 && exchange.httpStatus !== 503) return Number.POSITIVE_INFINITY;
  return Math.max(pauseMs, askedPauseMs(exchange.retryAfter));
}

/** Milliseconds that a `Retry-After` asks for, in seconds or as a date (RFC 9110, section 10.2.3); infinitely many when it cannot be read. */
function askedPauseMs(retryAfter: string | undefined): number {
  if (retryAfter === undefined) return 0;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  // Date.parse reads a bare number as a year; an HTTP date always ends in GMT.
  const ms = / GMT$/.test(retryAfter) ? Date.parse(retryAfter) - Date.now() : Number.NaN;
  return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms;
}
