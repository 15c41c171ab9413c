import { closest, distance } from 'fastest-levenshtein';
import { problemFix, variables } from '../../src/assets/environment.private';
import { phonesOf } from '../../src/assets/route.private';
import { type NumberTable, readSettings, wholeBudgetMs } from '../../src/assets/settings.private';
import { addressKey, dialableNumber, e164, parseAddress } from '../../src/assets/twilio/address.private';
import { retiredNames, settingNames } from '../environment';
import { type Finding, failed, ok, warning } from './report';
import { checkHours, stepsOf } from './routes';

type Environment = Readonly<Record<string, string>>;

/** Twilio's limits for environment variables, bytes (twilio.com/docs/serverless/functions-assets). */
const limits = { variable: 450, together: 3000 } as const;

/** Names that are never uploaded, so that they count for no limit. */
const credentials: readonly string[] = ['ACCOUNT_SID', 'AUTH_TOKEN'];

/** Every problem of the settings that can be found without asking anybody. */
export function checkSettings(environment: Environment, numbers: NumberTable): readonly Finding[] {
  const findings = [
    ...checkValues(environment, numbers),
    ...checkRetired(environment),
    ...checkBudgets(environment, numbers),
    ...checkVoice(environment, numbers),
    ...checkTimeLimits(numbers),
    ...checkHours(environment, numbers),
    ...checkNames(environment),
    ...checkSecrets(environment),
    ...checkSizes(environment),
    ...checkTable(environment, numbers),
  ];
  const entries = Object.keys(numbers).length;
  return findings.length > 0
    ? findings
    : [ok('settings', `valid, for the environment and ${entries} entries of the number table`)];
}

/** Every problem of the environment, and of each called number beyond those. */
function checkValues(environment: Environment, numbers: NumberTable): Finding[] {
  const called = Object.keys(numbers);
  // Stryker disable next-line StringLiteral: in an empty table, no number has an entry.
  const general = readSettings(environment, {}, '').problems;
  // Where every number has an agent of its own, the environment need not name one.
  const everywhere =
    called.length > 0 ? general.filter((problem) => !problem.startsWith('SYNTHFLOW_MODEL_ID')) : general;
  const own = called.flatMap((number) =>
    readSettings(environment, numbers, number)
      .problems.filter((problem) => !everywhere.includes(problem))
      .map((problem) => failed(number, withoutFix(problem), 'correct its entry in src/assets/numbers.private.ts')),
  );
  const inEnvironment = everywhere.map((problem) => {
    const colon = problem.indexOf(': ');
    const name = problem.slice(0, colon);
    return failed(name, withoutFix(problem.slice(colon + 2)), nearMiss(name, environment) ?? 'correct it in .env');
  });
  return [...inEnvironment, ...own];
}

/** What was most likely meant by a value that is refused only for its capitals, such as `EU`. */
function nearMiss(name: string, environment: Environment): string | undefined {
  const lower = environment[name]?.trim().toLowerCase();
  // Stryker disable next-line ConditionalExpression: no setting accepts that there is nothing.
  if (lower === undefined) return undefined;
  const isAccepted = Object.values(variables).some((one) => one.name === name && one.parse(lower) !== undefined);
  return isAccepted ? `did you mean ${name}=${lower}?` : undefined;
}

/** A voice of none of Twilio's providers (twilio.com/docs/voice/twiml/say/text-speech): Twilio says nothing with it. */
function checkVoice(environment: Environment, numbers: NumberTable): Finding[] {
  const voices: (readonly [string, string | undefined])[] = [
    ['FALLBACK_VOICE', environment.FALLBACK_VOICE],
    ...Object.entries(numbers).map(([number, { fallback }]) => [number, fallback?.voice] as const),
  ];
  return voices
    .filter(([, voice = '']) => voice !== '' && !/^(man|woman|alice)$|\w\.\w/.test(voice))
    .map(([subject, voice]) =>
      warning(subject, `the voice "${voice}" names no provider`, `did you mean Polly.${voice}?`),
    );
}

/** Twilio ends a call after 24 hours at the latest (twilio.com/docs/voice/twiml/dial). */
function checkTimeLimits(numbers: NumberTable): Finding[] {
  return Object.entries(numbers).flatMap(([number, { dial: { timeLimit = 1 } = {} }]) =>
    timeLimit >= 1 && timeLimit <= 86_400
      ? []
      : [failed(number, `dial.timeLimit is ${timeLimit}`, 'choose 1 to 86400 seconds, which is what Twilio takes')],
  );
}

/** Settings of earlier versions, which do nothing any more. */
function checkRetired(environment: Environment): Finding[] {
  return retiredNames
    .filter((name) => (environment[name] ?? '') !== '')
    .map((name) => failed(name, 'CALL_ROUTE has replaced it', `write ${replacement(environment)} instead`));
}

/** The route that an env file of an earlier version means. */
function replacement({ CALL_ROUTE = 'agent', FALLBACK_NUMBER = '', FALLBACK_VOICEMAIL }: Environment): string {
  const steps = CALL_ROUTE.split(',');
  const further = [FALLBACK_NUMBER, FALLBACK_VOICEMAIL === 'true' ? 'voicemail' : ''];
  return `CALL_ROUTE=${[...steps, ...further.filter((step) => step !== '' && !steps.includes(step))].join()}`;
}

/** A problem without its last sentence, which says what to do in the cloud. */
const withoutFix = (problem: string): string => problem.replace(`. ${problemFix}`, '');

