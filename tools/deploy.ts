import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Twilio } from 'twilio';
import { parseJson } from '../lab/json';
import { build, readBuild } from './build';
import { deploymentOptions, runCommand, suffixOf } from './command';
import { type Environment, formatEnvFile, readEnvFileContent, readEnvironment } from './environment';
import { type Account, clientOf, requireAccount } from './live/account';
import { findDeployment, findServiceSid, listVariables } from './live/deployment';
import { checkEnvFile } from './live/env-file';
import { formatFindings, isOk } from './live/report';
import { explained } from './live/service';
import { checkSettings } from './live/settings';
import { foreignVariables, staleVariables } from './live/variables';
import { loadNumberTable } from './number-table';
import { fallbackPath, functionPaths } from './paths';
import { programFile, runProgram } from './program';
import { alignColumns } from './table';
import { makeTemporaryFolder } from './temporary';

const root = resolve(__dirname, '..');

/** Deploys with twilio-run and returns the domain; throws with what twilio-run printed when it fails. */
async function deploy(envFile: string, suffix: string, serviceSid: string | undefined): Promise<string> {
  // Credentials go through a file of this user, because a command line is visible to everybody on the machine.
  const folder = makeTemporaryFolder('deploy');
  const file = join(folder.path, 'env');
  writeFileSync(file, envFile, { mode: 0o600 });
  const where = suffix === '' ? ['--production'] : ['--environment', suffix];
  const service = serviceSid === undefined ? [] : ['--service-sid', serviceSid];
  const args = [programFile('twilio-run'), 'deploy', '--env', file, ...where, ...service, '-o', 'json'];
  // Functions exist in Twilio's region US1 alone, and twilio-run would follow these.
  const env = { TWILIO_REGION: '', TWILIO_EDGE: '' };
  try {
    const output = await runProgram('twilio-run', args, { cwd: root, env, deadlineMs: 600_000 });
    const domain = /"domain":\s*"([^"]+)"/.exec(output)?.[1];
    if (domain === undefined) throw new Error(`twilio-run named no domain:\n${output}`);
    return domain;
  } catch (error) {
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT/.test(String(error))) throw error;
    throw new Error('the connection to Twilio broke: run it again; what was live before still answers');
  } finally {
    folder.remove();
  }
}

/**
 * Removes the bridge's variables that are deployed but no longer set, before the deployment that goes live without them:
 * twilio-run leaves them, so that a transfer number that was taken out of `.env` would still be dialled.
 */
async function removeStaleVariables(client: Twilio, environment: Environment, suffix: string) {
  const deployment = await findDeployment(client, suffix);
  if (deployment === undefined) return { removed: [], foreign: [] };
  const deployed = await listVariables(client, deployment);
  const stale = staleVariables(deployed, environment);
  const live = client.serverless.v1.services(deployment.serviceSid).environments(deployment.environmentSid);
  for (const { sid } of stale) await live.variables(sid).remove();
  return { removed: stale.map(({ key }) => key), foreign: foreignVariables(deployed, environment) };
}

/** The service to deploy to; `undefined` for a first deployment. */
async function serviceFor(client: Twilio, { accountSid }: Account): Promise<string | undefined> {
  const serviceSid = await explained(findServiceSid(client));
  // What it remembers of a service that was deleted would make every deployment fail (error 20404).
  if (serviceSid === undefined && forgetService(join(root, '.twiliodeployinfo'), accountSid)) {
    progress('making a new service: the one in .twiliodeployinfo no longer exists');
  }
  return serviceSid;
}

/** Takes the account's services out of twilio-run's memory; returns whether there was one. */
function forgetService(file: string, accountSid: string): boolean {
  // A text that isn't JSON is ignored by twilio-run, too.
  const remembered = existsSync(file) ? Object.entries(Object(parseJson(readFileSync(file, 'utf8')))) : [];
  const others = remembered.filter(([key]) => !key.startsWith(accountSid));
  if (others.length === remembered.length) return false;
  writeFileSync(file, JSON.stringify(Object.fromEntries(others), null, 2));
  return true;
}

function progress(step: string): void {
  process.stderr.write(`${step} …\n`);
}

void runCommand({
  name: 'deploy',
  usage: '[options]',
  summary: 'Builds from clean, checks the settings, and deploys with twilio-run. It can be run again, on any machine.',
  options: deploymentOptions,
  notes: 'Exit status: 0 when the service is deployed, 1 otherwise.',
  failure: 'Nothing was deployed',
  run: async (values) => {
    const suffix = suffixOf(values);
    const environment = readEnvironment(values.env);
    const account = requireAccount(environment, process.env);
    progress('building');
    await build(undefined, environment);
    progress('checking the settings');
    const inFile = checkEnvFile(readEnvFileContent(values.env), values.env);
    const findings = [...inFile, ...checkSettings(environment, await loadNumberTable())];
    if (!isOk(findings)) {
      const text = `${formatFindings(findings)}\n\nNothing was deployed.`;
      return { text: values.json ? JSON.stringify({ ok: false, findings }) : text, exitStatus: 1 };
    }
    // Before anything is changed: a value that no env file can hold is refused here.
    const login = { ACCOUNT_SID: account.username, AUTH_TOKEN: account.password };
    const envFile = formatEnvFile({ ...environment, ...login });
    progress('deploying');
    const client = clientOf(account);
    const serviceSid = await serviceFor(client, account);
    const changes = await explained(removeStaleVariables(client, environment, suffix));
    const domain = await deploy(envFile, suffix, serviceSid).catch((error: unknown) => {
      const removed = changes.removed.length > 0 ? `\nAlready removed: ${changes.removed.join(', ')}` : '';
      throw new Error(`${error instanceof Error ? error.message : String(error)}${removed}`);
    });
    const routes = [...Object.values(functionPaths), fallbackPath].map((path) => `https://${domain}${path}`);
    const report = { ok: true, build: readBuild(), domain, routes, ...changes };
    if (values.json) return { text: JSON.stringify(report), exitStatus: 0 };
    const rows = [
      ['Deployed', domain],
      ['Build', report.build],
      ...routes.map((route) => ['Route', route]),
      ...changes.removed.map((name) => ['Removed', `${name}, which is no longer set`]),
      ...changes.foreign.map((name) => ['Left', `${name}, which isn't the bridge's`]),
    ];
    const next = 'Next: npm run wire -- +1…  points a number at it, and npm run check looks at everything.';
    return { text: `${alignColumns(rows)}\n\n${next}`, exitStatus: 0 };
  },
});
