import { afterConfirm } from '../assets/decision.private';
import { webhook } from '../assets/webhook.private';

/** Runs on the leg of a person whose phone has `confirm`: first for what to say, then with the key that was pressed. */
export const handler = webhook('confirm', ({ call: { parameters, parentCallSid } }) => {
  // The line is one of the caller's call, which is the parent of the person's leg.
  return { next: afterConfirm(parameters.Digits), logFields: { callSid: parentCallSid } };
});
