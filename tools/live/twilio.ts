import axios from 'axios';
import type { Twilio } from 'twilio';
import type { NumberTable } from '../../src/assets/settings.private';
import { describeTwilioError } from './account';
import { type Alert, checkAlerts } from './alerts';
import { type Deployment, findDeployment, listVariables, wiringOf } from './deployment';
import { type Finding, failed, notChecked, ok, warning } from './report';
import { checkVariables } from './variables';
import { checkNumber } from './wiring';

/** Asks Twilio whether the deployed service is this build with these settings, is protected, and is what the numbers point at. */
export async function checkTwilio(
  client: Twilio,
  suffix: string,
  numbers: NumberTable,
  build: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly Finding[]> {
  try {
    const deployment = await findDeployment(client, suffix);
    if (deployment === undefined) {
      return [failed('Twilio service', `not deployed${suffix && ` in the environment ${suffix}`}`, 'npm run deploy')];
    }
    return [
      await checkBuild(client, deployment, build),
      ...(await checkProtection(deployment.domain)),
      ...checkVariables(await listVariables(client, deployment), environment),
      ...(await checkNumbers(client, deployment, numbers, environment.FALLBACK_NUMBER)),
      checkAlerts(await recentAlerts(client), deployment.domain),
    ];
  } catch (error) {
    return [failed('Twilio', ...explain(error))];
  }
}

function explain(error: unknown): [string, string] {
  const [what = '', fix = ''] = describeTwilioError(error).split(/[:;] /, 2);
  return [what, fix];
}

async function checkBuild(
  client: Twilio,
  { serviceSid, buildSid, domain }: Deployment,
  build: string,
): Promise<Finding> {
  const subject = 'Twilio service';
  if (buildSid === undefined) return failed(subject, `${domain} has no build`, 'npm run deploy');
  const service = client.serverless.v1.services(serviceSid);
  const { functionVersions } = await service.builds(buildSid).fetch();
  const inbound = functionVersions.find(({ path }) => path === '/inbound');
  if (inbound === undefined) return failed(subject, `${domain} has no /inbound`, 'npm run deploy');
  const version = service.functions(inbound.function_sid).functionVersions(inbound.sid);
  const { content } = await version.functionVersionContent().fetch();
  if (content.includes(`// build ${build}`)) return ok(subject, `${domain} is this build (${build})`);
  return warning(
    subject,
    `${domain} is another build than this one (${build})`,
    'npm run deploy, if that is what callers should get',
  );
}

/** What anybody on the internet may ask must be refused; nothing is signed, so no call is made. */
async function checkProtection(domain: string): Promise<readonly Finding[]> {
  const routes = [
    ['POST', '/inbound'],
    ['POST', '/dial-result'],
    ['POST', '/transfer'],
    ['GET', '/fallback.xml'],
  ] as const;
  return Promise.all(
    routes.map(async ([method, path]) => {
      const url = `https://${domain}${path}`;
      const status = await axios
        .request({ method, url, timeout: 10_000, proxy: false, maxRedirects: 0, validateStatus: () => true })
        .then((response) => response.status)
        .catch(() => 0);
      if (status === 403) return ok(path, 'refuses a request without signature');
      const found =
        status === 0 ? 'no answer within 10 s' : `HTTP ${status} to a request without signature, expected 403`;
      return failed(path, found, 'npm run deploy; the file name must end in .protected');
    }),
  );
}

async function checkNumbers(
  client: Twilio,
  deployment: Deployment,
  numbers: NumberTable,
  fallbackNumber: string | undefined,
): Promise<readonly Finding[]> {
  const all = await client.incomingPhoneNumbers.list({ pageSize: 1000 });
  const own = all.filter(
    ({ phoneNumber, voiceUrl }) => Object.hasOwn(numbers, phoneNumber) || voiceUrl?.includes(deployment.domain),
  );
  if (own.length === 0) return [failed('numbers', 'no number points at this deployment', 'npm run wire -- +1…')];
  return own.flatMap((number) => checkNumber(number, wiringOf(deployment), fallbackNumber));
}

function recentAlerts(client: Twilio): Promise<readonly Alert[]> {
  return client.monitor.v1.alerts.list({ startDate: new Date(Date.now() - 86_400_000), limit: 1000 });
}

/** For a check without credentials. */
export const twilioNotChecked: Finding = notChecked(
  'Twilio',
  'no credentials: set ACCOUNT_SID and AUTH_TOKEN in .env, or ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET in the shell',
);
