import { parseArgs } from 'node:util';
import { readBuild } from './build';
import { deploymentOptions, deploymentUsage, type Result, run, suffixOf } from './command';
import { type Environment, readEnvironment } from './environment';
import { clientOf, readAccount } from './live/account';
import { type Finding, formatFindings, isWell, notChecked } from './live/report';
import { checkSettings } from './live/settings';
import { checkTrunk } from './live/sip';
import { checkSynthflow } from './live/synthflow';
import { checkTwilio, twilioNotChecked } from './live/twilio';
import { installRuntime } from './runtime';

const usage = `npm run check -- [options]

Finds what is wrong before a caller does. Registers and places no call.

--offline            only what needs no network
${deploymentUsage}

Exit status: 0 when nothing failed, 1 otherwise.`;

async function main(): Promise<Result> {
  const options = { ...deploymentOptions, offline: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ options });
  if (values.help) return { text: usage, exitStatus: 0 };
  const findings = await check(readEnvironment(values.env), values.offline, suffixOf(values));
  const well = isWell(findings);
  return {
    text: values.json ? JSON.stringify({ well, findings }) : formatFindings(findings),
    exitStatus: well ? 0 : 1,
  };
}

async function check(environment: Environment, offline: boolean, suffix: string): Promise<readonly Finding[]> {
  installRuntime();
  const { numbers }: typeof import('../src/assets/numbers.private') = require(Runtime.getAssets()['/numbers.js'].path);
  const { readSettings }: typeof import('../src/assets/settings.private') = require(
    Runtime.getAssets()['/settings.js'].path,
  );
  const settings = checkSettings(environment, numbers);
  if (offline)
    return [...settings, ...['Synthflow', 'SIP trunk', 'Twilio'].map((subject) => notChecked(subject, 'offline'))];
  const account = readAccount(environment, process.env);
  const [synthflow, trunk, twilio] = await Promise.all([
    checkSynthflow(environment, numbers),
    checkTrunk(readSettings(environment, numbers, '').trunk?.trunk),
    account === undefined
      ? [twilioNotChecked]
      : checkTwilio(clientOf(account), suffix, numbers, readBuild(), environment.FALLBACK_NUMBER),
  ]);
  return [...settings, ...synthflow, ...trunk, ...twilio];
}

void run(main, 'The check could not run');
