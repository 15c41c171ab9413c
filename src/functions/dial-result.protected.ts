import { afterLeg } from '../assets/decision.private';
import { placeOf } from '../assets/route.private';
import { parseLeg } from '../assets/twilio/leg.private';
import { webhook } from '../assets/webhook.private';

/** The action of every Dial and Record: what happens once a leg, or the recording, has ended. */
export const handler = webhook('dial-result', ({ call, plan }) => {
  const place = placeOf(call.own, plan.route);
  const leg = parseLeg(call.parameters);
  const { seconds, sipStatus } = leg;
  return { next: afterLeg(place, leg, plan), logFields: { stage: place.stage, seconds, sipStatus } };
});
