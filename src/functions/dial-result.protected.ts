const { decide }: typeof import('../assets/ladder.private') = require(Runtime.getAssets()['/ladder.js'].path);
const { parseLeg, parseStage }: typeof import('../assets/leg.private') = require(Runtime.getAssets()['/leg.js'].path);
const { webhook }: typeof import('../assets/webhook.private') = require(Runtime.getAssets()['/webhook.js'].path);

/** The action of every Dial and Record: what happens once a leg, or the recording, has ended. */
export const handler = webhook('dial-result', ({ call: { parameters }, settings: { ladder } }) => {
  const stage = parseStage(parameters);
  const leg = parseLeg(parameters);
  const { seconds, sipStatus } = leg;
  return { decision: decide({ stage, leg }, ladder), known: { stage, seconds, sipStatus } };
});
