import type { PrepareFailure, PrepareResult } from './synthflow/response.private';
import type { Destination } from './synthflow/trunk.private';
import { numberIn } from './twilio/address.private';
import type { Call } from './twilio/call.private';
import type { LegResult, Stage } from './twilio/leg.private';
import type { ReferTarget } from './twilio/refer.private';

/** What the caller gets: one for each log line, documented in docs/log.md. */
export const outcomes = [
  'agent',
  'agent_direct',
  'fallback_number',
  'voicemail',
  'message',
  'transfer_number',
  'transfer_sip',
  'transfer_refused',
  'completed',
  'voicemail_left',
  'caller_hung_up',
  'refused',
] as const;

/** One of {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** Why a call went down the ladder, besides `prepareFailures`; documented in docs/log.md. */
export const ladderReasons = [
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
  'no_status',
  'unknown_status',
  'target_malformed',
  'number_not_allowed',
  'number_visited',
  'host_not_allowed',
] as const;

/** Every reason that a log line can have. */
export type Reason = PrepareFailure | (typeof ladderReasons)[number];

/** What decides the next step: what the owner configured for the called number, and where the call has been. */
export interface Ladder {
  /** A person to ring, in E.164. */
  readonly number: string | undefined;
  readonly voicemail: boolean;
  readonly directDial: boolean;
  /** Numbers that an agent may transfer to, in E.164. */
  readonly transferNumbers: readonly string[];
  /** Seconds; a shorter leg of the agent does not count as a conversation. */
  readonly minAgentSeconds: number;
  /** Numbers where the call has been, as {@link visitedNumbers} gives them: a phone that forwards here would forward again. */
  readonly visited: readonly string[];
}

/** What happens next, with everything that the TwiML needs. */
export type Decision =
  | { readonly outcome: 'agent'; readonly destination: Destination; readonly synthflowCallId: string }
  | { readonly outcome: 'agent_direct'; readonly destination: Destination; readonly reason: Reason }
  | { readonly outcome: 'fallback_number'; readonly number: string; readonly reason: Reason }
  | {
      readonly outcome: 'voicemail' | 'message';
      readonly reason: Reason;
      /** The step that was skipped because the call has been there. */
      readonly skipped?: 'fallback_number';
    }
  | { readonly outcome: 'transfer_number'; readonly number: string; readonly stage: 'transfer' | 'number' }
  | { readonly outcome: 'transfer_sip'; readonly sipUri: string }
  | { readonly outcome: 'transfer_refused'; readonly reason: Reason }
  | { readonly outcome: 'completed' | 'voicemail_left' | 'caller_hung_up' | 'refused' };

// The ladder has four steps: agent, fallback number, voicemail, message. A step that isn't configured is skipped, and
// none is tried twice. Each function below answers one question: what does the caller get after …?

/** What the caller gets once preparing has ended. */
export function afterPreparing(result: PrepareResult, destination: Destination, ladder: Ladder): Decision {
  if (result.prepared) return { outcome: 'agent', destination, synthflowCallId: result.synthflowCallId };
  const { reason } = result;
  // Synthflow takes no calls, or refused the key: dialling its trunk would only lose time.
  const isHopeless = reason === 'outage' || reason === 'unauthorized';
  if (ladder.directDial && !isHopeless) return { outcome: 'agent_direct', destination, reason };
  return withoutAgent(reason, ladder);
}

/** What the caller gets once a dialled leg, or the recording, has ended. */
export function afterLeg(stage: Stage, leg: LegResult, ladder: Ladder): Decision {
  if (leg.callerGone) return { outcome: 'caller_hung_up' };
  if (stage === 'voicemail') return { outcome: 'voicemail_left' };
  const reason = reasonOf(leg) ?? (stage === 'agent' && isTooShort(leg, ladder) ? 'too_short' : undefined);
  if (reason === undefined) return { outcome: 'completed' };
  return stage === 'number' ? afterNumber(reason, ladder) : withoutAgent(reason, ladder);
}

