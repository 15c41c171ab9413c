import { type AgentStep, afterPreparing, type Decision, type Next } from './decision.private';
import type { LogLine } from './log.private';
import type { LookupResult, LookupSettings } from './lookup.private';
import type { Plan, PlannedAgent } from './plan.private';
import { wholeBudgetMs } from './settings.private';
import { type PrepareBody, prepare } from './synthflow/prepare.private';
import type { Call } from './twilio/call.private';
import type { Unhandled } from './unhandled.private';

/** A decision, and what the log says of how it was prepared. */
export interface Prepared {
  readonly decision: Decision;
  readonly logFields: Partial<LogLine>;
}

/** Prepares the call for each agent whose turn it is, until one is prepared or the route goes on with another step. */
export async function prepareAgents(first: AgentStep, call: Call, plan: Plan, unhandled: Unhandled): Promise<Prepared> {
  const start = performance.now();
  const { variables, ...lookup } = await variablesFor(first.agent.api.lookup, call, unhandled);
  let next: Next = first;
  let attempts = 0;
  let prepareMs = 0;
  let logFields: Partial<LogLine> = {};
  while (next.outcome === 'prepare') {
    const { api } = next.agent;
    const leftMs = wholeBudgetMs - (performance.now() - start);
    const report = await prepare({
      apiUrl: api.apiUrl,
      apiKey: api.apiKey,
      budgetMs: Math.min(api.budgetMs, leftMs),
      body: bodyFor(next.agent, call, variables),
      onSent: preload,
    });
    attempts += report.attempts;
    prepareMs += report.prepareMs;
    const { prepared, ...result } = report.result;
    logFields = { ...lookup, ...result, attempts, prepareMs };
    next = afterPreparing(next, report.result, plan, variables);
  }
  // The lookup gave its values, but something that it had started failed while Synthflow prepared the call.
  const hasFailedLater = unhandled.first() !== undefined && first.agent.api.lookup.customVariables !== undefined;
  if (hasFailedLater) logFields = { lookup: 'failed', ...logFields };
  return { decision: next, logFields };
}

async function variablesFor(settings: LookupSettings, call: Call, unhandled: Unhandled): Promise<LookupResult> {
  const { variables, customVariables } = settings;
  if (customVariables === undefined && Object.keys(variables).length === 0) return { variables: {} };
  // Loaded for the numbers that have variables, and for no others.
  const { lookUp } = await import('./lookup.private');
  return lookUp(settings, call, unhandled);
}

/** Loads the TwiML writer and `Twilio.Response` while Synthflow works; the runtime loads the latter on first use. */
function preload(): void {
  // What fails here fails again where it's needed, and is handled there.
  import('./twilio/twiml.private').then(() => Twilio.Response).catch(() => undefined);
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
