import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, readBuild } from './build';
import { deploymentOptions, deploymentUsage, type Result, run, suffixOf } from './command';
import { type Environment, readEnvironment } from './environment';
import { type Account, requireAccount } from './live/account';
import { formatFindings, isWell } from './live/report';
import { checkSettings } from './live/settings';

const usage = `npm run deploy -- [options]

Builds from clean, checks the settings, and deploys with twilio-run. It can be run again, on any machine.

${deploymentUsage}

Exit status: 0 when the service is deployed, 1 otherwise.`;

const root = resolve(__dirname, '..');

async function main(): Promise<Result> {
  const { values } = parseArgs({ options: deploymentOptions });
  if (values.help) return { text: usage, exitStatus: 0 };
  const environment = readEnvironment(values.env);
  const account = requireAccount(environment, process.env);
  progress('building');
  build(undefined, environment);
  progress('checking the settings');
  const { numbers }: typeof import('../src/assets/numbers.private') = require(Runtime.getAssets()['/numbers.js'].path);
  const findings = checkSettings(environment, numbers);
  if (!isWell(findings)) return { text: `${formatFindings(findings)}\n\nNothing was deployed.`, exitStatus: 1 };
  progress('deploying');
  const { domain } = await deploy(environment, account, suffixOf(values));
  const report = {
    build: readBuild(),
    domain,
    routes: ['/inbound', '/dial-result', '/transfer', '/fallback.xml'].map((path) => `https://${domain}${path}`),
  };
  return { text: values.json ? JSON.stringify(report) : tell(report), exitStatus: 0 };
}

/** Runs `twilio-run deploy`; throws with what it printed when it fails. */
async function deploy(environment: Environment, account: Account, suffix: string): Promise<{ domain: string }> {
  // Credentials go through a file of this user, because a command line is visible to everybody on the machine.
  const folder = mkdtempSync(join(tmpdir(), 'bridge-deploy-'));
  const file = join(folder, 'env');
  const uploaded = { ...environment, ACCOUNT_SID: account.username, AUTH_TOKEN: account.password };
  const text = Object.entries(uploaded).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, text.join(''), { mode: 0o600 });
  try {
    const where = suffix === '' ? ['--production'] : ['--environment', suffix];
    const output = await twilioRun('deploy', '--env', file, ...where, '-o', 'json');
    const domain = /"domain":\s*"([^"]+)"/.exec(output)?.[1];
    if (domain === undefined) throw new Error(`twilio-run named no domain:\n${output}`);
    return { domain };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function twilioRun(...args: readonly string[]): Promise<string> {
  const program = resolve(root, 'node_modules/twilio-run/bin/twilio-run.js');
  const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) =>
      status === 0 ? done(stdout) : fail(new Error(`twilio-run ended with ${status}:\n${stderr}${stdout}`)),
    );
  });
}

function tell({
  build: deployed,
  domain,
  routes,
}: {
  build: string;
  domain: string;
  routes: readonly string[];
}): string {
  const next = 'Next: npm run wire -- +1…  points a number at it, and npm run check looks at all of it.';
  return [
    `Deployed  ${domain}`,
    `Build     ${deployed}`,
    ...routes.map((route) => `Route     ${route}`),
    '',
    next,
  ].join('\n');
}

function progress(what: string): void {
  process.stderr.write(`${what} …\n`);
}

void run(main, 'Nothing was deployed');
