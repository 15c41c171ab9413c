import { afterRefer } from '../assets/ladder.private';
import { isCallerGone } from '../assets/twilio/leg.private';
import { parseTarget } from '../assets/twilio/refer.private';
import { webhook } from '../assets/webhook.private';

/** The referUrl of every Dial to the agent: the agent hands the caller over with a SIP REFER. */
export const handler = webhook('transfer', ({ call: { parameters }, settings: { trunk, ladder } }) => {
  const target = parseTarget(parameters.ReferTransferTarget, trunk?.trunk);
  return { decision: afterRefer(target, isCallerGone(parameters), ladder), logFields: { stage: 'agent' } };
});
