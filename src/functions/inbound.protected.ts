import type { Call } from '../assets/call.private';
import type { LogLine } from '../assets/log.private';
import type { PrepareBody } from '../assets/prepare.private';
import type { AgentSettings } from '../assets/settings.private';
import type { Answer } from '../assets/webhook.private';

const { parseCall }: typeof import('../assets/call.private') = require(Runtime.getAssets()['/call.js'].path);
const { maskAddress }: typeof import('../assets/log.private') = require(Runtime.getAssets()['/log.js'].path);
const { prepare }: typeof import('../assets/prepare.private') = require(Runtime.getAssets()['/prepare.js'].path);
const { readSettings }: typeof import('../assets/settings.private') = require(Runtime.getAssets()['/settings.js'].path);
const { dialable, trunkUri }: typeof import('../assets/trunk.private') = require(Runtime.getAssets()['/trunk.js'].path);
const { webhook }: typeof import('../assets/webhook.private') = require(Runtime.getAssets()['/webhook.js'].path);

/** The voice webhook of a number: prepares the call at Synthflow and dials its trunk, in one round trip. */
export const handler = webhook('inbound', async (environment, parameters) => {
  // Loaded here, so that a mistake in a table that people edit costs the agent and not the whole answer.
  const { numbers }: typeof import('../assets/numbers.private') = require(Runtime.getAssets()['/numbers.js'].path);
  const call = parseCall(parameters);
  const { agent, fallback, problems } = readSettings(environment, numbers, call.to);
  const line = lineFor(call, problems);
  const number = agent?.dialNumber ?? dialable(call.to);
  const withoutAgent = (known: Partial<LogLine>): Answer => {
    const { sayMessage }: typeof import('../assets/twiml.private') = require(Runtime.getAssets()['/twiml.js'].path);
    return { twiml: sayMessage(fallback), line: { ...line, ...known } };
  };
  if (agent === undefined) return withoutAgent({ reason: 'misconfigured' });
  if (number === undefined) return withoutAgent({ reason: 'invalid_request' });

  const preparing = prepare({ ...agent, budgetMs: agent.prepareTimeoutMs, body: bodyFor(agent, call) });
  // Loaded while Synthflow works: the SDK's part is the slowest to load.
  const { dialAgent }: typeof import('../assets/twiml.private') = require(Runtime.getAssets()['/twiml.js'].path);
  const { verdict, attempts, prepareMs } = await preparing;
  const known = { attempts, prepareMs, httpStatus: verdict.httpStatus };
  if (!verdict.prepared) return withoutAgent({ ...known, reason: verdict.reason, requestId: verdict.requestId });
  const { synthflowCallId } = verdict;
  const sipUri = trunkUri(agent.trunk, number, { ...call, synthflowCallId });
  return { twiml: dialAgent(agent, sipUri), line: { ...line, ...known, outcome: 'agent', synthflowCallId } };
});

function lineFor(call: Call, problems: readonly string[]): LogLine {
  const { callSid } = call;
  const addresses = { from: maskAddress(call.from), to: maskAddress(call.to) };
  return { event: 'inbound', outcome: 'message', callSid, ...addresses, ...(problems.length > 0 && { problems }) };
}

function bodyFor(agent: AgentSettings, call: Call): PrepareBody {
  return {
    from_number: call.from,
    to_number: call.to,
    model_id: agent.modelId,
    ...(agent.workspaceId !== undefined && { workspace_id: agent.workspaceId }),
    custom_variables: agent.customVariables(call),
  };
}
