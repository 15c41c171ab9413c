import { type EventName, type LogLine, type Reason, stepReasons } from './log.private';
import type { Plan, PlannedAgent } from './plan.private';
import { type Phone, stepOf, type Word } from './route.private';
import { type PrepareResult, prepareFailures } from './synthflow/response.private';
import type { Destination } from './synthflow/trunk.private';
import { type VariableHeaders, writeVariableHeaders } from './synthflow/x-headers.private';
import { isSameNumber } from './twilio/address.private';
import type { Call } from './twilio/call.private';
import { type LegResult, parseLeg } from './twilio/leg.private';
import type { OwnUrl } from './twilio/own-url.private';
import type { ReferTarget } from './twilio/refer.private';

/** What happens next, with everything that the TwiML needs. `step` is the place in the route, counted from 0. */
export type Decision =
  | (Tried & { readonly outcome: 'agent'; readonly destination: Destination; readonly synthflowCallId: string })
  | (Tried & VariableHeaders & { readonly outcome: 'agent_direct'; readonly destination: Destination })
  | (Tried & { readonly outcome: 'person'; readonly phones: readonly Phone[] })
  | (Tried & { readonly outcome: 'voicemail' | 'message' })
  | (Tried & { readonly outcome: 'word'; readonly word: Word })
  | { readonly outcome: 'transfer_number'; readonly step: number; readonly phone: Phone }
  | { readonly outcome: 'transfer_sip'; readonly step: number; readonly sipUri: string }
  | { readonly outcome: 'transfer_refused'; readonly step: number; readonly reason: Reason }
  | { readonly outcome: 'completed' | 'voicemail_left' | 'caller_hung_up' | 'refused' }
  | { readonly outcome: 'confirm_asked' | 'confirmed' | 'not_confirmed' }
  | { readonly outcome: 'voicemail_delivered' | 'voicemail_silent' }
  | { readonly outcome: 'voicemail_undelivered'; readonly reason: Reason };

/** A step of the route, and how the call came to it. */
interface Tried {
  readonly step: number;
  /** Why the step before failed; `undefined` where nothing has failed. */
  readonly reason: Reason | undefined;
  /** Whether the call should have had an agent before this step. */
  readonly missedAgent: boolean;
  /** Steps that couldn't help: a phone where the call has been, or an agent that can't be reached. */
  readonly skipped?: readonly number[];
}

/** An agent's step whose turn it is: the call has to be prepared first. */
export interface AgentStep {
  readonly outcome: 'prepare';
  readonly agent: PlannedAgent;
  readonly tried: Tried;
}

/** What happens next, or which agent has to be prepared before that is decided. */
export type Next = Decision | AgentStep;

// A call goes through its route from left to right. A step that can't help is skipped, none is tried twice, and after
// the last one the message is said. Each function below answers one question: what does the caller get after …?

/** What the caller gets first. */
export function atStart(plan: Plan): Next {
  return nextFrom(0, undefined, plan);
}

/** What the caller gets once preparing has ended; `variables` are the agent's prompt variables. */
export function afterPreparing(
  { agent: { destination }, tried }: AgentStep,
  result: PrepareResult,
  plan: Plan,
  variables: Readonly<Record<string, string>>,
): Next {
  if (result.prepared) return { outcome: 'agent', ...tried, destination, synthflowCallId: result.synthflowCallId };
  const { reason } = result;
  if (isHopeless(reason)) return withoutAgent(nextFrom(tried.step + 1, reason, plan, tried.skipped), plan);
  if (!plan.directDial) return nextFrom(tried.step + 1, reason, plan, tried.skipped);
  return { outcome: 'agent_direct', ...tried, reason, destination, ...writeVariableHeaders(variables) };
}

/** Whether Synthflow takes no calls, or refused the key: neither its trunk nor another agent would help. */
const isHopeless = (reason: Reason | undefined): boolean => reason === 'outage' || reason === 'unauthorized';

/** What the caller gets once a dialled leg, the recording or a word has ended: the one that our own URL names. */
export function afterLeg(own: OwnUrl, leg: LegResult, plan: Plan): Next {
  if (leg.callerGone) return { outcome: 'caller_hung_up' };
  if (own.stage === 'word') return afterWord(own, plan);
  if (leg.recorded) return { outcome: 'voicemail_left' };
  const reason = own.stage === 'voicemail' ? 'silence' : reasonOf(leg, own, plan);
  return reason === undefined ? { outcome: 'completed' } : nextFrom(stepOf(own, plan.route) + 1, reason, plan);
}

/** A word changes nothing about why the step before it failed. */
function afterWord(own: OwnUrl, plan: Plan): Next {
  const reason = [...prepareFailures, ...stepReasons].find((one) => one === own.reason);
  const next = nextFrom(stepOf(own, plan.route) + 1, reason, plan);
  return isHopeless(reason) ? withoutAgent(next, plan) : next;
}

/** Why a leg was no conversation; `undefined` if it was one. The status `completed` alone doesn't prove it. */
function reasonOf({ status, seconds, bridged }: LegResult, own: OwnUrl, plan: Plan): Reason | undefined {
  // Twilio doesn't document the status of a leg whose person pressed no key; that it lasted shows that it was answered.
  const wasAnswered = status === 'completed' || (seconds ?? 0) > 0;
  if (own.isConfirmed && bridged !== true) return wasAnswered ? 'not_confirmed' : status;
  if (status !== 'completed') return status;
  // Twilio leaves the duration out when the leg was redirected; then only `DialBridged` shows that somebody was heard.
  const wasHeard = seconds === undefined ? bridged === true : seconds > 0 && bridged !== false;
  if (!wasHeard) return 'not_connected';
  const isTooShort = own.stage === 'agent' && (seconds ?? Number.POSITIVE_INFINITY) < plan.minAgentSeconds;
  return isTooShort ? 'too_short' : undefined;
}