/** Why a leg was not a conversation; `undefined` when it was one. The status `completed` alone does not prove it. */
function reasonOf({ status, seconds, bridged }: LegResult): Reason | undefined {
  if (status !== 'completed') return status;
  // Twilio leaves the duration out when the leg was redirected; then only `DialBridged` shows that somebody was heard.
  const wasHeard = seconds === undefined ? bridged === true : seconds > 0 && bridged !== false;
  return wasHeard ? undefined : 'not_connected';
}

function isTooShort({ seconds }: LegResult, { minAgentSeconds }: Ladder): boolean {
  // Stryker disable next-line ConditionalExpression: undefined is not less than anything.
  return seconds !== undefined && seconds < minAgentSeconds;
}

/** What the caller gets when the agent asks for a transfer. After a refused one, the caller stays with the agent. */
export function afterRefer(target: ReferTarget, ladder: Ladder): Decision {
  switch (target.kind) {
    case 'malformed':
      return { outcome: 'transfer_refused', reason: 'target_malformed' };
    case 'foreign':
      return { outcome: 'transfer_refused', reason: 'host_not_allowed' };
    case 'synthflow':
      return { outcome: 'transfer_sip', sipUri: target.sipUri };
    case 'number':
      return transferTo(target.number, ladder);
  }
}

function transferTo(number: string, ladder: Ladder): Decision {
  // Compared by digits and dialled as configured, so that nothing of the request reaches the phone network.
  const isTarget = (configured: string): boolean => digitsOf(configured) === digitsOf(number);
  if (ladder.visited.includes(digitsOf(number))) return { outcome: 'transfer_refused', reason: 'number_visited' };
  // A transfer to the fallback number counts as that step, so that the same phone does not ring a second time.
  if (ladder.number !== undefined && isTarget(ladder.number)) {
    return { outcome: 'transfer_number', number: ladder.number, stage: 'number' };
  }
  const allowed = ladder.transferNumbers.find(isTarget);
  if (allowed === undefined) return { outcome: 'transfer_refused', reason: 'number_not_allowed' };
  return { outcome: 'transfer_number', number: allowed, stage: 'transfer' };
}

/** Where a function can fail: while the agent asks for a transfer, or after this step of the ladder may have been tried. */
export type FailurePoint = 'transfer' | 'agent' | 'number' | 'voicemail';

/** What the caller gets when a function failed. */
export function afterFailure(reason: Reason, point: FailurePoint, ladder: Ladder): Decision {
  switch (point) {
    case 'transfer':
      return { outcome: 'transfer_refused', reason };
    case 'agent':
      return withoutAgent(reason, ladder);
    case 'number':
      return afterNumber(reason, ladder);
    case 'voicemail':
      // The message would ask for a recording that is there already.
      return { outcome: 'voicemail_left' };
  }
}

/** What the caller gets without the agent, or after the agent and a transfer. */
export function withoutAgent(reason: Reason, ladder: Ladder): Decision {
  if (ladder.number === undefined) return afterNumber(reason, ladder);
  if (ladder.visited.includes(digitsOf(ladder.number))) {
    return { outcome: ladder.voicemail ? 'voicemail' : 'message', reason, skipped: 'fallback_number' };
  }
  return { outcome: 'fallback_number', number: ladder.number, reason };
}

function afterNumber(reason: Reason, ladder: Ladder): Decision {
  return { outcome: ladder.voicemail ? 'voicemail' : 'message', reason };
}

/** Numbers where a call has been, by their digits: the caller's phone, and the one that diverted the call. */
export function visitedNumbers({ caller, forwardedFrom }: Call): readonly string[] {
  return [numberIn(caller), forwardedFrom].flatMap((number) => number ?? []).map(digitsOf);
}

function digitsOf(number: string): string {
  return number.replace('+', '');
}
