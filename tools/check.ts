import { readFields } from '../lab/fields';
import { readSettings } from '../src/assets/settings.private';
import { buildTemporarily, readBuild, readFallback } from './build';
import { deploymentOptions, domainOption, flag, parseDomain, runCommand, suffixOf, text } from './command';
import { readEnvFileContent, readEnvironment } from './environment';
import { readAccount } from './live/account';
import { checkEnvFile } from './live/env-file';
import { checkLookups } from './live/lookups';
import { describeNumber, formatNumber } from './live/number';
import { type Finding, formatFindings, isOk, notChecked } from './live/report';
import { parseAt, routesAt } from './live/routes';
import { checkSettings } from './live/settings';
import { checkTrunk } from './live/sip';
import { checkImports, checkSynthflow } from './live/synthflow';
import { checkTwilio, type Expected } from './live/twilio';
import { loadNumberTable } from './number-table';

/** Which route each number takes at this time, and what is wrong with the settings. */
async function checkRoutes(env: string, at: string): Promise<readonly Finding[]> {
  const environment = readEnvironment(env);
  const numbers = await loadNumberTable();
  const time = parseAt(at);
  const wrong = checkSettings(environment, numbers).filter(({ result }) => result === 'failed');
  return [...wrong, ...routesAt(environment, numbers, time)];
}

async function check(env: string, offline: boolean, where: Pick<Expected, 'suffix' | 'customDomain'>) {
  const environment = readEnvironment(env);
  const numbers = await loadNumberTable();
  // The compiler knows what is wrong in the number table better than any check of its values.
  const dist = await buildTemporarily(environment);
  const settings = [...checkEnvFile(readEnvFileContent(env), env), ...checkSettings(environment, numbers)];
  if (offline) {
    const skipped = ['Synthflow', 'SIP trunk', 'Twilio'].map((subject) => notChecked(subject, 'offline'));
    return [...settings, ...skipped];
  }
  const expected = { ...where, numbers, environment, build: readBuild(dist), fallbackXml: readFallback(dist) };
  const [lookups, synthflow, trunk, twilio] = await Promise.all([
    checkLookups(environment, numbers),
    checkSynthflow(environment, numbers),
    checkTrunk(readSettings(environment, numbers, '').trunk?.trunk),
    checkTwilio(readAccount(environment, process.env), expected),
  ]);
  const imports = isOk(synthflow) ? await checkImports(environment, numbers, twilio.wired) : [];
  return [...settings, ...lookups, ...synthflow, ...imports, ...trunk, ...twilio.findings];
}

/** The address that `--show` gives; throws when nobody can call it. */
function parseCalled(text: string): string {
  const fields = readFields({ caller: '', called: text, forwardedFrom: '', parameters: '', at: '' });
  if ('problem' in fields) throw new Error(`--show: ${fields.problem}`);
  return fields.called ?? '';
}

void runCommand({
  name: 'check',
  usage: '[options]',
  summary: 'Finds what is wrong before a caller does. It registers and places no call.',
  options: {
    at: text('TIME', 'only say which route each number takes at 2026-12-25T10:00, its own time'),
    show: text('NUMBER', 'only show what a called number gets, and where it is set'),
    offline: flag('only what needs no network'),
    ...domainOption,
    ...deploymentOptions,
  },
  notes: 'Exit status: 0 when nothing failed, 1 otherwise.',
  failure: 'The check could not run',
  run: async (values) => {
    if (values.show !== undefined) {
      const rows = describeNumber(readEnvironment(values.env), await loadNumberTable(), parseCalled(values.show));
      return { text: values.json ? JSON.stringify({ ok: true, rows }) : formatNumber(rows), exitStatus: 0 };
    }
    const where = { suffix: suffixOf(values), customDomain: parseDomain(values.domain) };
    const { env, at, offline } = values;
    const findings = await (at === undefined ? check(env, offline, where) : checkRoutes(env, at));
    const ok = isOk(findings);
    return { text: values.json ? JSON.stringify({ ok, findings }) : formatFindings(findings), exitStatus: ok ? 0 : 1 };
  },
});
