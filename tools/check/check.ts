import { buildTemporarily, readBuild, readFallback } from '../build/build';
import { loadNumberTable } from '../build/number-table';
import {
  commandLineFor,
  defineCommand,
  deploymentOptions,
  domainOption,
  flag,
  parseDomain,
  runCommand,
  screenOf,
  suffixOf,
  text,
} from '../command';
import { readEnvironment } from '../environment';
import { type Finding, formatFindings, isOk, notChecked } from '../finding';
import type { Shell } from '../shell';
import { readAccount } from '../twilio/account';
import { checkEnvFile } from './check-env-file';
import { checkLookups } from './check-lookups';
import { checkSettings } from './check-settings';
import { checkImports, checkSynthflow, checkTrunks } from './check-synthflow';
import { checkLogin, checkTwilio, type Expected } from './check-twilio';
import { describeNumber, formatNumber, parseCalled } from './describe-number';
import { parseAt, routesAt } from './routes';

/** Says which route each number takes at this time, and which settings are wrong. */
async function checkRoutes(shell: Shell, env: string, at: string): Promise<readonly Finding[]> {
  const environment = readEnvironment(shell, env);
  const numbers = await loadNumberTable(shell.project, environment);
  const time = parseAt(at);
  const wrong = checkSettings(environment, numbers, shell.clock.now()).filter(({ result }) => result === 'failed');
  return [...wrong, ...routesAt(environment, numbers, time)];
}

type Where = Pick<Expected, 'suffix' | 'customDomain' | 'command'>;

/** Every check; only what needs no network without a deployment to look at. */
async function checkAll(shell: Shell, env: string, where: Where | undefined): Promise<readonly Finding[]> {
  const environment = readEnvironment(shell, env);
  // The compiler knows what is wrong in the number table better than any check of its values.
  const { dist, numbers } = await buildTemporarily(shell.project, environment);
  const settings = [...checkEnvFile(shell, env), ...checkSettings(environment, numbers, shell.clock.now())];
  if (where === undefined) {
    const skipped = ['Synthflow', 'SIP trunk', 'Twilio'].map((subject) => notChecked(subject, 'offline'));
    return [...settings, ...checkLogin(readAccount(environment, shell.env)), ...skipped];
  }
  const expected = { ...where, numbers, environment, build: readBuild(dist), fallbackXml: readFallback(dist) };
  const [synthflow, trunk, twilio] = await Promise.all([
    checkSynthflow(shell, environment, numbers),
    checkTrunks(environment, numbers),
    checkTwilio(shell, readAccount(environment, shell.env), expected),
  ]);
  // What somebody has set in the Console is there for the owner's code, too.
  const lookups = await checkLookups(shell, { ...twilio.foreign, ...environment }, numbers);
  const { findings, attached } = synthflow;
  const imports = isOk(findings) ? await checkImports(shell, environment, numbers, twilio.wired, attached) : [];
  return [...settings, ...lookups, ...findings, ...imports, ...trunk, ...twilio.findings];
}

/** `npm run check` */
export const check = defineCommand({
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
  notes: ['Exit status: 0 when nothing failed, 1 otherwise.'],
  failure: 'The check could not run',
  run: async (values, _positionals, shell) => {
    const { env, at, offline, json, show } = values;
    if (show !== undefined) {
      const called = parseCalled(show, '--show');
      const environment = readEnvironment(shell, env);
      const rows = describeNumber(environment, await loadNumberTable(shell.project, environment), called);
      return {
        text: json ? JSON.stringify({ ok: true, rows }) : formatNumber(rows, screenOf(shell).width),
        exitStatus: 0,
      };
    }
    const where = (): Where => ({
      suffix: suffixOf(values, shell),
      customDomain: parseDomain(values.domain),
      command: commandLineFor(values),
    });
    const findings = await (at === undefined
      ? checkAll(shell, env, offline ? undefined : where())
      : checkRoutes(shell, env, at));
    const ok = isOk(findings);
    return {
      text: json ? JSON.stringify({ ok, findings }) : formatFindings(findings, screenOf(shell).width),
      exitStatus: ok ? 0 : 1,
    };
  },
});

if (require.main === module) void runCommand(check);
