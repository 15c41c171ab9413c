import { type AgentStep, afterPreparing, type Decision, type Next } from './decision.private';
import type { LogLine } from './log.private';
import type { LookupResult, LookupSettings } from './lookup.private';
import type { Plan, PlannedAgent } from './plan.private';
import { wholeBudgetMs } from './settings.private';
import { type PrepareBody, prepare } from './synthflow/prepare.private';
import type { Call } from './twilio/call.private';

/** Prepares the call for each agent whose turn it is, until one is prepared or the route goes on with another step. */
export async function prepareAgents(first: AgentStep, call: Call, plan: Plan): Promise<[Decision, Partial<LogLine>]> {
  const start = performance.now();
  let next: Next = first;
  let attempts = 0;
  let prepareMs = 0;
  let found: LookupResult | undefined;
  let logFields = {};
  while (next.outcome === 'prepare') {
    const { api } = next.agent;
    found ??= await variablesFor(api.lookup, call);
    const { variables, ...lookup } = found;
    const leftMs = wholeBudgetMs - (performance.now() - start);
    const { result, ...report } = await prepare({
      ...api,
      budgetMs: Math.min(api.budgetMs, leftMs),
      body: bodyFor(next.agent, call, variables),
      whileSynthflowWorks: loadTwiml,
    });
    const { prepared, ...fields } = result;
    attempts += report.attempts;
    prepareMs += report.prepareMs;
    logFields = { ...lookup, ...fields, attempts, prepareMs };
    next = afterPreparing(next, result, plan, variables);
  }
  return [next, logFields];
}

async function variablesFor(settings: LookupSettings, call: Call): Promise<LookupResult> {
  const { variables, customVariables } = settings;
  // Stryker disable next-line ConditionalExpression: a lookup of nothing gives the same, and only has to be loaded.
  if (customVariables === undefined && Object.keys(variables).length === 0) return { variables: {} };
  // Loaded for the numbers that have variables, and for no others.
  const { lookUp } = await import('./lookup.private');
  return lookUp(settings, call);
}

/** Preloads the TwiML writer and `Twilio.Response`, which the runtime loads when it is read for the first time. */
async function loadTwiml(): Promise<void> {
  await import('./twilio/twiml.private');
  void Twilio.Response;
}

function bodyFor({ api, modelId }: PlannedAgent, call: Call, variables: LookupResult['variables']): PrepareBody {
  return {
    from_number: call.caller.kind === 'number' ? call.caller.number : call.from,
    to_number: call.called.kind === 'number' ? call.called.number : call.to,
    model_id: modelId,
    workspace_id: api.workspaceId,
    custom_variables: variables,
  };
}
