import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { types } from 'node:util';
import type { TwilioServerlessApiClient } from '@twilio-labs/serverless-api';
import type { Twilio } from 'twilio';
import { build, fallbackPath, functionPaths, readBuild } from '../build/build';
import { loadNumberTable } from '../build/number-table';
import { checkEnvFile } from '../check/check-env-file';
import { checkSettings } from '../check/check-settings';
import { defineCommand, deploymentOptions, progress, type Result, runCommand, suffixOf } from '../command';
import { type Environment, readEnvironment } from '../environment';
import { formatFindings, isOk } from '../finding';
import type { Shell } from '../shell';
import { alignColumns, messageOf } from '../text';
import { type Account, clientOf, requireAccount } from '../twilio/account';
import { findDeployment, listVariables, serviceName } from '../twilio/deployment';
import { explained } from '../twilio/service';
import { foreignVariables, staleVariables } from '../twilio/variables';

/** Milliseconds for one request of a deployment, the upload of a file included. */
const uploadTimeoutMs = 120_000;

/** Deploys `dist` with the toolkit's own client, which retries what Twilio refuses for a moment; returns the domain. */
async function deployDist(shell: Shell, account: Account, environment: Environment, suffix: string): Promise<string> {
  const api = await openApi(shell, account);
  const { getListOfFunctionsAndAssets } = await import('@twilio-labs/serverless-api/dist/utils');
  const names = { functionsFolderNames: ['functions'], assetsFolderNames: ['assets'] };
  const { functions, assets } = await getListOfFunctionsAndAssets(join(shell.project, 'dist'), names);
  api.on('status-update', ({ message }) => progress(shell, message.replace(/\.$/, '').toLowerCase()));
  // Twilio gives each function the account's own login.
  const { ACCOUNT_SID: _accountSid, AUTH_TOKEN: _authToken, ...env } = environment;
  const { domain } = await api.deployProject({
    username: account.username,
    password: account.password,
    serviceName,
    // A second deployment finds the service by its name, on any machine.
    overrideExistingService: true,
    functionsEnv: suffix,
    env,
    functions,
    assets,
    pkgJson: JSON.parse(readFileSync(join(shell.project, 'package.json'), 'utf8')),
    runtime: 'node22',
  });
  return domain;
}

async function openApi({ request }: Shell, { username, password }: Account): Promise<TwilioServerlessApiClient> {
  // Functions exist only in Twilio's region US1, and the client would follow these.
  delete process.env.TWILIO_REGION;
  delete process.env.TWILIO_EDGE;
  const { TwilioServerlessApiClient } = await import('@twilio-labs/serverless-api');
  const api = new TwilioServerlessApiClient({ username, password });
  // The client has no option for either.
  Object.assign(api, { client: api.getClient().extend({ timeout: uploadTimeoutMs, ...(request && { request }) }) });
  return api;
}

/** What went wrong while deploying, in one sentence. */
function describeFailure(error: unknown): string {
  const code = types.isNativeError(error) && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^(ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EPIPE)/.test(code)) {
    return 'the connection to Twilio broke: run it again; what was live before still answers';
  }
  return typeof code === 'number' ? `Twilio's error ${code}: ${messageOf(error)}` : messageOf(error);
}

/** Variables of the deployed environment that the settings don't have. */
interface Leftovers {
  /** The bridge's own, by name: they are removed. */
  readonly removed: readonly string[];
  /** All others: they stay. */
  readonly foreign: readonly string[];
}

/**
 * Removes the bridge's variables that are deployed but no longer set. The toolkit leaves them, so a transfer number
 * that was taken out of `.env` would still be dialled. They go before the deployment, which goes live without them.
 */
async function removeStaleVariables(client: Twilio, environment: Environment, suffix: string): Promise<Leftovers> {
  const deployment = await findDeployment(client, suffix);
  if (deployment === undefined) return { removed: [], foreign: [] };
  const deployed = await listVariables(client, deployment);
  const stale = staleVariables(deployed, environment);
  const live = client.serverless.v1.services(deployment.serviceSid).environments(deployment.environmentSid);
  for (const { sid } of stale) await live.variables(sid).remove();
  return { removed: stale.map(({ key }) => key), foreign: foreignVariables(deployed, environment) };
}

async function buildAndDeploy(shell: Shell, envFile: string, suffix: string, isJson: boolean): Promise<Result> {
  const environment = readEnvironment(shell, envFile);
  const dist = join(shell.project, 'dist');
  progress(shell, 'building');
  await build(shell.project, dist, environment);
  progress(shell, 'checking the settings');
  const numbers = await loadNumberTable(shell.project);
  const findings = [...checkEnvFile(shell, envFile), ...checkSettings(environment, numbers)];
  if (!isOk(findings)) {
    const text = `${formatFindings(findings)}\n\nNothing was deployed.`;
    return { text: isJson ? JSON.stringify({ ok: false, findings }) : text, exitStatus: 1 };
  }
  const account = requireAccount(environment, shell.env);
  const client = await clientOf(shell, account);
  const leftovers = await explained(removeStaleVariables(client, environment, suffix));
  const domain = await deployDist(shell, account, environment, suffix).catch((error: unknown) => {
    const already = leftovers.removed.length > 0 ? `\nAlready removed: ${leftovers.removed.join(', ')}` : '';
    throw new Error(`${describeFailure(error)}${already}`);
  });
  const routes = [...Object.values(functionPaths), fallbackPath].map((path) => `https://${domain}${path}`);
  const id = readBuild(dist);
  if (isJson) return { text: JSON.stringify({ ok: true, build: id, domain, routes, ...leftovers }), exitStatus: 0 };
  const rows = [
    ['Deployed', domain],
    ['Build', id],
    ...routes.map((route) => ['Route', route]),
    ...leftovers.removed.map((name) => ['Removed', `${name}, which is no longer set`]),
    ...leftovers.foreign.map((name) => ['Left', `${name}, which isn't the bridge's`]),
  ];
  const next = 'Next: npm run wire -- +1…  points a number at it, and npm run check looks at everything.';
  return { text: `${alignColumns(rows)}\n\n${next}`, exitStatus: 0 };
}

/** `npm run deploy` */
export const deploy = defineCommand({
  name: 'deploy',
  usage: '[options]',
  summary: 'Builds from clean, checks the settings, and deploys. You can run it again, on any machine.',
  options: deploymentOptions,
  notes: 'Exit status: 0 when the service is deployed, 1 otherwise.',
  failure: 'Nothing was deployed',
  run: (values, _positionals, shell) => buildAndDeploy(shell, values.env, suffixOf(values, shell), values.json),
});

if (require.main === module) void runCommand(deploy);
