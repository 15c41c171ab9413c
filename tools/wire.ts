import { dirname, join, resolve } from 'node:path';
import { e164 } from '../src/assets/twilio/address.private';
import { deploymentOptions, domainOption, flag, parseDomain, runCommand, suffixOf } from './command';
import { readEnvironment } from './environment';
import { clientOf, requireAccount } from './live/account';
import { applyChanges, type Change, findChange, type Request } from './live/changes';
import { outageWiringOf, wiringOf } from './live/deployment';
import { type Finding, formatFindings, isOk, notChecked } from './live/report';
import { readSaved, type Saved, type SavedChange } from './live/saved';
import { openService } from './live/service';
import { currentWiring, showUrl } from './live/wiring';
import { askToGoOn } from './question';

async function confirm(changes: readonly Change[]): Promise<boolean> {
  for (const { number, target } of changes) {
    const before = currentWiring(number);
    for (const name of ['voiceUrl', 'voiceMethod', 'voiceFallbackUrl', 'voiceFallbackMethod'] as const) {
      const [was, becomes] = [before, target].map((wiring) => showUrl(wiring[name]) || 'unset');
      process.stderr.write(`${number.phoneNumber}  ${name.padEnd(20)}${was} → ${becomes}\n`);
    }
  }
  const answer = await askToGoOn();
  if (answer === undefined) process.stderr.write('Nothing changed: give --yes to change numbers without a terminal.\n');
  return answer === true;
}

const requestFor = (domain: string, isOutage: boolean): Request =>
  isOutage ? { kind: 'outage', wiring: outageWiringOf(domain) } : { kind: 'wire', wiring: wiringOf(domain) };

/** The numbers to change: those that are given or, to undo, those of the record. Throws for what isn't a number. */
function readNumbers(given: readonly string[], isUndo: boolean, saved: Saved): readonly string[] {
  const asked = given.length > 0 || !isUndo ? given : numbersToUndo(saved);
  if (asked.length === 0)
    throw new Error(`expected numbers to ${isUndo ? 'put back: .wired.json has none' : 'wire, such as +15550101001'}`);
  const invalid = asked.find((number) => !e164.test(number));
  if (invalid !== undefined) throw new Error(`"${invalid}": expected a number in E.164, such as +15550101001`);
  return asked;
}

/** While the outage switch is on for some numbers, those alone: undoing it must not unwire the others. */
function numbersToUndo(saved: Saved): readonly string[] {
  const entries = Object.entries(saved);
  const switched = entries.filter(([, changes]) => isSwitchedOn(changes));
  return (switched.length > 0 ? switched : entries).map(([number]) => number);
}

const isSwitchedOn = (changes: readonly SavedChange[]): boolean =>
  changes.at(-1)?.after?.voiceUrl.endsWith('/fallback.xml') === true;

void runCommand({
  name: 'wire',
  usage: '[--outage] +15550101001 [+1555…] [options]   or   --undo [+15550101001 …] [options]',
  summary: `Points numbers at the deployment: voice URL /inbound with POST, fallback URL /fallback.xml with GET.
Shows the change and asks first. What was there before is kept in .wired.json next to .env.`,
  options: {
    yes: flag('do it without asking'),
    undo: flag('take the last change back: of the numbers given, else of those whose outage switch is on, else of all'),
    outage: flag('point numbers at /fallback.xml, past every function, until --undo'),
    ...domainOption,
    ...deploymentOptions,
  },
  positionals: true,
  notes: 'Exit status: 0 when every number is as asked, 1 otherwise.',
  failure: 'Nothing was changed',
  run: async (values, phoneNumbers) => {
    const savedFile = join(dirname(resolve(values.env)), '.wired.json');
    const asked = readNumbers(phoneNumbers, values.undo, readSaved(savedFile));
    if (values.undo && values.outage) throw new Error('--undo and --outage: expected one of them');
    const customDomain = parseDomain(values.domain);
    const client = clientOf(requireAccount(readEnvironment(values.env), process.env));
    const request: Request = values.undo
      ? { kind: 'undo' }
      : requestFor(customDomain ?? (await openService(values.env, suffixOf(values))).deployment.domain, values.outage);
    const found = await Promise.all(asked.map((number) => findChange(client, number, request, savedFile)));
    const changes = found.filter((one): one is Change => 'target' in one);
    const refused = found.filter((one): one is Finding => 'result' in one);

    const confirmed = changes.length === 0 || values.yes || (await confirm(changes));
    const done = confirmed
      ? await applyChanges(client, changes, savedFile)
      : changes.map(({ number }) => notChecked(number.phoneNumber, 'not changed'));
    const findings = [...done, ...refused];
    const ok = isOk(findings) && confirmed;
    return { text: values.json ? JSON.stringify({ ok, findings }) : formatFindings(findings), exitStatus: ok ? 0 : 1 };
  },
});