/**
 * Whether the caller got nobody: the route came to the message, or the caller hung up before anybody answered. Not
 * after a conversation with the agent who asked for a transfer, and not with a voicemail.
 */
export function isMissedCall({ outcome }: Decision, { own, parameters }: Call): boolean {
  if (own.hasTalked) return false;
  if (outcome === 'message') return true;
  if (outcome !== 'caller_hung_up') return false;
  const { recorded, bridged, seconds = 0 } = parseLeg(parameters);
  if (recorded) return false;
  if (own.stage === 'voicemail') return true;
  return own.isConfirmed ? bridged !== true : !(bridged ?? seconds > 0);
}

/** What a person gets who has answered a phone with `confirm`; the digits are `undefined` before the first key. */
export function afterConfirm(digits: string | undefined): Decision {
  if (digits === undefined) return { outcome: 'confirm_asked' };
  return { outcome: digits === '1' ? 'confirmed' : 'not_confirmed' };
}

/** What the caller gets if the agent asks for a transfer. If it's refused, the caller stays with the agent. */
export function afterRefer(target: ReferTarget, own: OwnUrl, plan: Plan): Decision {
  const step = stepOf(own, plan.route);
  if (target.kind === 'refused') return { outcome: 'transfer_refused', step, reason: target.reason };
  if (target.kind === 'synthflow') return { outcome: 'transfer_sip', step, sipUri: target.sipUri };
  const { steps, transferTargets, visited } = plan;
  // Dialled as configured, so that nothing of the request reaches the phone network.
  const isTarget = (phone: Phone): boolean => phone.number === target.number;
  if (visited.some((number) => isSameNumber(number, target.number)))
    return { outcome: 'transfer_refused', step, reason: 'number_visited' };
  const phone = transferTargets.find(isTarget);
  if (phone === undefined) return { outcome: 'transfer_refused', step, reason: 'number_not_allowed' };
  // A transfer to a phone further on counts as its step, so that the phone doesn't ring a second time.
  const its = steps.findIndex((one, index) => index > step && one.kind === 'person' && one.phones.some(isTarget));
  return { outcome: 'transfer_number', step: Math.max(its, step), phone };
}

/** What the caller gets when a function failed: the route goes on after the last step that may have been tried. */
export function afterFailure(event: EventName, reason: Reason, { own, parameters }: Call, plan: Plan): Decision {
  const step = stepOf(own, plan.route);
  switch (event) {
    case 'inbound':
      return withoutAgent(nextFrom(0, reason, plan), plan);
    case 'transfer':
      return { outcome: 'transfer_refused', step, reason };
    case 'dial-result':
      // The message would ask for a recording that is there already.
      if (parseLeg(parameters).recorded) return { outcome: 'voicemail_left' };
      return withoutAgent(nextFrom(step + 1, reason, plan), plan);
    case 'confirm':
      // The person's leg ends, and the caller's route goes on.
      return { outcome: 'not_confirmed' };
    case 'voicemail':
      return { outcome: 'voicemail_undelivered', reason };
  }
}

/** The next step from this one on that can help. */
function nextFrom(from: number, reason: Reason | undefined, plan: Plan, skipped: readonly number[] = []): Next {
  const missedAgent = plan.route.slice(0, from).some(({ kind }) => kind === 'agent');
  const tried: Tried = { step: from, reason, missedAgent, ...(skipped.length > 0 && { skipped }) };
  const step = plan.steps[from];
  switch (step?.kind) {
    case undefined:
      return { outcome: 'message', ...tried };
    case 'agent':
      return { outcome: 'prepare', agent: step, tried };
    case 'person':
      return { outcome: 'person', ...tried, phones: step.phones };
    case 'voicemail':
      return { outcome: 'voicemail', ...tried };
    case 'word':
      return { outcome: 'word', ...tried, word: step.word };
    case 'unusable':
      return nextFrom(from + 1, reason ?? step.reason, plan, [...skipped, from]);
  }
}

/** The same for a call that no agent can take: the agents' steps are skipped, too. */
function withoutAgent(next: Next, plan: Plan): Decision {
  if (next.outcome !== 'prepare') return next;
  const { step, reason, skipped = [] } = next.tried;
  return withoutAgent(nextFrom(step + 1, reason, plan, [...skipped, step]), plan);
}

/** What the log line says of a decision besides its outcome. */
export function logFieldsOf(decision: Decision): Partial<LogLine> {
  switch (decision.outcome) {
    case 'agent':
    case 'agent_direct':
    case 'person':
    case 'voicemail':
    case 'word':
    case 'message':
      return {
        reason: decision.reason,
        step: decision.step,
        skipped: decision.skipped,
        missedAgent: decision.missedAgent ? true : undefined,
        omittedHeaders: decision.outcome === 'agent_direct' ? decision.omittedHeaders : undefined,
      };
    case 'transfer_number':
    case 'transfer_sip':
      return { step: decision.step };
    case 'transfer_refused':
      return { reason: decision.reason, step: decision.step };
    case 'voicemail_undelivered':
      return { reason: decision.reason };
    default:
      return {};
  }
}
