import type { Outcome, Reason, Stage } from './ladder.private';

/** One invocation, as one JSON line. Absent fields were not known. */
export interface LogLine {
  readonly event: 'inbound' | 'dial-result' | 'transfer';
  readonly outcome: Outcome;
  readonly reason?: Reason | undefined;
  /** The leg that ended, where one did. */
  readonly stage?: Stage | undefined;
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
  /** Milliseconds that preparing took, second attempt included. */
  readonly prepareMs?: number | undefined;
  /** Seconds that the ended leg, or the recording, lasted. */
  readonly seconds?: number | undefined;
  /** The SIP status with which the trunk ended the leg. */
  readonly sipStatus?: number | undefined;
  /** Milliseconds from the start of the handler to this line. */
  readonly ms?: number | undefined;
  /** Settings that are missing or not accepted, each with its mend. */
  readonly problems?: readonly string[] | undefined;
  /** Name and place of an unexpected error; its message is left out, since it may hold anything. */
  readonly error?: string | undefined;
}

/** Outcomes with which the bridge could not give the caller an agent; the README marks them. */
export const alerting: readonly Outcome[] = ['fallback_number', 'voicemail', 'message'];

/**
 * Writes the line: to `console.error`, which Twilio turns into alert 82005, when the caller does not get the agent or
 * something unexpected happened, so that a fallback that works well is noticed; else to `console.log`, which raises none.
 */
export function writeLine(line: LogLine): void {
  // What comes from elsewhere may hold a phone number all the same.
  const { synthflowCallId, requestId, error } = line;
  const foreign = { synthflowCallId, requestId, error };
  const masked = Object.entries(foreign).map(([field, value]) => [field, value && maskNumbers(value)]);
  const text = JSON.stringify({ ...line, ...Object.fromEntries(masked) });
  if (alerting.includes(line.outcome) || line.error !== undefined) console.error(text);
  else console.log(text);
}

/** Masks what stands alone in a text and may be a phone number; ids such as a CallSid have letters around their digits. */
function maskNumbers(text: string): string {
  return text.replace(/(?<![\w-])\+?\d{3,}(\d{4})(?![\w-])/g, '…$1');
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
