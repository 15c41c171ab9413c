import type { Twilio } from 'twilio';
import type { Environment } from '../environment';
import { type Deployment, listVariables } from '../twilio/deployment';
import { foreignVariables, staleVariables } from '../twilio/variables';

/** Variables of the deployed environment that the settings don't have. */
export interface Leftovers {
  /** The bridge's own, by name: they are removed. */
  readonly removed: readonly string[];
  /** All others: they stay. */
  readonly foreign: readonly string[];
}

/**
 * Removes the bridge's variables that are deployed but no longer set. The toolkit leaves them, so a transfer number
 * that was taken out of `.env` would still be dialled. They go once the new build is live: what was live before keeps
 * them, should anything fail.
 */
export async function removeStaleVariables(
  client: Twilio,
  deployed: Deployment,
  environment: Environment,
): Promise<Leftovers & { readonly differing: readonly string[] }> {
  const variables = await listVariables(client, deployed);
  const stale = staleVariables(variables, environment);
  const differing = variables.filter(({ key, value }) => (environment[key] ?? value) !== value);
  const live = client.serverless.v1.services(deployed.serviceSid).environments(deployed.environmentSid);
  for (const { sid } of stale) await live.variables(sid).remove();
  return {
    removed: stale.map(({ key }) => key),
    foreign: foreignVariables(variables, environment),
    differing: differing.map(({ key }) => key),
  };
}

/** Variables of a deployed environment, by name. */
export type VariableValues = ReadonlyMap<string, string>;

export async function readVariables(client: Twilio, deployed: Deployment): Promise<VariableValues> {
  const variables = await listVariables(client, deployed);
  return new Map(variables.map(({ key, value }) => [key, value]));
}

/**
 * Puts back what this deployment has set, since a variable counts at once, also for the code of before
 * (twilio.com/docs/serverless/functions-assets/functions/variables). What another deployment has set meanwhile stays.
 */
export async function restoreVariables(
  client: Twilio,
  deployed: Deployment,
  before: VariableValues,
  environment: Environment,
): Promise<void> {
  const live = client.serverless.v1.services(deployed.serviceSid).environments(deployed.environmentSid);
  for (const { sid, key, value } of await listVariables(client, deployed)) {
    const was = before.get(key);
    if (value === was || value !== environment[key]) continue;
    if (was === undefined) await live.variables(sid).remove();
    else await live.variables(sid).update({ value: was });
  }
}
