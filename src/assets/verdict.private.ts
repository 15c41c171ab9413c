/** Why a call was not prepared: the closed set that logs, the ladder and the README share. */
export const prepareFailures = [
  'timeout',
  'unreachable',
  'unauthorized',
  'rate_limited',
  'rejected',
  'server_error',
  'outage',
  'malformed',
  'misconfigured',
] as const;

/** See {@link prepareFailures}. */
export type PrepareFailure = (typeof prepareFailures)[number];

/** What became of preparing a call at Synthflow. */
export type Verdict =
  | { readonly prepared: true; readonly synthflowCallId: string; readonly httpStatus: number }
  | {
      readonly prepared: false;
      readonly reason: PrepareFailure;
      readonly httpStatus?: number | undefined;
      /** Synthflow's `request_id`, which its support asks for. */
      readonly requestId?: string | undefined;
    };

/**
 * Judges a complete HTTP answer of `prepare_inbound`. Only `registered` with an id that is safe in a SIP header
 * is a prepared call; `failed` is an outage even though its status is 200 and an id may be present
 * (docs.synthflow.ai/forward-calls-to-sip-trunk).
 */
export function judge(httpStatus: number, body: string): Verdict {
  const answer = parseObject(body);
  if (httpStatus < 200 || httpStatus > 299) {
    return { prepared: false, reason: refusal(httpStatus), httpStatus, requestId: requestIdOf(answer) };
  }
  if (answer.call_status === 'failed') {
    return { prepared: false, reason: 'outage', httpStatus, requestId: requestIdOf(answer) };
  }
  const id = answer.synthflow_call_id;
  if (answer.call_status === 'registered' && isToken(id)) return { prepared: true, synthflowCallId: id, httpStatus };
  return { prepared: false, reason: 'malformed', httpStatus, requestId: requestIdOf(answer) };
}

function refusal(httpStatus: number): PrepareFailure {
  if (httpStatus === 401 || httpStatus === 403) return 'unauthorized';
  if (httpStatus === 429) return 'rate_limited';
  return httpStatus >= 500 ? 'server_error' : 'rejected';
}

function requestIdOf(answer: Readonly<Record<string, unknown>>): string | undefined {
  const { detail } = answer;
  const id = isObject(detail) ? detail.request_id : answer.request_id;
  return isToken(id) ? id : undefined;
}

function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}
