import { afterLeg } from '../assets/decision.private';
import { placeOf } from '../assets/route.private';
import { parseLeg } from '../assets/twilio/leg.private';
import { type Reply, webhook } from '../assets/webhook.private';

/** The action of every Dial and Record: what happens once a leg, or the recording, has ended. */
export const handler = webhook('dial-result', async ({ call, plan }) => {
  const place = placeOf(call.parameters, plan.route);
  const leg = parseLeg(call.parameters);
  const next = afterLeg(place, leg, plan);
  let reply: Reply;
  if (next.outcome === 'prepare') {
    // Loaded here, since it loads axios, and most legs end without another agent's turn.
    const { prepareAgents } = await import('../assets/agent.private');
    reply = await prepareAgents(next, call, plan);
  } else {
    reply = { decision: next };
  }
  const { seconds, sipStatus } = leg;
  return { decision: reply.decision, logFields: { ...reply.logFields, stage: place.stage, seconds, sipStatus } };
});
