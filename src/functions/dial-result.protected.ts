import { afterLeg } from '../assets/decision.private';
import { parseLeg } from '../assets/twilio/leg.private';
import { endedLeg } from '../assets/twilio/own-url.private';
import { webhook } from '../assets/webhook.private';

/** The action of every Dial and Record: what happens once a leg, or the recording, has ended. */
export const handler = webhook('dial-result', ({ call: { own, parameters }, plan }) => {
  const leg = parseLeg(parameters);
  const { seconds, sipStatus } = leg;
  return {
    next: afterLeg(own, leg, plan),
    logFields: { stage: endedLeg(own), seconds, sipStatus },
  };
});
