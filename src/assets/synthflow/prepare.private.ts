import { setTimeout as pause } from 'node:timers/promises';
import { type HttpResult, type PendingRequest, post } from '../http/post.private';
import { type PrepareResult, readPrepareResponse } from './response.private';
import { retryDelayMs } from './retry.private';

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
  /** Called once, when the first request has left; if it rejects, the request is aborted and the error is rethrown. */
  readonly whileSynthflowWorks: () => Promise<unknown>;
}

/** The result of preparing a call, with what the log needs. */
export interface PrepareReport {
  readonly result: PrepareResult;
  /** HTTP requests that were sent: 1 or 2. */
  readonly attempts: number;
  /** Milliseconds, second attempt included. */
  readonly prepareMs: number;
}

/** Prepares a call at Synthflow within the budget, with a second attempt where one is safe. */
export async function prepare(request: PrepareRequest): Promise<PrepareReport> {
  const start = performance.now();
  const elapsedMs = (): number => performance.now() - start;
  const budget = new AbortController();
  const timer = setTimeout(() => budget.abort(), request.budgetMs);
  const attempt = (): PendingRequest =>
    post(`${request.apiUrl}/prepare_inbound`, request.body, budget.signal, request.apiKey);

  try {
    let attempts = 1;
    const first = attempt();
    await first.sent;
    await request.whileSynthflowWorks();
    let result = await first.result;
    const delayMs = retryDelayMs(result);
    // Stryker disable next-line ConditionalExpression,EqualityOperator: undefined makes a sum that is less than nothing, and no test makes the clock hit the budget exactly.
    if (delayMs !== undefined && elapsedMs() + delayMs < request.budgetMs) {
      await pause(delayMs);
      attempts = 2;
      result = await attempt().result;
    }
    return { result: toPrepareResult(result), attempts, prepareMs: Math.round(elapsedMs()) };
  } finally {
    clearTimeout(timer);
    // After an error, a request is still under way whose response nobody wants.
    budget.abort();
  }
}

function toPrepareResult(result: HttpResult): PrepareResult {
  if (result.kind === 'failure') return { prepared: false, reason: result.reason };
  return readPrepareResponse(result.httpStatus, result.body);
}
