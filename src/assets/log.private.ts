import type { PrepareFailure } from './synthflow/response.private';
import type { Stage } from './twilio/own-url.private';

/** The functions, by the name that their log lines have. */
export type EventName = 'inbound' | 'dial-result' | 'transfer' | 'confirm' | 'voicemail';

/** What a request came to: one for each log line, documented in docs/log.md. */
export const outcomes = [
  'agent',
  'agent_direct',
  'person',
  'voicemail',
  'word',
  'message',
  'transfer_number',
  'transfer_sip',
  'transfer_refused',
  'completed',
  'voicemail_left',
  'caller_hung_up',
  'refused',
  'confirm_asked',
  'confirmed',
  'not_confirmed',
  'voicemail_delivered',
  'voicemail_silent',
  'voicemail_undelivered',
] as const;

/** One of {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** Why a step of the route failed, besides `prepareFailures`; documented in docs/log.md. */
export const stepReasons = [
  'misconfigured',
  'invalid_request',
  'unencoded_plus',
  'unexpected',
  'busy',
  'no_answer',
  'failed',
  'canceled',
  'not_connected',
  'too_short',
  'not_confirmed',
  'silence',
  'no_recording',
  'no_status',
  'unknown_status',
  'target_malformed',
  'number_not_allowed',
  'number_visited',
  'host_not_allowed',
] as const;

/**
 * What is unusual about the called number: no entry of the number table has it, so that the environment alone says what
 * it gets, or one has it only with a plus that the request didn't have, so that it may be another country's number.
 */
export type TableMatch = 'no_entry' | 'guessed_entry';

/** What the hours of a called number say at the time of the call. */
export type OpenState = 'open' | 'closed';

/** Every reason that a log line can have. */
export type Reason = PrepareFailure | (typeof stepReasons)[number];

/** One request to a function, as one JSON line. A field is absent when its value is not known. */
export interface LogLine {
  readonly event: EventName;
  readonly outcome: Outcome;
  readonly reason?: Reason | undefined;
  /** The step of the route, counted from 0. */
  readonly step?: number | undefined;
  /** Steps that were skipped: a phone where the call has been, or an agent that can't be reached. */
  readonly skipped?: readonly number[] | undefined;
  /** Whether an agent that stands before this step in the route was not reached. */
  readonly missedAgent?: boolean | undefined;
  /** The leg that ended, where one did. */
  readonly stage?: Stage | undefined;
  readonly callSid?: string | undefined;
  /** These two are masked: see `maskAddress`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only where the table has entries. */
  readonly numberTable?: TableMatch | undefined;
  /** As what the call has taken the number, where that has hours. */
  readonly hours?: OpenState | undefined;
  readonly synthflowCallId?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Synthflow's id of a refused request, which its support asks for. */
  readonly requestId?: string | undefined;
  /** HTTP requests that preparing, or posting a voicemail, took. */
  readonly attempts?: number | undefined;
  /** Milliseconds that preparing took, second attempt included. */
  readonly prepareMs?: number | undefined;
  /** Why looking up prompt variables gave none. */
  readonly lookup?: 'timeout' | 'failed' | undefined;
  /** Names of prompt variables whose values can't be sent. */
  readonly omitted?: readonly string[] | undefined;
  /** Names of prompt variables that a direct dial couldn't carry. */
  readonly omittedHeaders?: readonly string[] | undefined;
  /** Whether the owner was told of a voicemail, or of a caller who got nobody. */
  readonly notified?: boolean | undefined;
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

/**
 * Writes the line. It goes to `console.error`, which Twilio turns into alert 82005, when the caller doesn't get the
 * agent or something unexpected happened, so that a working fallback can't hide an outage. Otherwise it goes to
 * `console.log`, which raises no alert.
 */
export function writeLine(line: LogLine): void {
  // These come from elsewhere, and could contain a phone number.
  const text = JSON.stringify({
    ...line,
    synthflowCallId: maskNumbers(line.synthflowCallId),
    requestId: maskNumbers(line.requestId),
    error: maskNumbers(line.error),
    omitted: line.omitted?.slice(0, maxNames).map(maskName),
    omittedHeaders: line.omittedHeaders?.slice(0, maxNames).map(maskName),
  });
  if (isAlert(line)) console.error(text);
  else console.log(text);
}

function isAlert({ event, outcome, missedAgent, lookup, error, problems, notified }: LogLine): boolean {
  const isAlone = outcome === 'transfer_refused' || outcome === 'voicemail_undelivered';
  if (isAlone || lookup !== undefined || error !== undefined || notified === false) return true;
  // One alert a call is enough for wrong settings.
  if (event === 'inbound' && problems !== undefined) return true;
  // After a word, an agent may still take the call.
  return missedAgent === true && outcome !== 'agent' && outcome !== 'agent_direct' && outcome !== 'word';
}

/** Names of variables in a line, and characters of each: the owner's code may make any. */
const maxNames = 20;
const maxNameLength = 64;

/** The name of a variable, without a phone number that may be part of it. */
const maskName = (name: string): string => name.slice(0, maxNameLength).replace(/\+?\d[\d\s().-]{2,}(\d{4})/g, '…$1');

/** Masks what stands alone in a text and could be a phone number; ids like a CallSid have letters around the digits. */
function maskNumbers(text: string | undefined): string | undefined {
  return text?.replace(/(?<![\w-])\+?\d{3,}(\d{4})(?![\w-])/g, '…$1');
}

/**
 * Class, code and place of an error, such as `TypeError ENOTFOUND at …`. Its message can contain anything, as can a
 * `name` that isn't a class name: left out. The place is the first one outside Node.js and the packages. Never throws,
 * although the owner's code can throw what does when it's read.
 */
export function describeError(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `a thrown ${typeof error}`;
    const name = /^[A-Za-z]{1,64}$/.exec(error.name)?.[0] ?? 'Error';
    // The stack begins with the message, which may have lines that look like places.
    const stack = String(error.stack).replace(error.message, '').slice(0, 10_000);
    const places = [...stack.matchAll(/\n {1,8}at ([^\n?]{1,300}:\d+:\d+\)?)(?=\n|$)/g)].map(([, place = '']) => place);
    const own = places.find((place) => !/\bnode:|\bnode_modules\b/.test(place));
    const what = [name, codeOf(error.cause) ?? codeOf(error) ?? []].flat().join(' ');
    return `${what} at ${own ?? places[0] ?? 'unknown place'}`;
  } catch {
    return 'an error that cannot be read';
  }
}

/** The code that Node.js gives an error, such as `ENOTFOUND`: of a failed `fetch`, only its cause has one. */
function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : undefined;
}
