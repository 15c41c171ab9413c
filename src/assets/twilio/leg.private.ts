import type { Parameters } from './call.private';

/** How a dialled leg, or a recording, ended (twilio.com/docs/voice/twiml/dial). */
export interface LegResult {
  /** Whether the caller's own leg has ended; then nobody hears the answer. */
  readonly callerGone: boolean;
  readonly status: 'completed' | 'busy' | 'no_answer' | 'failed' | 'canceled' | 'no_status' | 'unknown_status';
  /** Whether a voicemail was recorded: more than silence. */
  readonly recorded: boolean;
  /** Seconds that the leg or the recording lasted; `undefined` if Twilio left the duration out, as after a redirect. */
  readonly seconds: number | undefined;
  /** Whether the caller heard the leg; `undefined` when Twilio did not say so. */
  readonly bridged: boolean | undefined;
  /** The SIP status that ended a SIP leg. */
  readonly sipStatus: number | undefined;
}

const finalStates: ReadonlySet<string | undefined> = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);

/** Whether the caller's own leg, `CallStatus`, is in a final state. */
export function isCallerGone({ CallStatus }: Parameters): boolean {
  return finalStates.has(CallStatus);
}

/** Reads the parameters of a Dial's or a Record's action. */
export function parseLeg(parameters: Parameters): LegResult {
  // A recording has its own duration, and no dialled leg.
  const seconds = parseNumber(parameters.DialCallDuration ?? parameters.RecordingDuration, /^\d{1,6}$/);
  const isOfDial = parameters.DialCallStatus !== undefined;
  return {
    callerGone: isCallerGone(parameters),
    status: statuses.get(parameters.DialCallStatus ?? '') ?? 'unknown_status',
    recorded: parameters.RecordingDuration !== undefined && !isOfDial && !isSilence(seconds),
    seconds,
    bridged: bridged.get(parameters.DialBridged),
    sipStatus: parseNumber(parameters.DialSipResponseCode, /^[1-6]\d\d$/),
  };
}

/** Whether a recording of this many seconds is only a caller's silence, which Twilio may store, too. */
export const isSilence = (seconds: number | undefined): boolean => seconds !== undefined && seconds < 2;

const bridged: ReadonlyMap<string | undefined, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

function parseNumber(text: string | undefined, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}

const statuses: ReadonlyMap<string, LegResult['status']> = new Map([
  ['completed', 'completed'],
  ['answered', 'completed'],
  ['busy', 'busy'],
  ['no-answer', 'no_answer'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
  ['', 'no_status'],
]);
