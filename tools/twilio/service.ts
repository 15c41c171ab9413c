import type { Twilio } from 'twilio';
import { type ApiSettings, readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { loadNumberTable } from '../build/number-table';
import { readEnvironment } from '../environment';
import type { Shell } from '../shell';
import { maskUnless } from '../text';
import { clientOf, describeTwilioError, requireAccount } from './account';
import { type Deployment, findDeployment, inOrder, listLogLines, serviceNameOf, type TimedLine } from './deployment';
import { type Leg, legOf } from './recorded-leg';
import { type Domains, isSwitched, pointsAt, refusalOf, type TwilioNumber } from './wiring';

/** A deployed service, and how to ask both platforms about its calls. */
export interface Service {
  readonly shell: Shell;
  readonly client: Twilio;
  readonly deployment: Deployment;
  readonly domains: Domains;
  /** Every workspace that the settings and the number table name; none without an API key of Synthflow. */
  readonly apis: readonly ApiSettings[];
}

/** Which deployment a command looks at. */
export interface ServiceOptions {
  /** The env file. */
  readonly env: string;
  /** The suffix of the environment; empty for production. */
  readonly suffix: string;
  readonly customDomain?: string | undefined;
  /** Milliseconds between two requests to Twilio. */
  readonly everyMs?: number;
}

/** Finds a deployment; throws what to do if there is none, or if Twilio doesn't answer. */
export async function openService(
  shell: Shell,
  { env, suffix, customDomain, everyMs }: ServiceOptions,
): Promise<Service> {
  const environment = readEnvironment(shell, env);
  const client = await clientOf(shell, requireAccount(environment, shell.env), everyMs);
  const deployment = await explained(findDeployment(client, serviceNameOf(shell), suffix));
  if (deployment === undefined) {
    const [name, option] = suffix === '' ? ['production', '--production'] : [suffix, `--environment ${suffix}`];
    throw new Error(`the service is not deployed in the environment ${name}: npm run deploy -- ${option}`);
  }
  const domains: Domains = customDomain === undefined ? [deployment.domain] : [deployment.domain, customDomain];
  const numbers = await loadNumberTable(shell.project, environment);
  const called = ['', ...Object.keys(numbers)];
  const all = called.flatMap((number) => readSettings(environment, numbers, parseAddress(number)).api ?? []);
  const apis = all.filter(({ apiUrl, apiKey }, index) => {
    return all.findIndex((one) => one.apiUrl === apiUrl && one.apiKey === apiKey) === index;
  });
  return { shell, client, deployment, domains, apis };
}

/** Rejects with a sentence where Twilio's client rejects with an error of its own. */
export function explained<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw new Error(describeTwilioError(error));
  });
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

/** Numbers of the account, in E.164. */
export interface OwnNumbers {
  /** Those whose calls reach the functions of the deployment. */
  readonly wired: readonly string[];
  /** Those whose outage switch is on. */
  readonly switched: readonly string[];
}

/** The numbers of the account that point at the deployment. */
export async function readNumbers({ client, domains }: Service): Promise<OwnNumbers> {
  const numbers = await explained(client.incomingPhoneNumbers.list({ pageSize: 1000 }));
  const isWired = (number: TwilioNumber): boolean =>
    pointsAt(number, domains) && !isSwitched(number, domains) && refusalOf(number) === undefined;
  return {
    wired: numbers.filter(isWired).map(({ phoneNumber }) => phoneNumber),
    switched: numbers.filter((number) => isSwitched(number, domains)).map(({ phoneNumber }) => phoneNumber),
  };
}
