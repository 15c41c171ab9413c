import { dirname, join, resolve } from 'node:path';
import type { Twilio } from 'twilio';
import { e164 } from '../../src/assets/twilio/address.private';
import { loadNumberTable } from '../build/number-table';
import {
  askToGoOn,
  commandLineFor,
  defineCommand,
  deploymentOptions,
  domainOption,
  flag,
  parseDomain,
  type Result,
  runCommand,
  screenOf,
  suffixOf,
} from '../command';
import { readEnvironment } from '../environment';
import { type Finding, formatFindings, isOk, notChecked } from '../finding';
import type { Shell } from '../shell';
import { clientOf, requireAccount } from '../twilio/account';
import {
  findDeployment,
  outageWiringOf,
  serviceNameOf,
  type Wiring,
  wiringFields,
  wiringOf,
} from '../twilio/deployment';
import { explained, openService } from '../twilio/service';
import { currentWiring, showUrl } from '../twilio/wiring';
import { applyChanges, type Change, findChange, type Request } from './changes';
import { formatNumbers, listNumbers } from './list-numbers';
import { readSaved, type Saved } from './saved';

async function confirm(shell: Shell, changes: readonly Change[]): Promise<boolean> {
  const { stderr } = shell;
  for (const { number, target } of changes) {
    const before = currentWiring(number);
    for (const name of wiringFields) {
      const [was, becomes] = [before, target].map((wiring) => showUrl(wiring[name]) || 'unset');
      stderr.write(`${number.phoneNumber}  ${name.padEnd(20)}${was} → ${becomes}\n`);
    }
  }
  const answer = await askToGoOn(shell);
  if (answer === undefined) stderr.write('Nothing changed: give --yes to change numbers without a terminal.\n');
  return answer === true;
}

/** The numbers to look at: the given ones or, to undo, all that are saved. Throws for what isn't a number. */
function numbersOf(given: readonly string[], isUndo: boolean, saved: Saved): readonly string[] {
  const numbers = given.length === 0 && isUndo ? Object.keys(saved) : given;
  if (numbers.length === 0) {
    const what = isUndo ? 'put back: .wired.json has none' : 'switch, such as +15550101001';
    throw new Error(`expected numbers to ${what}`);
  }
  const invalid = numbers.find((number) => !e164.test(number));
  if (invalid !== undefined) throw new Error(`"${invalid}": expected a number in E.164, such as +15550101001`);
  return numbers;
}

/** During an outage, `--undo` without numbers ends the outage, and unwires nothing. */
function withoutUnasked(changes: readonly Change[], isGiven: boolean): readonly Change[] {
  const ending = changes.filter(({ endsOutage }) => endsOutage);
  return isGiven || ending.length === 0 ? changes : ending;
}

/** Shows which numbers could be wired, and changes nothing. */
async function showNumbers(shell: Shell, client: Twilio, values: Where): Promise<Result> {
  const { env, domain, json, ...where } = values;
  const environment = readEnvironment(shell, env);
  const numbers = await loadNumberTable(shell.project, environment);
  const deployment = await explained(findDeployment(client, serviceNameOf(shell), suffixOf(where, shell)));
  const custom = parseDomain(domain);
  const [first, ...others] = [
    ...(deployment === undefined ? [] : [deployment.domain]),
    ...(custom === undefined ? [] : [custom]),
  ];
  const listed = await listNumbers(client, first === undefined ? undefined : [first, ...others], numbers);
  const text = json
    ? JSON.stringify({ ok: true, numbers: listed })
    : formatNumbers(listed, screenOf(shell).width, commandLineFor(values));
  return { text, exitStatus: 0 };
}

/** What numbers point at before a change, without what may be secret in a URL. */
function wiringBefore(changes: readonly Change[]): Readonly<Record<string, Wiring>> {
  return Object.fromEntries(
    changes.map(({ number }) => {
      const { voiceUrl, voiceFallbackUrl, ...methods } = currentWiring(number);
      const urls = { voiceUrl: showUrl(voiceUrl), voiceFallbackUrl: showUrl(voiceFallbackUrl) };
      return [number.phoneNumber, { ...urls, ...methods }];
    }),
  );
}

/** `npm run wire` */
export const wire = defineCommand({
  name: 'wire',
  usage: '[--outage] [+15550101001 …] [options]   or   --undo [+15550101001 …] [options]',
  summary:
    'Points numbers at the deployment: voice URL /inbound with POST, fallback URL /fallback.xml with GET. Shows the change and asks first. What was there before is kept in .wired.json next to .env. Without numbers, lists the ones of the account and of the number table, and where each points.',
  options: {
    yes: flag('do it without asking'),
    undo: flag('put back what was there: of the given numbers, else of those in an outage, else of all'),
    outage: flag('point numbers at /fallback.xml, past every function, until --undo'),
    ...domainOption,
    ...deploymentOptions,
  },
  positionals: true,
  notes: ['Exit status: 0 when every number is as asked, 1 otherwise.'],
  failure: 'Nothing was changed',
  run: async (values, given, shell) => {
    const { env, undo, outage, yes, json } = values;
    if (undo && outage) throw new Error("--undo and --outage can't be combined");
    const environment = readEnvironment(shell, env);
    if (given.length === 0 && !undo && !outage) {
      return showNumbers(shell, await clientOf(shell, requireAccount(environment, shell.env)), values);
    }
    const savedFile = join(dirname(resolve(shell.project, env)), '.wired.json');
    const saved = readSaved(savedFile);
    const numbers = numbersOf(given, undo, saved);
    const request: Request = undo ? { kind: 'undo' } : await requestFor(shell, values);
    const client = await clientOf(shell, requireAccount(environment, shell.env));
    const found = await Promise.all(numbers.map((number) => findChange(client, number, request, saved[number])));
    const possible = found.filter((one): one is Change => 'target' in one);
    const changes = withoutUnasked(possible, given.length > 0);
    const refused = found.filter((one): one is Finding => 'result' in one);

    const before = wiringBefore(changes);
    const confirmed = changes.length === 0 || yes || (await confirm(shell, changes));
    const done = confirmed
      ? await applyChanges(client, changes, savedFile)
      : changes.map(({ number }) => notChecked(number.phoneNumber, 'not changed'));
    const findings = [...done, ...refused];
    const ok = isOk(findings) && confirmed;
    return {
      text: json ? JSON.stringify({ ok, findings, before }) : formatFindings(findings, screenOf(shell).width),
      exitStatus: ok ? 0 : 1,
    };
  },
});

type Where = Parameters<typeof suffixOf>[0] & {
  readonly env: string;
  readonly domain?: string;
  readonly outage: boolean;
  readonly json: boolean;
};

async function requestFor(shell: Shell, { env, domain, outage, json: _json, ...where }: Where): Promise<Request> {
  const suffix = suffixOf(where, shell);
  const host = parseDomain(domain) ?? (await openService(shell, { env, suffix })).deployment.domain;
  return outage ? { kind: 'outage', wiring: outageWiringOf(host) } : { kind: 'wire', wiring: wiringOf(host) };
}

if (require.main === module) void runCommand(wire);
