import type { Twilio } from 'twilio';
import { buildTemporarily, fallbackPath, functionPaths, readBuild } from '../build/build';
import { checkEnvFile } from '../check/check-env-file';
import { checkSettings } from '../check/check-settings';
import {
  askToGoOn,
  type CommandLine,
  commandLineFor,
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
import { type Account, clientOf, requireAccount } from '../twilio/account';
import { type Deployment, findDeployment, listVariables, readLiveBuild, serviceNameOf } from '../twilio/deployment';
import { explained } from '../twilio/service';
import { pointsAt } from '../twilio/wiring';
import {
  type Leftovers,
  readVariables,
  removeStaleVariables,
  restoreVariables,
  type VariableValues,
} from './live-variables';
import { isOwnDeployment, rememberDeployment } from './own-services';
import { type Upload, upload } from './upload';

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

/** A deployment under way: what is to be live, and what was there before. */
interface Attempt {
  readonly shell: Shell;
  readonly client: Twilio;
  readonly account: Account;
  readonly build: string;
  readonly environment: Environment;
  /** `undefined` where nothing was deployed. */
  readonly before: Deployment | undefined;
  readonly variablesBefore: VariableValues | undefined;
}

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
  const isOthers = before?.buildSid !== undefined && !isOwnDeployment(shell, account, before);
  if (isOthers && !values.yes) await askToReplace(shell, client, serviceName, before);

  const variablesBefore = before && (await explained(readVariables(client, before)));
  const build = readBuild(dist);
  const attempt: Attempt = { shell, client, account, build, environment, before, variablesBefore };
  let isMixed = false;
  shell.atEnd(async () => {
    if (isMixed)
      throw new Error('It may go live all the same, or its settings may count for the code of before: run it again');
  });
  const onVariables = (): void => {
    isMixed = before !== undefined;
  };
  try {
    return await finish(attempt, { account, dist, environment, serviceName, suffix, onVariables });
  } finally {
    isMixed = false;
  }
}

/** Uploads, and sees to it that what is live is this build or, as it was, what was live before. */
async function finish(attempt: Attempt, what: Upload): Promise<Report> {
  const { shell, client, build } = attempt;
  const uploaded = await upload(shell, what).catch((error: Error) => error);
  // Another deployment may run beside this one, and Twilio's last answer may be lost: only a look says what is live.
  progress(shell, 'reading back what is live');
  const live = await explained(readLive(client, what.serviceName, what.suffix)).catch((error: Error) => error);
  if (live instanceof Error) {
    const isUnsure = uploaded instanceof Error;
    const known = isUnsure ? `${uploaded.message}. It may be deployed all the same` : 'It was deployed';
    return failureOf(build, `${known}, but what is live could not be read (${live.message}): run it again`);
  }
  if (live !== undefined && isLive(live, uploaded, attempt)) return settle(attempt, live.deployment);
  if (uploaded instanceof Error) return giveUp(attempt, uploaded);
  return failureOf(build, `another deployment (build ${live?.build ?? 'none'}) replaced this one`);
}

const failureOf = (build: string, error: string): Report => ({
  ok: false,
  build,
  routes: [],
  removed: [],
  foreign: [],
  error,
});

/** Whether what is live is what was uploaded; `uploaded` is the SID of its build, or why that isn't known. */
function isLive({ deployment, build }: Live, uploaded: string | Error, attempt: Attempt): boolean {
  if (!(uploaded instanceof Error)) return deployment.buildSid === uploaded;
  // Only another build than before may be this one: the same code may have been live with other settings.
  return build === attempt.build && deployment.buildSid !== attempt.before?.buildSid;
}

/** Leaves what was live before as it was; throws why this deployment isn't. */
async function giveUp(attempt: Attempt, failure: Error): Promise<Report> {
  const { shell, client, build, environment, before, variablesBefore } = attempt;
  if (before === undefined || variablesBefore === undefined) throw failure;
  progress(shell, 'putting the variables back');
  const left = await explained(restoreVariables(client, before, variablesBefore, environment)).catch(
    (error: Error) => error,
  );
  if (!(left instanceof Error)) throw failure;
  const mixed = 'The code that was live still is, but some of these settings may count for it';
  return failureOf(build, `${failure.message}. ${mixed} (${left.message}): run it again`);
}

/** Finishes what is live: remembers it, and removes variables that are no longer set. */
async function settle(attempt: Attempt, deployment: Deployment): Promise<Report> {
  const { shell, client, account, build, environment } = attempt;
  const { domain } = deployment;
  rememberDeployment(shell, account, deployment);
  const routes = [...Object.values(functionPaths), fallbackPath].map((path) => `https://${domain}${path}`);
  const leftovers = await explained(removeStaleVariables(client, deployment, environment)).catch(
    (error: Error) => error,
  );
  if (leftovers instanceof Error) {
    const error = `It is deployed, but variables that are no longer set may still be there (${leftovers.message}): run it again`;
    return { ...failureOf(build, error), domain, routes };
  }
  const { removed, foreign, differing } = leftovers;
  if (differing.length === 0) return { ok: true, build, domain, routes, removed, foreign };
  const error = `It is deployed, but another deployment has set ${differing.join(', ')} meanwhile: run one of them again`;
  return { ...failureOf(build, error), domain, routes, removed, foreign };
}

function textOf({ build, domain = '', routes, removed, foreign, error }: Report, command: CommandLine): string {
  if (error !== undefined) return `Build ${build}: ${error}.`;
  const rows = [
    ['Deployed', domain],
    ['Build', build],
    ...routes.map((route) => ['Route', route]),
    ...removed.map((name) => ['Removed', `${name}, which is no longer set`]),
    ...foreign.map((name) => ['Left', `${name}, which isn't the bridge's`]),
  ];
  const next = `Next: ${command('wire', '+1…')} points a number at it, and ${command('check')} looks at everything.`;
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
      return {
        text: values.json ? JSON.stringify(done) : textOf(done, commandLineFor(values)),
        exitStatus: done.ok ? 0 : 1,
      };
    }
    const text = `${formatFindings(done, screenOf(shell).width)}\n\nNothing was deployed.`;
    return { text: values.json ? JSON.stringify({ ok: false, findings: done }) : text, exitStatus: 1 };
  },
});

if (require.main === module) void runCommand(deploy);
