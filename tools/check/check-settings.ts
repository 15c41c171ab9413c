import { closest, distance } from 'fastest-levenshtein';
import { localHost, type Problem, variables } from '../../src/assets/environment.private';
import { findMistake, isDate } from '../../src/assets/hours.private';
import { phonesOf } from '../../src/assets/route.private';
import {
  type NumberSettings,
  type NumberTable,
  readSettings,
  type Settings,
  wholeBudgetMs,
} from '../../src/assets/settings.private';
import { regions } from '../../src/assets/synthflow/trunk.private';
import { addressKey, dialableNumber, e164, parseAddress } from '../../src/assets/twilio/address.private';
import { credentials, type Environment, secretCredentials, settingNames, unquoted } from '../environment';
import { type Finding, failed, ok, warning } from '../finding';
import { countOf } from '../text';
import { checkSpeech } from './check-speech';
import { nearMiss } from './near-miss';
import { stepsOf } from './routes';

/** Twilio's limits for environment variables, bytes (twilio.com/docs/serverless/functions-assets). */
const limits = { variable: 450, together: 3000 } as const;

const dayMs = 86_400_000;

const tableFix = 'correct its entry in src/assets/numbers.private.ts';

/** Every problem of the settings that can be found without asking anybody, at this time in ms since 1970. */
export function checkSettings(environment: Environment, numbers: NumberTable, now: number): readonly Finding[] {
  const entries = Object.entries(numbers);
  const shared = readSettings(environment, {}, parseAddress(''));
  const { problems } = shared;
  // Where every number has an agent, or a workspace, of its own, the environment need not name one.
  const haveKeys = entries.every(([, entry]) => 'apiKey' in entry);
  const needless = entries.length === 0 ? [] : ['SYNTHFLOW_MODEL_ID', ...(haveKeys ? ['SYNTHFLOW_API_KEY'] : [])];
  const general = problems.filter(({ setting, found }) => found !== 'nothing' || !needless.includes(setting));
  const sharedSpeech = checkSpeech(shared);
  const sharedHosts = checkHosts(shared);
  const findings = [
    ...general.map((problem) => checkProblem(problem, environment)),
    ...Object.entries(environment).flatMap(([name, value]) => checkName(name, value)),
    ...checkQuotes(environment, general),
    ...sharedSpeech,
    ...sharedHosts,
    ...checkSizes(environment),
    ...entries.flatMap(([number, entry]) => {
      const settings = readSettings(environment, numbers, parseAddress(number));
      const isGeneral = (one: Problem): boolean => general.some(({ setting }) => setting === one.setting);
      const own = settings.problems.filter((problem) => !isGeneral(problem));
      return [
        ...own.map((problem) => failed(number, `${problem.setting}: ${describeProblem(problem)}`, tableFix)),
        ...checkEntry(number, entry, settings),
        ...checkRegion(number, entry, environment),
        ...checkSpeech(settings, number).filter(({ detail }) => sharedSpeech.every((one) => one.detail !== detail)),
        ...checkHosts(settings, number).filter(({ detail }) => sharedHosts.every((one) => one.detail !== detail)),
        ...checkClosedDates(number, settings, now),
        ...checkKey(number, settings, numbers),
        ...checkCircle(number, environment, numbers),
      ];
    }),
  ];
  if (findings.length > 0) return findings;
  return [
    ok('settings', `valid, for the environment and ${countOf(entries.length, 'entry', 'entries')} of the number table`),
  ];
}

const describeProblem = ({ accepts, found }: Problem): string => `expected ${accepts}; found ${found}`;

/** A problem that the environment has for every number. */
function checkProblem(problem: Problem, environment: Environment): Finding {
  const { setting } = problem;
  return failed(
    setting,
    describeProblem(problem),
    nearMiss(setting, environment) ??
      `${problem.found === 'nothing' ? 'set' : 'correct'} it in your env file, or in the shell`,
  );
}

