import { afterConfirm } from '../assets/decision.private';
import { webhook } from '../assets/webhook.private';

/** Asked on the leg of a person whose phone has `confirm`: first for what to say, then with the key that was pressed. */
export const handler = webhook('confirm', ({ call: { parameters } }) => ({
  next: afterConfirm(parameters.Digits),
  // The request is about the person's leg; the caller's is its parent.
  logFields: { callSid: parameters.ParentCallSid },
}));
