import type { Twilio } from 'twilio';
import { readSettings } from '../../src/assets/settings.private';
import { readEnvironment } from '../environment';
import { clientOf, describeTwilioError, requireAccount } from './account';
import { type CallResource, type Leg, legOf } from './call/leg';
import { type Deployment, findDeployment, listLogLines } from './deployment';
import { type CallHistory, groupCalls, type TimedLine } from './history';
import type { Api } from './synthflow';
import { isSwitched } from './wiring';

/** A deployment, and how to ask both platforms about its calls. */
export interface Line {
  readonly client: Twilio;
  readonly deployment: Deployment;
  /** `undefined` when no API key is set. */
  readonly api: Api | undefined;
}

/** Finds the deployment of an environment; throws what to do when there is none, or when Twilio doesn't answer. */
export async function openLine(envFile: string, suffix: string): Promise<Line> {
  const environment = readEnvironment(envFile);
  const client = clientOf(requireAccount(environment, process.env));
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

/** What happened on a line. */
export interface LineHistory {
  readonly lines: readonly TimedLine[];
  readonly legs: readonly Leg[];
  /** Newest first. */
  readonly calls: readonly CallHistory[];
}

/** Reads the calls since a date: two lists of Twilio's, page by page. */
export async function readHistory({ client, deployment }: Line, since: Date): Promise<LineHistory> {
  const [lines, resources] = await explained(
    Promise.all([
      listLogLines(client, deployment, since),
      client.calls.list({ startTimeAfter: since, pageSize: 1000 }) satisfies Promise<CallResource[]>,
    ]),
  );
  const legs = resources.map((call) => legOf(call, (text) => text));
  return { lines, legs, calls: groupCalls(lines, legs) };
}

/** The numbers of the account whose outage switch is on. */
export async function switchedNumbers({ client, deployment }: Line): Promise<readonly string[]> {
  const numbers = await explained(client.incomingPhoneNumbers.list({ pageSize: 1000 }));
  return numbers.filter((number) => isSwitched(number, [deployment.domain])).map(({ phoneNumber }) => phoneNumber);
}
