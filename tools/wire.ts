import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Twilio } from 'twilio';
import { deploymentOptions, deploymentUsage, type Result, run, suffixOf } from './command';
import { readEnvironment } from './environment';
import { clientOf, describeTwilioError, requireAccount } from './live/account';
import { findDeployment, type Wiring, wiringOf } from './live/deployment';
import { type Finding, formatFindings, isWell, notChecked } from './live/report';
import { savedIn } from './live/saved';
import { type Change, carryOut, currentWiring, findChange } from './live/wiring';

const usage = `npm run wire -- +15550101001 [+1555…] [options]
npm run wire -- --undo [+15550101001 …] [options]

Points numbers at the deployment: voice URL /inbound with POST, fallback URL /fallback.xml with GET.
Shows the change and asks first. What was there before is kept in .wired.json beside .env.

--yes                do it without asking
--undo               put back what was there before; all numbers of .wired.json unless some are given
${deploymentUsage}

Exit status: 0 when every number is as asked, 1 otherwise.`;

async function main(): Promise<Result> {
  const flags = { yes: { type: 'boolean', default: false }, undo: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { ...deploymentOptions, ...flags } });
  if (values.help || (positionals.length === 0 && !values.undo))
    return { text: usage, exitStatus: values.help ? 0 : 1 };

  const client = clientOf(requireAccount(readEnvironment(values.env), process.env));
  const saved = savedIn(join(dirname(resolve(values.env)), '.wired.json'));
  const wanted = values.undo ? (number: string) => saved.read()[number] : await wiringFor(client, suffixOf(values));
  const asked = positionals.length > 0 ? positionals : Object.keys(saved.read());
  const found = await Promise.all(asked.map((number) => findChange(client, number, wanted(number), values.undo)));
  const changes = found.filter((one): one is Change => 'wanted' in one);
  const refused = found.filter((one): one is Finding => 'result' in one);

  const confirmed = changes.length === 0 || values.yes || (await confirm(changes));
  const done = confirmed ? await carryOut(client, changes, saved, values.undo) : changes.map(leaveAlone);
  const findings = [...done, ...refused];
  const well = isWell(findings) && confirmed;
  return {
    text: values.json ? JSON.stringify({ well, findings }) : formatFindings(findings),
    exitStatus: well ? 0 : 1,
  };
}

async function wiringFor(client: Twilio, suffix: string): Promise<(number: string) => Wiring> {
  const deployment = await findDeployment(client, suffix).catch((error: unknown) => {
    throw new Error(describeTwilioError(error));
  });
  if (deployment === undefined)
    throw new Error(`the service is not deployed in the environment "${suffix}": npm run deploy`);
  return () => wiringOf(deployment);
}

async function confirm(changes: readonly Change[]): Promise<boolean> {
  for (const { number, wanted } of changes) {
    const before = currentWiring(number);
    for (const name of ['voiceUrl', 'voiceMethod', 'voiceFallbackUrl', 'voiceFallbackMethod'] as const) {
      process.stderr.write(
        `${number.phoneNumber}  ${name.padEnd(20)}${before[name] || 'unset'} → ${wanted[name] || 'unset'}\n`,
      );
    }
  }
  if (!process.stdin.isTTY) {
    process.stderr.write('Nothing changed: give --yes to change numbers without a terminal.\n');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await prompt.question('Type yes to do this: ');
  prompt.close();
  return typed.trim() === 'yes';
}

const leaveAlone = ({ number }: Change): Finding => notChecked(number.phoneNumber, 'not changed');

void run(main, 'Nothing was changed');
