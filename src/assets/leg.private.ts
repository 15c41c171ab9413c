import type { Stage } from './ladder.private';

/** How a dialled leg ended, as the Dial action tells it (twilio.com/docs/voice/twiml/dial). */
export interface LegResult {
  /** Whether the caller's own leg has ended; then nobody hears the answer. */
  readonly callerGone: boolean;
  readonly status: 'completed' | 'busy' | 'no_answer' | 'failed' | 'canceled' | 'no_status' | 'unknown_status';
  /** Seconds of the leg or the recording; 0 also when Twilio gave none. */
  readonly seconds: number;
  /** `false` when Twilio says that the caller did not hear the leg. */
  readonly bridged: boolean;
  /** The SIP status that ended the leg, where it was a SIP leg. */
  readonly sipStatus: number | undefined;
}

type Parameters = Readonly<Record<string, string>>;

const finalStates = new Set<string | undefined>(['completed', 'busy', 'failed', 'no-answer', 'canceled']);

/** Whether the caller's own leg, `CallStatus`, is in a final state. */
export function isCallerGone(parameters: Parameters): boolean {
  return finalStates.has(parameters.CallStatus);
}

/** Reads a Dial action's parameters. */
export function parseLeg(parameters: Parameters): LegResult {
  // A recording ends with its own length.
  const length = String(parameters.DialCallDuration ?? parameters.RecordingDuration);
  const sipStatus = String(parameters.DialSipResponseCode);
  return {
    callerGone: isCallerGone(parameters),
    status: statuses.get(parameters.DialCallStatus) ?? 'unknown_status',
    seconds: /^\d{1,6}$/.test(length) ? Number(length) : 0,
    bridged: parameters.DialBridged !== 'false',
    sipStatus: /^[1-6]\d\d$/.test(sipStatus) ? Number(sipStatus) : undefined,
  };
}

const statuses = new Map<string | undefined, LegResult['status']>([
  ['completed', 'completed'],
  ['answered', 'completed'],
  ['busy', 'busy'],
  ['no-answer', 'no_answer'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
  ['', 'no_status'],
  [undefined, 'no_status'],
]);

/**
 * The stage that an action URL names. Anything else counts as the fallback number's leg: what cannot be told
 * apart must never ring somebody twice.
 */
export function parseStage(parameters: Parameters): Stage {
  const { stage } = parameters;
  return stage === 'agent' || stage === 'transfer' || stage === 'voicemail' ? stage : 'number';
}
