import type { EventName, Reason } from './outcome.private';
import type { Plan, PlannedAgent } from './plan.private';
import { type Phone, type Place, phonesOf, placeOf } from './route.private';
import type { PrepareResult } from './synthflow/response.private';
import type { Destination } from './synthflow/trunk.private';
import { type VariableHeaders, writeVariableHeaders } from './synthflow/x-headers.private';
import type { Call } from './twilio/call.private';
import { type LegResult, parseLeg } from './twilio/leg.private';
import type { ReferTarget } from './twilio/refer.private';

/** What happens next, with everything that the TwiML needs. `step` is the place in the route, counted from 0. */
export type Decision =
  | (Tried & { readonly outcome: 'agent'; readonly destination: Destination; readonly synthflowCallId: string })
  | (Tried & VariableHeaders & { readonly outcome: 'agent_direct'; readonly destination: Destination })
  | (Tried & { readonly outcome: 'person'; readonly phones: readonly Phone[] })
  | (Tried & { readonly outcome: 'voicemail'; readonly isLast: boolean })
  | (Tried & { readonly outcome: 'message' })
  | { readonly outcome: 'transfer_number'; readonly step: number; readonly phone: Phone }
  | { readonly outcome: 'transfer_sip'; readonly step: number; readonly sipUri: string }
  | { readonly outcome: 'transfer_refused'; readonly step: number; readonly reason: Reason }
  | { readonly outcome: 'completed' | 'voicemail_left' | 'caller_hung_up' | 'refused' }
  | { readonly outcome: 'confirm_asked' | 'confirmed' | 'not_confirmed' | 'voicemail_delivered' }
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

/** What happens next, or what has to be done before that is decided. */
export type Next = Decision | AgentStep;

// A call goes through its route from left to right. A step that can't help is skipped, none is tried twice, and after
// the last one the message is said. Each function below answers one question: what does the caller get after …?

/** What the caller gets first. */
export function atStart(plan: Plan): Next {
  return goOn({ from: 0, reason: undefined, skipped: undefined }, plan);
}

/** What the caller gets once preparing has ended; `variables` are those that the agent is told. */
export function afterPreparing(
  { agent: { destination }, tried }: AgentStep,
  result: PrepareResult,
  plan: Plan,
  variables: Readonly<Record<string, string>>,
): Next {
  if (result.prepared) return { outcome: 'agent', ...tried, destination, synthflowCallId: result.synthflowCallId };
  const { reason } = result;
  const further = { from: tried.step + 1, reason, skipped: tried.skipped };
  // Synthflow takes no calls, or refused the key: neither its trunk nor another agent would help.
  if (reason === 'outage' || reason === 'unauthorized') return withoutAgent(further, plan);
  if (!plan.directDial) return goOn(further, plan);
  return { outcome: 'agent_direct', ...tried, reason, destination, ...writeVariableHeaders(variables) };
}

/** What the caller gets once a dialled leg, or the recording, has ended. */
export function afterLeg(place: Place, leg: LegResult, plan: Plan): Next {
  if (leg.callerGone) return { outcome: 'caller_hung_up' };
  if (leg.recorded) return { outcome: 'voicemail_left' };
  const reason = place.stage === 'voicemail' ? 'silence' : reasonOf(leg, place, plan);
  if (reason === undefined) return { outcome: 'completed' };
  return goOn({ from: place.step + 1, reason, skipped: undefined }, plan);
}

/** Why a leg was not a conversation; `undefined` when it was one. The status `completed` alone does not prove it. */
function reasonOf({ status, seconds, bridged }: LegResult, place: Place, plan: Plan): Reason | undefined {
  // Twilio doesn't document which status a leg has whose person pressed no key.
  if (isConfirmed(place, plan) && bridged !== true) return status === 'completed' ? 'not_confirmed' : status;
  if (status !== 'completed') return status;
  // Twilio leaves the duration out when the leg was redirected; then only `DialBridged` shows that somebody was heard.
  const wasHeard = seconds === undefined ? bridged === true : seconds > 0 && bridged !== false;
  if (!wasHeard) return 'not_connected';
  const isTooShort = place.stage === 'agent' && (seconds ?? Number.POSITIVE_INFINITY) < plan.minAgentSeconds;
  return isTooShort ? 'too_short' : undefined;
}

/** Whether a person had to press a key first. Which phone a transfer rang isn't known any more. */
function isConfirmed({ step, stage }: Place, { route, transferTargets }: Plan): boolean {
  const phones = stage === 'transfer' ? transferTargets : phonesOf(route.slice(step, step + 1));
  return phones.some(({ confirm }) => confirm);
}

