/** Why a call was not prepared: the closed set that the log, the decisions and the docs share. */
export const prepareFailures = [
  'timeout',
  'unreachable',
  'unauthorized',
  'rate_limited',
  'rejected',
  'server_error',
  'outage',
  'malformed',
] as const;

/** One of {@link prepareFailures}. */
export type PrepareFailure = (typeof prepareFailures)[number];

/** Whether Synthflow prepared the call. */
export type PrepareResult =
  | { readonly prepared: true; readonly synthflowCallId: string; readonly httpStatus: number }
  | {
      readonly prepared: false;
      readonly reason: PrepareFailure;
      readonly httpStatus?: number | undefined;
      /** Synthflow's `request_id`, which its support asks for. */
      readonly requestId?: string | undefined;
    };

/**
 * Reads a complete response of `prepare_inbound`. Only `registered` with an id that is safe in a SIP header is a
 * prepared call. `failed` is an outage, although its status is 200 and it may have an id
 * (docs.synthflow.ai/forward-calls-to-sip-trunk).
 */
export function readPrepareResponse(httpStatus: number, body: unknown): PrepareResult {
  const fields = isObject(body) ? body : {};
  const requestId = requestIdOf(fields);
  if (httpStatus < 200 || httpStatus > 299) {
    return { prepared: false, reason: refusalReason(httpStatus), httpStatus, requestId };
  }
  if (fields.call_status === 'failed') return { prepared: false, reason: 'outage', httpStatus, requestId };
  const id = fields.synthflow_call_id;
  if (fields.call_status === 'registered' && isSafeId(id)) return { prepared: true, synthflowCallId: id, httpStatus };
  return { prepared: false, reason: 'malformed', httpStatus, requestId };
}

/** What the status of a response that isn't a success means. */
export function refusalReason(httpStatus: number): PrepareFailure {
  if (httpStatus === 401 || httpStatus === 403) return 'unauthorized';
  if (httpStatus === 429) return 'rate_limited';
  return httpStatus >= 500 ? 'server_error' : 'rejected';
}

type JsonObject = Readonly<Record<string, unknown>>;

function requestIdOf({ detail, request_id }: JsonObject): string | undefined {
  const id = (isObject(detail) ? detail.request_id : undefined) ?? request_id;
  return isSafeId(id) ? id : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

function isSafeId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}
