import { afterRefer } from '../assets/decision.private';
import { placeOf } from '../assets/route.private';
import { parseTarget } from '../assets/twilio/refer.private';
import { webhook } from '../assets/webhook.private';

/** The referUrl of every Dial to the agent: the agent hands the caller over with a SIP REFER. */
export const handler = webhook('transfer', ({ call, settings: { trunk }, plan }) => {
  // Twilio doesn't say whose leg the request's `CallStatus` is, and ignores our answer when the caller has gone.
  const target = parseTarget(call.parameters.ReferTransferTarget, trunk?.trunk);
  const { step } = placeOf(call.own, plan.route);
  return { next: afterRefer(target, step, plan), logFields: { stage: 'agent' } };
});
