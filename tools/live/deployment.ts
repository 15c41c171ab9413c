import type { Twilio } from 'twilio';
import type { DeployedVariable } from './variables';

/** The name under which `.twilioserverlessrc` deploys. */
export const serviceName = 'twilio-synthflow-bridge';

/** One environment of the deployed service. */
export interface Deployment {
  readonly serviceSid: string;
  readonly environmentSid: string;
  /** `undefined` when nothing was activated yet. */
  readonly buildSid: string | undefined;
  readonly domain: string;
}

/** The deployment in the environment of this suffix, `''` being production; `undefined` when there is none. Throws Twilio's error. */
export async function findDeployment(client: Twilio, suffix: string): Promise<Deployment | undefined> {
  const services = await client.serverless.v1.services.list({ pageSize: 100 });
  const service = services.find(({ uniqueName }) => uniqueName === serviceName);
  if (service === undefined) return undefined;
  const environments = await client.serverless.v1.services(service.sid).environments.list({ pageSize: 100 });
  const environment = environments.find(({ domainSuffix }) => (domainSuffix ?? '') === suffix);
  if (environment === undefined) return undefined;
  const { sid, buildSid, domainName } = environment;
  return { serviceSid: service.sid, environmentSid: sid, buildSid: buildSid || undefined, domain: domainName };
}

/** The variables of a deployed environment. Throws Twilio's error. */
export async function listVariables(
  client: Twilio,
  { serviceSid, environmentSid }: Deployment,
): Promise<readonly DeployedVariable[]> {
  return client.serverless.v1.services(serviceSid).environments(environmentSid).variables.list({ pageSize: 100 });
}

/** What a wired number points at. */
export interface Wiring {
  readonly voiceUrl: string;
  readonly voiceMethod: string;
  readonly voiceFallbackUrl: string;
  readonly voiceFallbackMethod: string;
}

/** How `npm run wire` points a number at this deployment. */
export const wiringOf = ({ domain }: Deployment): Wiring => ({
  voiceUrl: `https://${domain}/inbound`,
  voiceMethod: 'POST',
  voiceFallbackUrl: `https://${domain}/fallback.xml`,
  voiceFallbackMethod: 'GET',
});
