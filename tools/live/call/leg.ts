import type { Twilio } from 'twilio';
import { warmTransferPrefix } from '../../../src/assets/twilio/refer.private';

/** One leg of a call as Twilio recorded it; its times are whole seconds. */
export type Leg = ReturnType<typeof legOf>;

/** Whether a leg goes to Synthflow's trunk, and not to a phone. */
export const isSip = ({ to }: Pick<Leg, 'to'>): boolean => /^sips?:/.test(to);

/** How phone numbers are shown. */
export type Mask = (text: string) => string;

/** Leaves four digits of each phone number in a text; ids have letters or dashes around their digits. */
export const maskNumbers: Mask = (text) =>
  text
    // As people write them: +1 (555) 010-0142, (555) 010-0142 or 555-010-0142.
    .replace(/(?<![A-Za-z0-9-])(?:\+\d[\d ().-]{3,14}|\(?\d{3}[) .-]{1,2}\d{3}[ .-])(\d{4})(?![\w-])/g, '…$1')
    .replace(/(?<![A-Za-z0-9-])(?:\+|%2B)?\d{3,11}(\d{4})(?![\w-])/g, '…$1');

/** Shows phone numbers whole for whoever asks for it, and masks them otherwise. */
export const maskUnless = (isAskedFor: boolean): Mask => (isAskedFor ? (text) => text : maskNumbers);

type CallResource = Pick<
  Awaited<ReturnType<Twilio['calls']['list']>>[number],
  'sid' | 'parentCallSid' | 'direction' | 'from' | 'to' | 'dateCreated' | 'startTime' | 'endTime' | 'duration'
> & { readonly status: string };

/** Reads a call of Twilio's list. */
export function legOf(call: CallResource, mask: Mask) {
  const { sid, parentCallSid, direction, status, dateCreated, startTime, endTime, duration } = call;
  const isOver = !['queued', 'ringing', 'in-progress'].includes(status);
  const ended = endTime ?? dateCreated;
  const since = status === 'in-progress' ? (startTime ?? dateCreated) : undefined;
  return {
    ...{ sid, direction, status, start: dateCreated },
    /** `undefined` as long as it goes on. */
    end: isOver ? ended : undefined,
    /** The leg of the caller; `undefined` for that leg itself. */
    parentSid: parentCallSid || undefined,
    from: mask(call.from),
    to: mask(call.to),
    /** Whether it joins the caller to the target of a warm transfer. */
    isJoining: call.to.startsWith(`sip:${warmTransferPrefix}`),
    /** `undefined` unless answered; of final statuses, `completed` alone (twilio.com/docs/voice/api/call-resource). */
    answered: status === 'completed' ? new Date(ended.getTime() - Number(duration ?? 0) * 1000) : since,
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

/** Whether the account itself placed a call, as `npm run call -- --live` does: a call of its API had the same parties just before. */
export const isTestCall = (call: Leg, all: readonly Leg[]): boolean =>
  all.some((one) => {
    const after = call.start.getTime() - one.start.getTime();
    const isSame = one.from === call.from && one.to === call.to;
    return one.direction === 'outbound-api' && isSame && after >= 0 && after <= testWindowMs;
  });
