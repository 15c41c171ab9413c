import { readSettings } from '../src/assets/settings.private';
import { buildTemporarily, readBuild } from './build';
import { deploymentOptions, runCommand, suffixOf } from './command';
import { readEnvFileContent, readEnvironment } from './environment';
import { clientOf, readAccount } from './live/account';
import { checkEnvFile } from './live/env-file';
import { type Finding, formatFindings, isOk, notChecked } from './live/report';
import { checkSettings } from './live/settings';
import { checkTrunk } from './live/sip';
import { checkSynthflow } from './live/synthflow';
import { checkTwilio, twilioNotChecked } from './live/twilio';
import { loadNumberTable } from './number-table';

async function check(envFile: string, offline: boolean, suffix: string): Promise<readonly Finding[]> {
  const environment = readEnvironment(envFile);
  const numbers = await loadNumberTable();
  const settings = [...checkEnvFile(readEnvFileContent(envFile), envFile), ...checkSettings(environment, numbers)];
  if (offline) {
    const skipped = ['Synthflow', 'SIP trunk', 'Twilio'].map((subject) => notChecked(subject, 'offline'));
    return [...settings, ...skipped];
  }
  const account = readAccount(environment, process.env);
  const [synthflow, trunk, twilio] = await Promise.all([
    checkSynthflow(environment, numbers),
    checkTrunk(readSettings(environment, numbers, '').trunk?.trunk),
    account === undefined
      ? [twilioNotChecked]
      : checkTwilio(clientOf(account), suffix, numbers, readBuild(await buildTemporarily(environment)), environment),
  ]);
  return [...settings, ...synthflow, ...trunk, ...twilio];
}

void runCommand({
  name: 'check',
  usage: '[options]',
  summary: 'Finds what is wrong before a caller does. It registers and places no call.',
  options: { offline: { type: 'boolean', default: false, help: 'only what needs no network' }, ...deploymentOptions },
  notes: 'Exit status: 0 when nothing failed, 1 otherwise.',
  failure: 'The check could not run',
  run: async (values) => {
    const findings = await check(values.env, values.offline, suffixOf(values));
    const ok = isOk(findings);
    return { text: values.json ? JSON.stringify({ ok, findings }) : formatFindings(findings), exitStatus: ok ? 0 : 1 };
  },
});
