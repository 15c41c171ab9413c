import type { Twilio } from 'twilio';
import { buildTemporarily, fallbackPath, functionPaths, readBuild } from '../build/build';
import { checkEnvFile } from '../check/check-env-file';
import { checkSettings } from '../check/check-settings';
import {
  askToGoOn,
  defineCommand,
  deploymentOptions,
  type EnvironmentOptions,
  flag,
  progress,
  runCommand,
  screenOf,
  suffixOf,
} from '../command';
import { type Environment, readEnvironment } from '../environment';
import { type Finding, formatFindings, isOk } from '../finding';
import type { Shell } from '../shell';
import { alignColumns } from '../text';
import { clientOf, requireAccount } from '../twilio/account';
import { type Deployment, findDeployment, listVariables, readLiveBuild, serviceNameOf } from '../twilio/deployment';
import { explained } from '../twilio/service';
import { foreignVariables, staleVariables } from '../twilio/variables';
import { pointsAt } from '../twilio/wiring';
import { isOwnService, rememberService } from './own-services';
import { type Upload, upload } from './upload';

/** Variables of the deployed environment that the settings don't have. */
interface Leftovers {
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
async function removeStaleVariables(
  client: Twilio,
  deployed: Deployment,
  environment: Environment,
): Promise<Leftovers> {
  const variables = await listVariables(client, deployed);
  const stale = staleVariables(variables, environment);
  const live = client.serverless.v1.services(deployed.serviceSid).environments(deployed.environmentSid);
  for (const { sid } of stale) await live.variables(sid).remove();
  return { removed: stale.map(({ key }) => key), foreign: foreignVariables(variables, environment) };
}

/** Shows a deployment that this checkout hasn't made; throws unless somebody wants it replaced. */
async function askToReplace(shell: Shell, client: Twilio, serviceName: string, deployed: Deployment): Promise<void> {
  const variables = await explained(listVariables(client, deployed));
  const numbers = await explained(client.incomingPhoneNumbers.list({ pageSize: 1000 }));
  const wired = numbers.filter((number) => pointsAt(number, [deployed.domain]));
  const agent = variables.find(({ key }) => key === 'SYNTHFLOW_MODEL_ID')?.value;
  const rows = [
    ['Service', serviceName],
    ['Domain', deployed.domain],
    ['Agent', agent ?? 'none'],
    ['Numbers', wired.map(({ phoneNumber }) => phoneNumber).join(', ') || 'none'],
  ];
  shell.stderr.write(
    `This checkout hasn't made what is deployed there, and would replace it:\n${alignColumns(rows)}\n`,
  );
  const isWanted = await askToGoOn(shell);
  if (isWanted === undefined) throw new Error('give --yes to replace it without a terminal');
  if (!isWanted) throw new Error('what is deployed there stays');
}

/** A deployment with the id of the build that its functions name. */
interface Live {
  readonly deployment: Deployment;
  readonly build: string | undefined;
}

async function readLive(client: Twilio, serviceName: string, suffix: string): Promise<Live | undefined> {
  const deployment = await findDeployment(client, serviceName, suffix);
  return deployment && { deployment, build: await readLiveBuild(client, deployment) };
}

/** What the command says of a deployment. */
interface Report extends Leftovers {
  readonly ok: boolean;
  readonly build: string;
  /** `undefined` where it isn't known what is live. */
  readonly domain?: string;
  readonly routes: readonly string[];
  /** What is wrong although something may be deployed. */
  readonly error?: string;
}

const nothingRemoved: Leftovers = { removed: [], foreign: [] };

async function buildAndDeploy(shell: Shell, values: DeployOptions): Promise<Report | readonly Finding[]> {
  const suffix = suffixOf(values, shell);
  const serviceName = serviceNameOf(shell);
  const environment = readEnvironment(shell, values.env);
  progress(shell, 'building');
  const { dist, numbers } = await buildTemporarily(shell.project, environment);
  progress(shell, 'checking the settings');
  const findings = [...checkEnvFile(shell, values.env), ...checkSettings(environment, numbers, shell.clock.now())];
  if (!isOk(findings)) return findings;
  const account = requireAccount(environment, shell.env);
  const client = await clientOf(shell, account);
  const before = await explained(findDeployment(client, serviceName, suffix));
  const isOthers = before?.buildSid !== undefined && !isOwnService(shell, before.serviceSid);
  if (isOthers && !values.yes) await askToReplace(shell, client, serviceName, before);

  const what: Upload = { account, dist, environment, serviceName, suffix };
  const failure = await upload(shell, what).then(
    () => undefined,
    (error: Error) => error,
  );
  // Another deployment may run beside this one, and Twilio's last answer may be lost: only a look says what is live.
  progress(shell, 'reading back what is live');
  const build = readBuild(dist);
  const unsure = { ok: false, build, routes: [], ...nothingRemoved };
  const live = await explained(readLive(client, serviceName, suffix)).catch((error: Error) => error);
  if (live instanceof Error) {
    const known = failure === undefined ? 'It was deployed' : `${failure.message}. It may be deployed all the same`;
    return { ...unsure, error: `${known}, but what is live could not be read (${live.message}): run it again` };
  }
  // The same code may have been live before, with the settings of then.
  const isLive = live?.build === build && (failure === undefined || live.deployment.buildSid !== before?.buildSid);
  if (live === undefined || !isLive) {
    if (failure !== undefined) throw failure;
    return { ...unsure, error: `another deployment (build ${live?.build ?? 'none'}) replaced this one` };
  }
  const { domain, serviceSid, buildSid = '' } = live.deployment;
  rememberService(shell, account, serviceSid, buildSid);
  const routes = [...Object.values(functionPaths), fallbackPath].map((path) => `https://${domain}${path}`);
  const leftovers = await explained(removeStaleVariables(client, live.deployment, environment)).catch(
    (error: Error) => error,
  );
  if (!(leftovers instanceof Error)) return { ok: true, build, domain, routes, ...leftovers };
  const error = `It is deployed, but variables that are no longer set may still be there (${leftovers.message}): run it again`;
  return { ...unsure, domain, routes, error };
}

function textOf({ build, domain = '', routes, removed, foreign, error }: Report): string {
  if (error !== undefined) return `Build ${build}: ${error}.`;
  const rows = [
    ['Deployed', domain],
    ['Build', build],
    ...routes.map((route) => ['Route', route]),
    ...removed.map((name) => ['Removed', `${name}, which is no longer set`]),
    ...foreign.map((name) => ['Left', `${name}, which isn't the bridge's`]),
  ];
  const next = 'Next: npm run wire -- +1…  points a number at it, and npm run check looks at everything.';
  return `${alignColumns(rows)}\n\n${next}`;
}

/** What `npm run deploy` takes. */
interface DeployOptions extends EnvironmentOptions {
  readonly env: string;
  readonly json: boolean;
  readonly yes: boolean;
}

/** `npm run deploy` */
export const deploy = defineCommand({
  name: 'deploy',
  usage: '[options]',
  summary:
    "Builds from clean, checks the settings, and deploys under the serviceName of .twilioserverlessrc. Asks before it replaces what this checkout hasn't deployed. You can run it again, on any machine.",
  options: {
    yes: flag('replace what another checkout has deployed, without asking'),
    ...deploymentOptions,
  },
  notes: ['Exit status: 0 when the service is deployed, 1 otherwise.'],
  failure: 'Nothing was deployed',
  run: async (values, _positionals, shell) => {
    const done = await buildAndDeploy(shell, values);
    if ('build' in done) {
      return { text: values.json ? JSON.stringify(done) : textOf(done), exitStatus: done.ok ? 0 : 1 };
    }
    const text = `${formatFindings(done, screenOf(shell).width)}\n\nNothing was deployed.`;
    return { text: values.json ? JSON.stringify({ ok: false, findings: done }) : text, exitStatus: 1 };
  },
});

if (require.main === module) void runCommand(deploy);