/** Quotes that are part of a value: dotenv takes them off, Docker's `--env-file` and some pipelines don't. */
function checkQuotes(environment: Environment, known: readonly Problem[]): readonly Finding[] {
  const quoted = settingNames.filter((name) => {
    const value = environment[name] ?? '';
    return unquoted(value) !== value && known.every(({ setting }) => setting !== name);
  });
  const fix = 'take them off: docker --env-file and some pipelines keep them';
  return quoted.map((name) => failed(name, 'its quotes are part of the value', fix));
}

/** Hosts that can't work together, or not in the cloud; `number` as in `checkSpeech`. */
function checkHosts({ api, trunk, notifyUrl }: Settings, number?: string): readonly Finding[] {
  const hosts = [
    [variables.apiUrl.name, api && new URL(api.apiUrl).hostname],
    [variables.sipTermination.name, trunk?.trunk.hosts[0].name],
    [variables.notifyUrl.name, notifyUrl && new URL(notifyUrl).hostname],
  ] as const;
  // `npm start` takes them.
  const local = hosts.filter(([, host]) => host !== undefined && localHost.test(host));
  const findings = local.map(([name, host]) =>
    failed(
      number ?? name,
      `${name} leads to ${host}, which is only this machine`,
      'name a host that the cloud reaches',
    ),
  );
  const [[, apiHost], [, sipHost]] = hosts;
  const [apiRegion, sipRegion] = [regionWith(apiHost), regionWith(sipHost)];
  if (apiRegion === undefined || sipRegion === undefined || apiRegion === sipRegion) return findings;
  const detail = `the API is in the region ${apiRegion}, and the trunk in ${sipRegion}, which doesn't know its calls`;
  return [...findings, failed(number ?? variables.region.name, detail, 'name one region for both')];
}

/** The region of Synthflow's that has this host. */
function regionWith(host = ''): string | undefined {
  const found = Object.entries(regions).find(([, { apiUrl, sipHosts }]) =>
    [new URL(apiUrl).hostname, ...sipHosts].includes(host),
  );
  return found?.[0];
}

/** Closed dates that are all over: most likely, nobody has added this year's. */
function checkClosedDates(number: string, { closed }: Settings, now: number): readonly Finding[] {
  const { closedDates = [] } = closed?.hours ?? {};
  const dates = Array.isArray(closedDates) ? closedDates.filter(isDate) : [];
  const last = dates.toSorted().at(-1);
  if (last === undefined || Date.parse(last) + 2 * dayMs > now) return [];
  const fix = 'add the next ones in src/assets/numbers.private.ts, or take these out';
  return [warning(number, `its closedDates are over: the last one was ${last}`, fix)];
}

/** What is wrong with an entry of the number table, although each of its values is accepted. */
function checkEntry(number: string, entry: NumberSettings, { api, closed }: Settings): readonly Finding[] {
  const findings: Finding[] = [];
  // Twilio ends a call after 24 hours at the latest (twilio.com/docs/voice/twiml/dial).
  const { timeLimit = 1 } = entry.dial ?? {};
  if (!(timeLimit >= 1 && timeLimit <= 86_400)) {
    const fix = 'choose 1 to 86400 seconds, which is what Twilio takes';
    findings.push(failed(number, `dial.timeLimit is ${timeLimit}`, fix));
  }
  // A lookup and preparing the call share the time that a function has.
  const together = api?.lookup.customVariables === undefined ? 0 : api.budgetMs + api.lookup.timeoutMs;
  if (together > wholeBudgetMs) {
    const fix = `shorten them to at most ${wholeBudgetMs} ms together: Twilio ends a function after 10 s`;
    findings.push(failed(number, `PREPARE_TIMEOUT_MS and LOOKUP_TIMEOUT_MS are ${together} ms together`, fix));
  }
  const mistake = closed && findMistake(closed.hours);
  if (mistake !== undefined) findings.push(failed(number, `${mistake.setting}: ${describeProblem(mistake)}`, tableFix));
  return findings;
}

/** A region that has no effect, since something names its hosts for every number. */
function checkRegion(number: string, { region }: NumberSettings, environment: Environment): readonly Finding[] {
  const names = ['SYNTHFLOW_API_URL', 'SYNTHFLOW_SIP_TERMINATION'].filter((name) => (environment[name] ?? '') !== '');
  if (region === undefined || names.length === 0) return [];
  const detail = `its region has no effect beside ${names.join(' and ')}`;
  return [warning(number, detail, `unset ${names.join(' and ')}, or take the region out of the entry`)];
}