/** A lookup and preparing the call share the time that a function has. */
function checkBudgets(environment: Environment, numbers: NumberTable): Finding[] {
  return Object.keys(numbers).flatMap((number) => {
    const { api } = readSettings(environment, numbers, number);
    const together = api?.lookup.customVariables === undefined ? 0 : api.budgetMs + api.lookup.timeoutMs;
    return together <= wholeBudgetMs
      ? []
      : [
          failed(
            number,
            `PREPARE_TIMEOUT_MS and LOOKUP_TIMEOUT_MS are ${together} together`,
            `shorten them to ${wholeBudgetMs}, since Twilio ends a function after 10 s`,
          ),
        ];
  });
}

/** Names that aren't settings but look like one: most likely misspelt. */
function checkNames(environment: Environment): Finding[] {
  const unknown = Object.keys(environment).filter(
    (name) => ![...settingNames, ...credentials].includes(name) && !retiredNames.includes(name),
  );
  return unknown
    .map((name) => ({ name, upper: name.toUpperCase(), nearest: closest(name.toUpperCase(), settingNames) }))
    .filter(({ upper, nearest }) => settingPrefix.test(upper) || distance(upper, nearest) <= 3)
    .map(({ name, nearest }) => failed(name, "isn't a setting", `did you mean ${nearest}?`));
}

/** How the names of settings begin. */
const settingPrefix =
  /^(SYNTHFLOW|CALL|CONFIRM|FALLBACK|PREPARE|DIAL|DIRECT|LOOKUP|TRANSFER|REFUSED|CALLER|MIN_AGENT|VOICEMAIL)_/;

/** Credentials under these names would be uploaded, for everybody with access to the service to read. */
function checkSecrets(environment: Environment): Finding[] {
  return ['TWILIO_API_KEY', 'TWILIO_API_SECRET', 'TWILIO_AUTH_TOKEN']
    .filter((name) => (environment[name] ?? '') !== '')
    .map((name) =>
      failed(name, 'would be uploaded with the settings', "move it from .env into the shell's environment"),
    );
}

function checkSizes(environment: Environment): Finding[] {
  const uploaded = Object.entries(environment).filter(([name, value]) => value !== '' && !credentials.includes(name));
  const large = uploaded
    .filter(([, value]) => Buffer.byteLength(value) > limits.variable)
    .map(([name, value]) =>
      failed(name, `${Buffer.byteLength(value)} bytes`, `shorten it: Twilio takes at most ${limits.variable} bytes`),
    );
  const together = uploaded.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  return together > limits.together
    ? [
        ...large,
        failed(
          'environment',
          `${together} bytes together`,
          `Twilio takes about ${limits.together}: move settings into the number table`,
        ),
      ]
    : large;
}

function checkTable(environment: Environment, numbers: NumberTable): Finding[] {
  const called = Object.keys(numbers);
  const unreachable = called
    .filter((key) => !isKey(key))
    .map((number) =>
      failed(
        number,
        "isn't how a key of the number table is written",
        'write a number in E.164, such as +15550100100, or an address such as sip:sales@acme.sip.twilio.com',
      ),
    );
  const mute = called
    .filter((key) => isKey(key) && !isDialable(key, environment, numbers))
    .map((key) =>
      failed(
        key,
        'has no number that the trunk could dial: its callers get the fallback',
        'give its entry a dialNumber',
      ),
    );
  const isSame = (one: string, other: string): boolean =>
    addressKey(parseAddress(one)) === addressKey(parseAddress(other));
  const repeated = called
    .filter((key, index) => isKey(key) && called.slice(0, index).some((other) => isSame(key, other)))
    .map((key) => failed(key, 'is the same address as an entry above it, which counts', 'keep one of them'));
  return [...unreachable, ...checkCircles(environment, numbers), ...mute, ...repeated];
}

/** Routes that ring numbers which this bridge answers, too; a caller who goes in a circle would never get out of it. */
function checkCircles(environment: Environment, numbers: NumberTable): Finding[] {
  const rings = (number: string): readonly string[] => {
    const phones = phonesOf(stepsOf(readSettings(environment, numbers, number))).map((phone) => phone.number);
    return phones.filter((phone) => Object.hasOwn(numbers, phone));
  };
  const reachable = (number: string): ReadonlySet<string> => {
    const found = new Set(rings(number));
    // What is added meanwhile is gone through, too.
    for (const next of found) for (const further of rings(next)) found.add(further);
    return found;
  };
  const fix = 'choose a number where a person answers';
  return Object.keys(numbers).flatMap((number) => {
    const found = reachable(number);
    if (found.has(number))
      return [failed(number, 'its route comes back to it, by way of the numbers that it rings', fix)];
    return found.size > 0 ? [warning(number, 'its route rings a number that this bridge answers, too', fix)] : [];
  });
}

function isDialable(key: string, environment: Environment, numbers: NumberTable): boolean {
  const { trunk } = readSettings(environment, numbers, key);
  // Without valid settings of the trunk, that is the finding.
  return trunk === undefined || (trunk.dialNumber ?? dialableNumber(parseAddress(key))) !== undefined;
}

/** Whether a call can match this key of the number table: a number has to be in E.164. */
function isKey(key: string): boolean {
  const address = parseAddress(key);
  return addressKey(address) !== '' && (address.kind !== 'number' || e164.test(key));
}
