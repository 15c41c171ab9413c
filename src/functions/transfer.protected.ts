import { afterRefer } from '../assets/decision.private';
import { parseTarget } from '../assets/twilio/refer.private';
import { webhook } from '../assets/webhook.private';

/** The referUrl of every Dial to the agent: the agent hands the caller over with a SIP REFER. */
export const handler = webhook('transfer', ({ call: { own, parameters }, settings: { trunk }, plan }) => {
  // Twilio doesn't say whose leg the request's `CallStatus` is, and ignores our answer when the caller has gone.
  const target = parseTarget(parameters.ReferTransferTarget, trunk?.trunk);
  return { next: afterRefer(target, own, plan), logFields: { stage: 'agent' } };
});