/** What is wrong with a variable by its name. */
function checkName(name: string, value: string): readonly Finding[] {
  if ([...settingNames, ...credentials].includes(name)) return [];
  if (secretCredentials.includes(name)) {
    if (value === '') return [];
    return [
      failed(name, 'would be uploaded with the settings', "move it from your env file into the shell's environment"),
    ];
  }
  if (name === 'VOICEMAIL_URL') {
    return [failed(name, 'is called NOTIFY_URL now, and gets missed calls, too', 'rename it in your env file')];
  }
  const upper = name.toUpperCase();
  const known = [...settingNames, ...credentials, ...secretCredentials];
  const nearest = closest(upper, known);
  if (distance(upper, nearest) <= 3) return [failed(name, "isn't a setting", `did you mean ${nearest}?`)];
  const fix = "docs/settings.md lists them; a variable of your own code's needs a name that begins in another way";
  return settingPrefix.test(upper) ? [failed(name, "isn't a setting", fix)] : [];
}

/** How the names of settings begin. */
const settingPrefix =
  /^(SYNTHFLOW|CALL|CONFIRM|FALLBACK|PREPARE|DIAL|DIRECT|LOOKUP|TRANSFER|REFUSED|CALLER|MIN_AGENT|NOTIFY|TWILIO_SIP)_/;

function checkSizes(environment: Environment): readonly Finding[] {
  const uploaded = Object.entries(environment).filter(([name, value]) => value !== '' && !credentials.includes(name));
  const findings = uploaded
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }))
    .filter(({ bytes }) => bytes > limits.variable)
    .map(({ name, bytes }) =>
      failed(name, `${bytes} bytes`, `shorten it: Twilio takes at most ${limits.variable} bytes`),
    );
  const together = Buffer.byteLength(uploaded.flat().join(''));
  if (together <= limits.together) return findings;
  const fix = `Twilio takes about ${limits.together}: move settings into the number table`;
  return [...findings, failed('environment', `${together} bytes together`, fix)];
}

/** Whether calls can match a key of the number table, which has to be in E.164, and have a number to dial. */
function checkKey(key: string, { trunk }: Settings, numbers: NumberTable): readonly Finding[] {
  const address = parseAddress(key);
  const matched = addressKey(address);
  if (matched === '' || (address.kind === 'number' && !e164.test(key))) {
    const fix = 'write a number in E.164, such as +15550100100, or an address such as sip:sales@acme.sip.twilio.com';
    return [failed(key, "isn't how a key of the number table is written", fix)];
  }
  const findings: Finding[] = [];
  // Without valid settings of the trunk, that is the finding.
  if (trunk !== undefined && (trunk.dialNumber ?? dialableNumber(address)) === undefined) {
    const detail = 'has no number that the trunk could dial: its callers get the fallback';
    findings.push(failed(key, detail, 'give its entry a dialNumber'));
  }
  const keys = Object.keys(numbers);
  if (keys.slice(0, keys.indexOf(key)).some((other) => addressKey(parseAddress(other)) === matched)) {
    findings.push(failed(key, 'duplicates an entry above it, which wins', 'keep one of them'));
  }
  return findings;
}

/** A route that rings numbers which this bridge answers, too: a caller in a circle would never get out of it. */
function checkCircle(number: string, environment: Environment, numbers: NumberTable): readonly Finding[] {
  const rings = (one: string): readonly string[] => {
    const phones = phonesOf(stepsOf(readSettings(environment, numbers, parseAddress(one)))).map(
      (phone) => phone.number,
    );
    return phones.filter((phone) => Object.hasOwn(numbers, phone));
  };
  const reached = new Set(rings(number));
  // What is added meanwhile is gone through, too.
  for (const next of reached) for (const further of rings(next)) reached.add(further);
  const fix = 'choose a number where a person answers';
  if (reached.has(number)) {
    return [failed(number, 'its route comes back to it, by way of the numbers that it rings', fix)];
  }
  return reached.size > 0 ? [warning(number, 'its route rings a number that this bridge answers, too', fix)] : [];
}
