import { readSettings } from '../../src/assets/settings.private';
import { readEnvironment } from '../environment';
import { clientOf, describeTwilioError, requireAccount } from './account';
import { type Leg, legOf, maskUnless } from './call/leg';
import { findDeployment, listLogLines } from './deployment';
import { groupCalls, lostCalls, type TimedLine } from './history';
import { inOrder } from './order';
import { type Domains, isSwitched, pointsAt, refusalOf, type TwilioNumber } from './wiring';

/** A deployed service, and how to ask both platforms about its calls: Synthflow only where an API key is set. */
export type Service = Awaited<ReturnType<typeof openService>>;

/**
 * Finds the deployment of an environment; throws what to do when there is none, or when Twilio doesn't answer. With
 * `everyMs`, Twilio is asked no more than once in that time.
 */
export async function openService(envFile: string, suffix: string, customDomain?: string, everyMs?: number) {
  const environment = readEnvironment(envFile);
  const client = clientOf(requireAccount(environment, process.env), everyMs);
  const deployment = await explained(findDeployment(client, suffix));
  if (deployment === undefined) {
    const [name, option] = suffix === '' ? ['production', '--production'] : [suffix, `--environment ${suffix}`];
    throw new Error(`the service is not deployed in the environment ${name}: npm run deploy -- ${option}`);
  }
  const domains: Domains = [deployment.domain, ...(customDomain === undefined ? [] : [customDomain])];
  return { client, deployment, domains, api: readSettings(environment, {}, '').api };
}

/** Rejects with a sentence where Twilio's client rejects with an error of its own. */
export function explained<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw new Error(describeTwilioError(error));
  });
}

/**
 * Reads the calls since a date, newest first, and the numbers whose outage switch is on. A login that may read the log
 * alone is enough; then `missing` says, one sentence each, what else could not be read.
 */
export async function readHistory(service: Service, since: Date) {
  const [lines, legs, numbers] = await Promise.all([
    readLines(service, since),
    readLegs(service, since).catch((error: Error) => error.message),
    readNumbers(service).catch((error: Error) => error.message),
  ]);
  const known = typeof legs === 'string' ? [] : legs;
  const { wired, switched } = typeof numbers === 'string' ? { wired: [], switched: [] } : numbers;
  const noLegs = 'ring and talk times are not known, and test calls count as others do';
  const noNumbers = 'calls that no function answered are not known, nor whether the outage switch is on';
  return {
    calls: groupCalls(lines, known, lostCalls(lines, known, wired, Date.now())),
    outage: switched,
    missing: [
      ...(typeof legs === 'string' ? [`Twilio's calls could not be read (${legs}): ${noLegs}`] : []),
      ...(typeof numbers === 'string' ? [`Twilio's numbers could not be read (${numbers}): ${noNumbers}`] : []),
    ],
  };
}

/** The log lines since a date. */
export const readLines = ({ client, deployment }: Service, since: Date): Promise<readonly TimedLine[]> =>
  explained(listLogLines(client, deployment, since));

/** The legs of all calls of the account since a date. */
export async function readLegs({ client }: Service, since: Date): Promise<readonly Leg[]> {
  const calls = await explained(client.calls.list({ startTimeAfter: since, pageSize: 1000 }));
  const legs = calls.map((call) => legOf(call, maskUnless(true)));
  return inOrder(legs, ({ start }) => start);
}

/** The numbers of the account that are wired to the deployment, and those whose outage switch is on. */
export async function readNumbers({ client, domains }: Service) {
  const numbers = await explained(client.incomingPhoneNumbers.list({ pageSize: 1000 }));
  const isWired = (number: TwilioNumber): boolean =>
    pointsAt(number, domains) && !isSwitched(number, domains) && refusalOf(number) === undefined;
  return {
    wired: numbers.filter(isWired).map(({ phoneNumber }) => phoneNumber),
    switched: numbers.filter((number) => isSwitched(number, domains)).map(({ phoneNumber }) => phoneNumber),
  };
}
