import { atStart } from '../assets/decision.private';
import { isRefused } from '../assets/twilio/address.private';
import { isCallerGone } from '../assets/twilio/leg.private';
import { webhook } from '../assets/webhook.private';

/** The voice webhook of a number: the first step of its route. An agent's call is prepared in the same round trip. */
export const handler = webhook('inbound', ({ call, settings: { refused }, plan }) => {
  if (isRefused(call.caller, refused)) return { next: { outcome: 'refused' } };
  if (isCallerGone(call.parameters)) return { next: { outcome: 'caller_hung_up' } };
  return { next: atStart(plan) };
});
