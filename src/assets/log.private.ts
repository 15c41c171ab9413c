import type { PrepareFailure } from './verdict.private';

/** Why a caller did not get the agent: the reasons of preparing, and those of the request itself. */
export type Reason = PrepareFailure | 'invalid_request' | 'unexpected';

/** What the caller was given. */
export type Outcome = 'agent' | 'message';

/** One invocation, as one JSON line. Absent fields were not known. */
export interface LogLine {
  readonly event: 'inbound';
  readonly outcome: Outcome;
  readonly reason?: Reason | undefined;
  readonly callSid?: string | undefined;
  /** Masked: see {@link maskAddress}. */
  readonly from?: string | undefined;
  /** Masked: see {@link maskAddress}. */
  readonly to?: string | undefined;
  readonly synthflowCallId?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Synthflow's own id of a refused request, which its support asks for. */
  readonly requestId?: string | undefined;
  readonly attempts?: number | undefined;
  /** Milliseconds that preparing took, retries included. */
  readonly prepareMs?: number | undefined;
  /** Milliseconds from the start of the handler to this line. */
  readonly ms?: number | undefined;
  /** Settings that are missing or not accepted, each with its mend. */
  readonly problems?: readonly string[] | undefined;
  /** Name and place of an unexpected error; its message is left out, since it may hold anything. */
  readonly error?: string | undefined;
}

/**
 * Writes the line: to `console.error`, which Twilio turns into alert 82005, when the caller does not get the agent,
 * so that a fallback that works well is noticed; else to `console.log`, which raises none.
 */
export function writeLine(line: LogLine): void {
  const text = JSON.stringify(line);
  if (line.outcome === 'agent') console.log(text);
  else console.error(text);
}

/**
 * Masks an address for a log: a phone number keeps its last four digits, the fixed words for hidden callers stay,
 * anything else keeps only its scheme.
 */
export function maskAddress(address: string): string {
  if (/^(anonymous|restricted|unavailable|unknown|)$/i.test(address)) return address;
  const scheme = /^(client|sips?|tel):/.exec(address)?.[0] ?? '';
  const number = /^\+?\d{7,}(?=@|$)/.exec(address.slice(scheme.length))?.[0] ?? '';
  return `${scheme}…${number.slice(-4)}`;
}
