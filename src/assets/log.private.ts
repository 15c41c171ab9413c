import type { Outcome, Reason } from './ladder.private';
import type { Stage } from './twilio/leg.private';

/** One request to a function, as one JSON line. A field is absent when its value is not known. */
export interface LogLine {
  readonly event: 'inbound' | 'dial-result' | 'transfer';
  readonly outcome: Outcome;
  readonly reason?: Reason | undefined;
  /** The step that was skipped because the caller, or the phone that diverted the call, has its number. */
  readonly skipped?: 'fallback_number' | undefined;
  /** The leg that ended, where one did. */
  readonly stage?: Stage | undefined;
  readonly callSid?: string | undefined;
  /** Masked: see `maskAddress`. */
  readonly from?: string | undefined;
  /** Masked: see `maskAddress`. */
  readonly to?: string | undefined;
  readonly synthflowCallId?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Synthflow's id of a refused request, which its support asks for. */
  readonly requestId?: string | undefined;
  /** HTTP requests that preparing took. */
  readonly attempts?: number | undefined;
  /** Milliseconds that preparing took, second attempt included. */
  readonly prepareMs?: number | undefined;
  /** Seconds that the ended leg, or the recording, lasted. */
  readonly seconds?: number | undefined;
  /** The SIP status with which the trunk ended the leg. */
  readonly sipStatus?: number | undefined;
  /** Milliseconds from the start of the handler to this line. */
  readonly ms?: number | undefined;
  /** Settings that are missing or not accepted, each with its fix. */
  readonly problems?: readonly string[] | undefined;
  /** Name and place of an unexpected error; its message is left out, since it can contain anything. */
  readonly error?: string | undefined;
}

/** Outcomes that raise an alert: the call went down the ladder, or a transfer was refused. docs/log.md marks them. */
export const alertingOutcomes: readonly Outcome[] = ['fallback_number', 'voicemail', 'message', 'transfer_refused'];

/**
 * Writes the line. It goes to `console.error`, which Twilio turns into alert 82005, when the caller doesn't get the
 * agent or something unexpected happened, so that a working fallback can't hide an outage. Otherwise it goes to
 * `console.log`, which raises no alert.
 */
export function writeLine(line: LogLine): void {
  // These three come from elsewhere, and could contain a phone number.
  const text = JSON.stringify({
    ...line,
    synthflowCallId: maskNumbers(line.synthflowCallId),
    requestId: maskNumbers(line.requestId),
    error: maskNumbers(line.error),
  });
  if (alertingOutcomes.includes(line.outcome) || line.error !== undefined) console.error(text);
  else console.log(text);
}

/** Masks what stands alone in a text and could be a phone number; ids such as a CallSid have letters around their digits. */
function maskNumbers(text: string | undefined): string | undefined {
  return text?.replace(/(?<![\w-])\+?\d{3,}(\d{4})(?![\w-])/g, '…$1');
}
