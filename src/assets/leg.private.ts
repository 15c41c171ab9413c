import type { Stage } from './ladder.private';

/** How a dialled leg ended, as the Dial action tells it (twilio.com/docs/voice/twiml/dial). */
export interface LegResult {
  /** Whether the caller's own leg has ended; then nobody hears the answer. */
  readonly callerGone: boolean;
  readonly status: 'completed' | 'busy' | 'no_answer' | 'failed' | 'canceled' | 'no_status' | 'unknown_status';
  /** Seconds of the leg or the recording; 0 also when Twilio gave none. */
  readonly seconds: number;
  /** Whether the caller heard the leg; `undefined` when Twilio did not say. */
  readonly bridged: boolean | undefined;
  /** The SIP status that ended the leg, where it was a SIP leg. */
  readonly sipStatus: number | undefined;
}

type Parameters = Readonly<Record<string, string>>;

/** Whether the caller's own leg, `CallStatus`, is in a final state. */
export function isCallerGone(parameters: Parameters): boolean {
  return /^(completed|busy|failed|no-answer|canceled)$/.test(parameters.CallStatus ?? '');
}

/** Reads a Dial action's parameters. */
export function parseLeg(parameters: Parameters): LegResult {
  // A recording ends with its own length.
  const length = parameters.DialCallDuration ?? parameters.RecordingDuration ?? '';
  const { DialCallStatus, DialBridged = '', DialSipResponseCode = '' } = parameters;
  return {
    callerGone: isCallerGone(parameters),
    status: DialCallStatus === undefined ? 'no_status' : (statuses.get(DialCallStatus) ?? 'unknown_status'),
    seconds: /^\d{1,6}$/.test(length) ? Number(length) : 0,
    bridged: DialBridged === 'true' || DialBridged === 'false' ? DialBridged === 'true' : undefined,
    sipStatus: /^[1-6]\d\d$/.test(DialSipResponseCode) ? Number(DialSipResponseCode) : undefined,
  };
}

const statuses = new Map<string, LegResult['status']>([
  ['completed', 'completed'],
  ['answered', 'completed'],
  ['busy', 'busy'],
  ['no-answer', 'no_answer'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
  ['', 'no_status'],
]);

/**
 * The stage that an action URL names. Anything else counts as the fallback number's leg: what cannot be told
 * apart must never ring somebody twice.
 */
export function parseStage(parameters: Parameters): Exclude<Stage, 'inbound'> {
  const { stage } = parameters;
  return stage === 'agent' || stage === 'transfer' || stage === 'voicemail' ? stage : 'number';
}
