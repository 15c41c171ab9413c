import type { LegResult } from './leg.private';
import type { ReferTarget } from './target.private';
import type { Destination } from './trunk.private';
import type { PrepareFailure, Verdict } from './verdict.private';

/** What the caller gets: one for each log line, documented in the README. */
export const outcomes = [
  'agent',
  'agent_direct',
  'fallback_number',
  'voicemail',
  'message',
  'transfer_number',
  'transfer_sip',
  'completed',
  'voicemail_left',
  'caller_hung_up',
] as const;

/** See {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** Why the caller is not with the agent, beyond the reasons of preparing; documented in the README. */
export const ladderReasons = [
  'invalid_request',
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
  'host_not_allowed',
] as const;

/** See {@link ladderReasons}. */
export type Reason = PrepareFailure | (typeof ladderReasons)[number];

/** The leg that a decision follows. It travels in the action URL, which Twilio's signature covers. */
export const stages = ['agent', 'transfer', 'number', 'voicemail'] as const;

/** See {@link stages}. */
export type Stage = (typeof stages)[number];

/** What the owner configured for a called number. */
export interface Ladder {
  /** A person to ring, in E.164. */
  readonly number: string | undefined;
  readonly voicemail: boolean;
  readonly directDial: boolean;
  /** Numbers that an agent may transfer to, in E.164. */
  readonly transferNumbers: readonly string[];
  /** Seconds; a shorter leg of the agent does not count as a conversation. */
  readonly minAgentSeconds: number;
}

/** What a function knows when it must decide. */
export type Known =
  /** Preparing ended. */
  | { readonly verdict: Verdict; readonly destination: Destination }
  /** A dialled leg, or the recording, ended. */
  | { readonly stage: Stage; readonly leg: LegResult }
  /** The agent asked for a transfer. */
  | { readonly callerGone: boolean; readonly target: ReferTarget }
  /** The function could not do its work; only the rungs below this one are known to be untried. */
  | { readonly failure: Reason; readonly below: 'agent' | 'number' | 'voicemail' };

/** What happens next, with all that rendering it needs. */
export type Decision =
  | { readonly outcome: 'agent'; readonly destination: Destination; readonly synthflowCallId: string }
  | { readonly outcome: 'agent_direct'; readonly destination: Destination; readonly reason: Reason }
  | { readonly outcome: 'fallback_number'; readonly number: string; readonly reason: Reason }
  | { readonly outcome: 'voicemail' | 'message'; readonly reason: Reason }
  | { readonly outcome: 'transfer_number'; readonly number: string; readonly stage: 'transfer' | 'number' }
  | { readonly outcome: 'transfer_sip'; readonly sipUri: string }
  | { readonly outcome: 'completed' | 'voicemail_left' | 'caller_hung_up' };

/**
 * The one ladder, for every stage: agent, fallback number, voicemail, message. Rungs that are not configured are
 * passed over, a rung that was tried is never tried again, and a caller who is gone is left alone.
 */
export function decide(known: Known, ladder: Ladder): Decision {
  if ('failure' in known) return below[known.below](known.failure, ladder);
  if ('verdict' in known) return afterPreparing(known.verdict, known.destination, ladder);
  if ('target' in known) return known.callerGone ? { outcome: 'caller_hung_up' } : afterRefer(known.target, ladder);
  return afterLeg(known.stage, known.leg, ladder);
}

function afterPreparing(verdict: Verdict, destination: Destination, ladder: Ladder): Decision {
  if (verdict.prepared) return { outcome: 'agent', destination, synthflowCallId: verdict.synthflowCallId };
  const { reason } = verdict;
  // Synthflow said that it cannot take calls, or the settings are wrong: dialling its trunk would only cost time.
  const hopeless = reason === 'outage' || reason === 'unauthorized' || reason === 'misconfigured';
  return ladder.directDial && !hopeless ? { outcome: 'agent_direct', destination, reason } : belowAgent(reason, ladder);
}

function afterLeg(stage: Stage, leg: LegResult, ladder: Ladder): Decision {
  if (leg.callerGone) return { outcome: 'caller_hung_up' };
  if (stage === 'voicemail') return { outcome: 'voicemail_left' };
  const reason =
    failureOf(leg) ?? (stage === 'agent' && leg.seconds < ladder.minAgentSeconds ? 'too_short' : undefined);
  if (reason === undefined) return { outcome: 'completed' };
  return stage === 'number' ? belowNumber(reason, ladder) : belowAgent(reason, ladder);
}

/** `undefined` for a leg that was a conversation: `completed` alone does not prove one. */
function failureOf({ status, seconds, bridged }: LegResult): Reason | undefined {
  if (status !== 'completed') return status;
  return seconds > 0 && bridged ? undefined : 'not_connected';
}

function afterRefer(target: ReferTarget, ladder: Ladder): Decision {
  if (target.kind === 'malformed') return belowAgent('target_malformed', ladder);
  if (target.kind === 'foreign') return belowAgent('host_not_allowed', ladder);
  if (target.kind === 'synthflow') return { outcome: 'transfer_sip', sipUri: target.sipUri };
  // Compared by digits and dialled as configured, so that nothing of the request reaches the phone network.
  const digits = (number: string): string => number.replace('+', '');
  const same = (number: string): boolean => digits(number) === digits(target.number);
  // A transfer to the fallback number is that rung: when nobody answers there, it must not ring a second time.
  if (ladder.number !== undefined && same(ladder.number)) {
    return { outcome: 'transfer_number', number: ladder.number, stage: 'number' };
  }
  const allowed = ladder.transferNumbers.find(same);
  return allowed === undefined
    ? belowAgent('number_not_allowed', ladder)
    : { outcome: 'transfer_number', number: allowed, stage: 'transfer' };
}

/** The rung below the agent, and below a transfer. */
function belowAgent(reason: Reason, ladder: Ladder): Decision {
  if (ladder.number === undefined) return belowNumber(reason, ladder);
  return { outcome: 'fallback_number', number: ladder.number, reason };
}

function belowNumber(reason: Reason, ladder: Ladder): Decision {
  return { outcome: ladder.voicemail ? 'voicemail' : 'message', reason };
}

const below = {
  agent: belowAgent,
  number: belowNumber,
  // The message would ask for a recording that is there already.
  voicemail: (): Decision => ({ outcome: 'voicemail_left' }),
};
