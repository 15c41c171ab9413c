import { afterLeg } from '../assets/ladder.private';
import { parseLeg, parseStage } from '../assets/twilio/leg.private';
import { webhook } from '../assets/webhook.private';

/** The action of every Dial and Record: what happens once a leg, or the recording, has ended. */
export const handler = webhook('dial-result', ({ call: { parameters }, settings: { ladder } }) => {
  const stage = parseStage(parameters);
  const leg = parseLeg(parameters);
  const { seconds, sipStatus } = leg;
  return { decision: afterLeg(stage, leg, ladder), logFields: { stage, seconds, sipStatus } };
});
