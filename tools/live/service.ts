import type { Twilio } from 'twilio';
import { readSettings } from '../../src/assets/settings.private';
import { readEnvironment } from '../environment';
import { clientOf, describeTwilioError, requireAccount } from './account';
import { type Leg, legOf, maskUnless } from './call/leg';
import { type Deployment, findDeployment, listLogLines } from './deployment';
import { groupCalls, type TimedLine } from './history';
import { inOrder } from './order';
import type { Api } from './synthflow';
import { isSwitched } from './wiring';

/** A deployed service, and how to ask both platforms about its calls. */
export interface Service {
  readonly client: Twilio;
  readonly deployment: Deployment;
  /** `undefined` when no API key is set. */
  readonly api: Api | undefined;
}

/**
 * Finds the deployment of an environment; throws what to do when there is none, or when Twilio doesn't answer. With
 * `everyMs`, Twilio is asked no more than once in that time.
 */
export async function openService(envFile: string, suffix: string, everyMs?: number): Promise<Service> {
  const environment = readEnvironment(envFile);
  const client = clientOf(requireAccount(environment, process.env), everyMs);
  const deployment = await explained(findDeployment(client, suffix));
  if (deployment === undefined) {
    throw new Error(`the service is not deployed in the environment "${suffix}": npm run deploy`);
  }
  return { client, deployment, api: readSettings(environment, {}, '').api };
}

/** Rejects with a sentence where Twilio's client rejects with an error of its own. */
export function explained<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw new Error(describeTwilioError(error));
  });
}

/**
 * Reads the calls since a date, newest first. A login that may read the log alone is enough; then `missing` says, one
 * sentence each, what of Twilio's own record could not be read.
 */
export async function readHistory(service: Service, since: Date) {
  const [lines, legs] = await Promise.all([
    readLines(service, since),
    readLegs(service, since).catch((error: Error) => error.message),
  ]);
  if (typeof legs !== 'string') return { calls: groupCalls(lines, legs), missing: [] };
  const lost = 'ring and talk times are not known, and test calls count as others do';
  return { calls: groupCalls(lines), missing: [`Twilio's calls could not be read (${legs}): ${lost}`] };
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

/** The numbers of the account whose outage switch is on. */
export async function switchedNumbers({ client, deployment }: Service): Promise<readonly string[]> {
  const numbers = await explained(client.incomingPhoneNumbers.list({ pageSize: 1000 }));
  return numbers.filter((number) => isSwitched(number, [deployment.domain])).map(({ phoneNumber }) => phoneNumber);
}
