import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Twilio } from 'twilio';
import type { LogLine } from '../../src/assets/log.private';
import { buildIn } from '../build/build';
import type { Shell } from '../shell';
import { parseLine } from '../story/explanation';
import { messageOf } from '../text';

/**
 * The name under which this checkout deploys, as the toolkit reads it: the `serviceName` of `.twilioserverlessrc`.
 * Throws if that file can't be read.
 */
export function serviceNameOf({ project }: Pick<Shell, 'project'>): string {
  const file = join(project, '.twilioserverlessrc');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  try {
    // The file is JSON5, which is a part of JavaScript; the name is made a text there, since that runs its code, too.
    const serviceName = runInNewContext(`String((${text}\n).serviceName ?? '')`, {}, { timeout: 1000 });
    return serviceName || 'twilio-synthflow-bridge';
  } catch (error) {
    throw new Error(`.twilioserverlessrc: expected JSON5; ${messageOf(error)}`);
  }
}

/** One environment of the deployed service. */
export interface Deployment {
  readonly serviceSid: string;
  readonly environmentSid: string;
  /** `undefined` before anything was activated. */
  readonly buildSid: string | undefined;
  readonly domain: string;
}

/** A log line with the time at which Twilio took it. */
export interface TimedLine {
  readonly time: Date;
  readonly line: LogLine;
}

/** Sorts a list of Twilio's by time; items of the same second keep the list's order, read forwards in time. */
export function inOrder<T>(items: readonly T[], timeOf: (item: T) => Date): readonly T[] {
  const msOf = (item: T | undefined): number => (item === undefined ? 0 : timeOf(item).getTime());
  // Some of Twilio's lists begin with the newest item.
  const forwards = msOf(items[0]) > msOf(items.at(-1)) ? items.toReversed() : items;
  return forwards.toSorted((a, b) => msOf(a) - msOf(b));
}

/** The deployment in the environment of this suffix (`''`: production), or `undefined`. Throws Twilio's error. */
export async function findDeployment(
  client: Twilio,
  serviceName: string,
  suffix: string,
): Promise<Deployment | undefined> {
  const services = await client.serverless.v1.services.list({ pageSize: 100 });
  const serviceSid = services.find(({ uniqueName }) => uniqueName === serviceName)?.sid;
  if (serviceSid === undefined) return undefined;
  const environments = await client.serverless.v1.services(serviceSid).environments.list({ pageSize: 100 });
  const environment = environments.find(({ domainSuffix }) => (domainSuffix ?? '') === suffix);
  if (environment === undefined) return undefined;
  const { sid, buildSid, domainName } = environment;
  return { serviceSid, environmentSid: sid, buildSid: buildSid || undefined, domain: domainName };
}

/** The id of the live build, as its `/inbound` names it; `undefined` where there is none. Throws Twilio's error. */
export async function readLiveBuild(client: Twilio, deployment: Deployment): Promise<string | undefined> {
  const { serviceSid, buildSid } = deployment;
  if (buildSid === undefined) return undefined;
  const service = client.serverless.v1.services(serviceSid);
  const { functionVersions } = await service.builds(buildSid).fetch();
  const inbound = functionVersions.find(({ path }) => path === '/inbound');
  if (inbound === undefined) return undefined;
  const version = service.functions(inbound.function_sid).functionVersions(inbound.sid);
  const { content } = await version.functionVersionContent().fetch();
  return buildIn(content) ?? 'unknown';
}

/** What the functions of a deployment have logged since this date. Throws Twilio's error. */
export async function listLogLines(
  client: Twilio,
  { serviceSid, environmentSid }: Deployment,
  startDate: Date,
): Promise<readonly TimedLine[]> {
  const { logs } = client.serverless.v1.services(serviceSid).environments(environmentSid);
  const found = await logs.list({ startDate, pageSize: 1000 });
  const lines = found.flatMap(({ dateCreated, message }) => {
    const line = parseLine(message);
    return line === undefined ? [] : [{ time: dateCreated, line }];
  });
  return inOrder(lines, ({ time }) => time);
}

/** The variables of a deployed environment. Throws Twilio's error. */
export async function listVariables(client: Twilio, { serviceSid, environmentSid }: Deployment) {
  return client.serverless.v1.services(serviceSid).environments(environmentSid).variables.list({ pageSize: 100 });
}

/** What a number points at, in the names of Twilio's API. */
export interface Wiring {
  readonly voiceUrl: string;
  readonly voiceMethod: string;
  readonly voiceFallbackUrl: string;
  readonly voiceFallbackMethod: string;
}

/** Its fields, in the order in which they are shown. */
export const wiringFields = ['voiceUrl', 'voiceMethod', 'voiceFallbackUrl', 'voiceFallbackMethod'] as const;

/** How the outage switch points a number at the deployment of this domain: past every function. */
export const outageWiringOf = (domain: string): Wiring => ({
  voiceUrl: `https://${domain}/fallback.xml`,
  voiceMethod: 'GET',
  voiceFallbackUrl: `https://${domain}/fallback.xml`,
  voiceFallbackMethod: 'GET',
});

/** How `npm run wire` points a number at the deployment of this domain. */
export const wiringOf = (domain: string): Wiring => ({
  ...outageWiringOf(domain),
  voiceUrl: `https://${domain}/inbound`,
  voiceMethod: 'POST',
});
