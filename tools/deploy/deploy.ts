import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { types } from 'node:util';
import type { DeployResult, TwilioServerlessApiClient } from '@twilio-labs/serverless-api';
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
  type Result,
  runCommand,
  suffixOf,
} from '../command';
import { type Environment, readEnvironment } from '../environment';
import { formatFindings, isOk } from '../finding';
import type { Shell } from '../shell';
import { alignColumns, messageOf, oneLine } from '../text';
import { type Account, clientOf, describeTwilioError, requireAccount } from '../twilio/account';
import { type Deployment, findDeployment, listVariables, readLiveBuild, serviceNameOf } from '../twilio/deployment';
import { explained } from '../twilio/service';
import { foreignVariables, staleVariables } from '../twilio/variables';
import { pointsAt } from '../twilio/wiring';
import { isOwnService, rememberService } from './own-services';

/** Milliseconds for one request of a deployment, the upload of a file included. */
const uploadTimeoutMs = 120_000;

/** What is deployed, and where. */
interface Upload {
  readonly account: Account;
  /** The folder with the build. */
  readonly dist: string;
  readonly environment: Environment;
  readonly suffix: string;
}

/** Deploys a build with the toolkit's own client, which retries what Twilio refuses for a moment. */
async function upload(shell: Shell, { account, dist, environment, suffix }: Upload): Promise<DeployResult> {
  const api = await openApi(shell, account);
  const { getListOfFunctionsAndAssets } = await import('@twilio-labs/serverless-api/dist/utils');
  const names = { functionsFolderNames: ['functions'], assetsFolderNames: ['assets'] };
  const { functions, assets } = await getListOfFunctionsAndAssets(dist, names);
  api.on('status-update', ({ message }) => progress(shell, message.replace(/\.$/, '').toLowerCase()));
  // Twilio gives each function the account's own login.
  const { ACCOUNT_SID: _accountSid, AUTH_TOKEN: _authToken, ...env } = environment;
  return api.deployProject({
    username: account.username,
    password: account.password,
    serviceName: serviceNameOf(shell),
    // A second deployment finds the service by its name, on any machine.
    overrideExistingService: true,
    functionsEnv: suffix,
    env,
    functions,
    assets,
    pkgJson: JSON.parse(readFileSync(join(dist, '../source/package.json'), 'utf8')),
    runtime: 'node22',
  });
}

async function openApi({ request }: Shell, { username, password }: Account): Promise<TwilioServerlessApiClient> {
  // Functions exist only in Twilio's region US1, and the client would follow these.
  delete process.env.TWILIO_REGION;
  delete process.env.TWILIO_EDGE;
  const { TwilioServerlessApiClient } = await import('@twilio-labs/serverless-api');
  const api = new TwilioServerlessApiClient({ username, password });
  const client = api.getClient().extend({
    timeout: uploadTimeoutMs,
    ...(request && { request }),
    hooks: {
      init: [
        (options) => {
          // A form is a stream, which can't be sent again after a 429; its bytes can.
          const { body } = options;
          if (!isForm(body)) return;
          options.headers = { ...options.headers, ...body.getHeaders() };
          options.body = body.getBuffer();
        },
      ],
    },
  });
  // The client has no option for these.
  Object.assign(api, { client });
  return api;
}

/** A form of the package `form-data`, with which the toolkit uploads a file. */
interface Form {
  getHeaders(): Record<string, string>;
  getBuffer(): Buffer;
}

const isForm = (body: unknown): body is Form => typeof body === 'object' && body !== null && 'getBuffer' in body;

/** What went wrong while deploying, in one sentence. */
function describeFailure(error: unknown): string {
  const code = types.isNativeError(error) && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^(ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EPIPE)/.test(code)) {
    return 'the connection to Twilio broke: run it again; what was live before still answers';
  }
  const message = oneLine(messageOf(error));
  return typeof code === 'number' ? `Twilio's error ${code}: ${message}` : message;
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

/** Shows a deployment that this checkout hasn't made, and asks whether to replace it; `undefined` without a terminal. */
async function askToReplace(shell: Shell, client: Twilio, deployed: Deployment): Promise<boolean | undefined> {
  const variables = await explained(listVariables(client, deployed));
  const numbers = await explained(client.incomingPhoneNumbers.list({ pageSize: 1000 }));
  const wired = numbers.filter((number) => pointsAt(number, [deployed.domain]));
  const agent = variables.find(({ key }) => key === 'SYNTHFLOW_MODEL_ID')?.value;
  const rows = [
    ['Service', serviceNameOf(shell)],
    ['Domain', deployed.domain],
    ['Agent', agent ?? 'none'],
    ['Numbers', wired.map(({ phoneNumber }) => phoneNumber).join(', ') || 'none'],
  ];
  shell.stderr.write(
    `This checkout hasn't made what is deployed there, and would replace it:\n${alignColumns(rows)}\n`,
  );
  return askToGoOn(shell);
}

