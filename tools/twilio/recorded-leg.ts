import type { Twilio } from 'twilio';
import { warmTransferPrefix } from '../../src/assets/twilio/refer.private';
import type { Mask } from '../text';

/** One leg of a call as Twilio recorded it; its times are whole seconds. */
export interface Leg {
  readonly sid: string;
  /** The leg of the caller; `undefined` for that leg itself. */
  readonly parentSid: string | undefined;
  readonly direction: string;
  readonly status: string;
  readonly from: string;
  readonly to: string;
  /** Whether it joins the caller to the target of a warm transfer. */
  readonly isJoining: boolean;
  readonly start: Date;
  /** `undefined` unless answered, which only `completed` says (twilio.com/docs/voice/api/call-resource). */
  readonly answered: Date | undefined;
  /** `undefined` as long as it goes on. */
  readonly end: Date | undefined;
}

/** Whether a leg goes to Synthflow's trunk, and not to a phone. */
export const isSip = ({ to }: Pick<Leg, 'to'>): boolean => /^sips?:/.test(to);

type CallResource = Pick<
  Awaited<ReturnType<Twilio['calls']['list']>>[number],
  'sid' | 'parentCallSid' | 'direction' | 'from' | 'to' | 'dateCreated' | 'startTime' | 'endTime' | 'duration'
> & { readonly status: string };

/** Reads a call of Twilio's list. */
export function legOf(call: CallResource, mask: Mask): Leg {
  const { sid, parentCallSid, direction, status, dateCreated, startTime, endTime, duration } = call;
  const isOver = !['queued', 'ringing', 'in-progress'].includes(status);
  const ended = endTime ?? dateCreated;
  const since = status === 'in-progress' ? (startTime ?? dateCreated) : undefined;
  return {
    sid,
    parentSid: parentCallSid || undefined,
    direction,
    status,
    from: mask(call.from),
    to: mask(call.to),
    isJoining: call.to.startsWith(`sip:${warmTransferPrefix}`),
    start: dateCreated,
    answered: status === 'completed' ? new Date(ended.getTime() - Number(duration ?? 0) * 1000) : since,
    end: isOver ? ended : undefined,
  };
}

/** The last leg of a call that went to the agent. */
export const agentLegOf = (legs: readonly Leg[], callSid: string): Leg | undefined =>
  legs.findLast((leg) => leg.parentSid === callSid && isSip(leg) && !leg.isJoining);

/** Whole seconds from one time to another; `undefined` unless both are known. */
export const secondsBetween = (from: Date | undefined, to: Date | undefined): number | undefined =>
  from && to && Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));

/** Milliseconds after a test call was placed in which its inbound call begins. */
const testWindowMs = 10_000;

/** Whether the account itself placed a call, as `npm run probe` does: an API call had the same parties just before. */
export const isTestCall = (call: Leg, all: readonly Leg[]): boolean =>
  all.some((one) => {
    const after = call.start.getTime() - one.start.getTime();
    const isSame = one.from === call.from && one.to === call.to;
    return one.direction === 'outbound-api' && isSame && after >= 0 && after <= testWindowMs;
  });