/** What a person gets who has answered a phone with `confirm`; the digits are `undefined` until a key was asked for. */
export function afterConfirm(digits: string | undefined): Decision {
  if (digits === undefined) return { outcome: 'confirm_asked' };
  return { outcome: digits === '1' ? 'confirmed' : 'not_confirmed' };
}

/** What the caller gets when the agent of this step asks for a transfer. After a refused one, the caller stays with the agent. */
export function afterRefer(target: ReferTarget, step: number, plan: Plan): Decision {
  if (target.kind === 'refused') return { outcome: 'transfer_refused', step, reason: target.reason };
  if (target.kind === 'synthflow') return { outcome: 'transfer_sip', step, sipUri: target.sipUri };
  const { steps, transferTargets, visited } = plan;
  // Dialled as configured, so that nothing of the request reaches the phone network.
  const isTarget = (phone: Phone): boolean => phone.number === target.number;
  if (visited.includes(target.number)) return { outcome: 'transfer_refused', step, reason: 'number_visited' };
  const phone = transferTargets.find(isTarget);
  if (phone === undefined) return { outcome: 'transfer_refused', step, reason: 'number_not_allowed' };
  // A transfer to a phone further on counts as its step, so that it does not ring a second time.
  // Stryker disable next-line EqualityOperator: the step itself is an agent's.
  const own = steps.findIndex((one, index) => index > step && one.kind === 'person' && one.phones.some(isTarget));
  return { outcome: 'transfer_number', step: Math.max(own, step), phone };
}

/** What the caller gets when a function failed: the route goes on after the last step that may have been tried. */
export function afterFailure(event: EventName, reason: Reason, { parameters }: Call, plan: Plan): Decision {
  const { step } = placeOf(parameters, plan.route);
  switch (event) {
    case 'inbound':
      return withoutAgent({ from: 0, reason, skipped: undefined }, plan);
    case 'transfer':
      return { outcome: 'transfer_refused', step, reason };
    case 'dial-result':
      // The message would ask for a recording that is there already.
      if (parseLeg(parameters).recorded) return { outcome: 'voicemail_left' };
      return withoutAgent({ from: step + 1, reason, skipped: undefined }, plan);
    case 'confirm':
      // The person's leg ends, and the caller's route goes on.
      return { outcome: 'not_confirmed' };
    case 'voicemail':
      return { outcome: 'voicemail_undelivered', reason };
  }
}

/** From which step a call goes on, and why. */
interface Onward {
  readonly from: number;
  readonly reason: Reason | undefined;
  /** Steps that were skipped before. */
  readonly skipped: readonly number[] | undefined;
}

/** The next step that can help. */
function goOn(onward: Onward, plan: Plan): Next {
  const step = plan.steps[onward.from];
  if (step?.kind === 'agent') return { outcome: 'prepare', agent: step, tried: triedAt(onward, plan) };
  return decisionAt(onward, plan) ?? goOn(past(onward, plan), plan);
}

/** The next step that can help and isn't an agent's. */
function withoutAgent(onward: Onward, plan: Plan): Decision {
  return decisionAt(onward, plan) ?? withoutAgent(past(onward, plan), plan);
}

/** What the caller gets at this step; `undefined` when it has to be skipped. */
function decisionAt(onward: Onward, plan: Plan): Decision | undefined {
  const tried = triedAt(onward, plan);
  const step = plan.steps[onward.from];
  if (step === undefined) return { outcome: 'message', ...tried };
  if (step.kind === 'person') return { outcome: 'person', ...tried, phones: step.phones };
  if (step.kind !== 'voicemail') return undefined;
  return { outcome: 'voicemail', ...tried, isLast: onward.from === plan.steps.length - 1 };
}

function triedAt({ from, reason, skipped }: Onward, { route }: Plan): Tried {
  const missedAgent = route.slice(0, from).some(({ kind }) => kind === 'agent');
  return { step: from, reason, missedAgent, ...(skipped && { skipped }) };
}

function past({ from, reason, skipped }: Onward, { steps }: Plan): Onward {
  const step = steps[from];
  // Stryker disable next-line ConditionalExpression,OptionalChaining: no other step has a reason, and behind the last none is passed.
  const own = step?.kind === 'unusable' ? step.reason : undefined;
  return { from: from + 1, reason: reason ?? own, skipped: [...(skipped ?? []), from] };
}