/** What became of a deployment. */
interface Outcome {
  readonly ok: boolean;
  readonly build: string;
  /** `undefined` where it isn't known what is live. */
  readonly domain: string | undefined;
  readonly leftovers: Leftovers;
  /** What is wrong although something was deployed. */
  readonly error?: string;
}

async function buildAndDeploy(shell: Shell, values: DeployOptions): Promise<Result> {
  const suffix = suffixOf(values, shell);
  const environment = readEnvironment(shell, values.env);
  progress(shell, 'building');
  const { dist, numbers } = await buildTemporarily(shell.project, environment);
  progress(shell, 'checking the settings');
  const findings = [...checkEnvFile(shell, values.env), ...checkSettings(environment, numbers)];
  if (!isOk(findings)) {
    const text = `${formatFindings(findings)}\n\nNothing was deployed.`;
    return { text: values.json ? JSON.stringify({ ok: false, findings }) : text, exitStatus: 1 };
  }
  const account = requireAccount(environment, shell.env);
  const client = await clientOf(shell, account);
  const serviceName = serviceNameOf(shell);
  const before = await explained(findDeployment(client, serviceName, suffix));
  const isOthers = before?.buildSid !== undefined && !isOwnService(shell, before.serviceSid);
  if (isOthers && !values.yes) {
    const isWanted = await askToReplace(shell, client, before);
    if (isWanted === undefined) throw new Error('give --yes to replace it without a terminal');
    if (!isWanted) throw new Error('what is deployed there stays');
  }
  const error = await upload(shell, { account, dist, environment, suffix }).then(
    () => undefined,
    (thrown: unknown) => new Error(describeFailure(thrown)),
  );
  const outcome = await readBack(shell, client, { account, dist, environment, suffix }, before?.buildSid, error);
  return { text: values.json ? JSON.stringify(jsonOf(outcome)) : textOf(outcome), exitStatus: outcome.ok ? 0 : 1 };
}

/**
 * Reads what is live now, since a second deployment may run beside this one, and an answer of Twilio's may be lost.
 * Throws `error` if this build surely isn't live; `buildBefore` is Twilio's id of the one that was.
 */
async function readBack(
  shell: Shell,
  client: Twilio,
  { account, dist, environment, suffix }: Upload,
  buildBefore: string | undefined,
  error: Error | undefined,
): Promise<Outcome> {
  const build = readBuild(dist);
  const none: Leftovers = { removed: [], foreign: [] };
  try {
    progress(shell, 'reading back what is live');
    const deployed = await findDeployment(client, serviceNameOf(shell), suffix);
    const live = deployed && (await readLiveBuild(client, deployed));
    // The same code may have been live before, with the settings of then.
    if (error !== undefined && (live !== build || deployed?.buildSid === buildBefore)) throw error;
    if (deployed === undefined || live !== build) {
      return {
        ok: false,
        build,
        domain: deployed?.domain,
        leftovers: none,
        error: `another deployment (build ${live}) replaced this one`,
      };
    }
    rememberService(shell, account, deployed.serviceSid, deployed.buildSid ?? '');
    const leftovers = await removeStaleVariables(client, deployed, environment);
    return { ok: true, build, domain: deployed.domain, leftovers };
  } catch (thrown) {
    if (thrown === error && error !== undefined) throw error;
    const doubt = error === undefined ? 'It is deployed' : `${error.message}. It may be deployed all the same`;
    const missing = `variables that are no longer set may still be there (${describeTwilioError(thrown)})`;
    return { ok: false, build, domain: undefined, leftovers: none, error: `${doubt}, but ${missing}: run it again` };
  }
}

function jsonOf({ ok, build, domain, leftovers, error }: Outcome): object {
  return { ok, build, domain, routes: routesOf(domain), ...leftovers, error };
}

function textOf({ build, domain, leftovers, error }: Outcome): string {
  if (error !== undefined) return `Build ${build}: ${error}.`;
  const rows = [
    ['Deployed', domain ?? ''],
    ['Build', build],
    ...routesOf(domain).map((route) => ['Route', route]),
    ...leftovers.removed.map((name) => ['Removed', `${name}, which is no longer set`]),
    ...leftovers.foreign.map((name) => ['Left', `${name}, which isn't the bridge's`]),
  ];
  const next = 'Next: npm run wire -- +1…  points a number at it, and npm run check looks at everything.';
  return `${alignColumns(rows)}\n\n${next}`;
}

const routesOf = (domain: string | undefined): readonly string[] =>
  domain === undefined ? [] : [...Object.values(functionPaths), fallbackPath].map((path) => `https://${domain}${path}`);

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
  summary: `Builds from clean, checks the settings, and deploys under the serviceName of .twilioserverlessrc.
Asks before it replaces what this checkout hasn't deployed. You can run it again, on any machine.`,
  options: {
    yes: flag('replace what another checkout has deployed, without asking'),
    ...deploymentOptions,
  },
  notes: 'Exit status: 0 when the service is deployed, 1 otherwise.',
  failure: 'Nothing was deployed',
  run: (values, _positionals, shell) => buildAndDeploy(shell, values),
});

if (require.main === module) void runCommand(deploy);
