const { decide }: typeof import('../assets/ladder.private') = require(Runtime.getAssets()['/ladder.js'].path);
const { isCallerGone }: typeof import('../assets/leg.private') = require(Runtime.getAssets()['/leg.js'].path);
const { parseTarget }: typeof import('../assets/target.private') = require(Runtime.getAssets()['/target.js'].path);
const { webhook }: typeof import('../assets/webhook.private') = require(Runtime.getAssets()['/webhook.js'].path);

/** The referUrl of every Dial to the agent: the agent hands the caller over with a SIP REFER. */
export const handler = webhook('transfer', ({ call: { parameters }, settings: { trunk, ladder } }) => {
  const target = parseTarget(parameters.ReferTransferTarget, trunk?.trunk);
  const callerGone = isCallerGone(parameters);
  return { decision: decide({ target, callerGone }, ladder), known: { stage: 'agent' } };
});
