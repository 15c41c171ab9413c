import type { Twilio } from 'twilio';
import { parseLine } from './history';
import { inOrder } from './order';

/** The name under which `.twilioserverlessrc` deploys. */
export const serviceName = 'twilio-synthflow-bridge';

/** One environment of the deployed service. */
export type Deployment = NonNullable<Awaited<ReturnType<typeof findDeployment>>>;

/** The id of the deployed service; `undefined` when there is none. Throws Twilio's error. */
export async function findServiceSid(client: Twilio): Promise<string | undefined> {
  const services = await client.serverless.v1.services.list({ pageSize: 100 });
  return services.find(({ uniqueName }) => uniqueName === serviceName)?.sid;
}

/** The deployment in the environment of this suffix, `''` being production; `undefined` when there is none. Throws Twilio's error. */
export async function findDeployment(client: Twilio, suffix: string) {
  const serviceSid = await findServiceSid(client);
  if (serviceSid === undefined) return undefined;
  const environments = await client.serverless.v1.services(serviceSid).environments.list({ pageSize: 100 });
  const environment = environments.find(({ domainSuffix }) => (domainSuffix ?? '') === suffix);
  if (environment === undefined) return undefined;
  const { sid, buildSid, domainName } = environment;
  // There is no build when nothing was activated yet.
  return { serviceSid, environmentSid: sid, buildSid: buildSid || undefined, domain: domainName };
}

/** What the functions of a deployment have logged since this date. Throws Twilio's error. */
export async function listLogLines(client: Twilio, { serviceSid, environmentSid }: Deployment, startDate: Date) {
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

/** What a wired number points at. */
export type Wiring = ReturnType<typeof outageWiringOf>;

/** How the outage switch points a number at the deployment of this domain: past every function. */
export const outageWiringOf = (domain: string) => ({
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
