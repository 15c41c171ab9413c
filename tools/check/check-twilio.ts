import type { Twilio } from 'twilio';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks';
import { phonesOf } from '../../src/assets/route.private';
import { type NumberTable, readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { fallbackPath, functionPaths } from '../build/build';
import type { CommandLine } from '../command';
import { type Environment, settingNames } from '../environment';
import { type Finding, failed, notChecked, ok, warning } from '../finding';
import { ask } from '../http';
import type { Shell } from '../shell';
import {
  type Account,
  authTokenOf,
  clientOf,
  describeTwilioError,
  mistakeIn,
  noCredentials,
  twilioFailure,
} from '../twilio/account';
import {
  type Deployment,
  findDeployment,
  listLogLines,
  listVariables,
  readLiveBuild,
  serviceNameOf,
} from '../twilio/deployment';
import { checkVariables } from '../twilio/variables';
import { checkNumber, type Domains, findRegionProblem, mayLeadHere, pointsAt, targetOf } from '../twilio/wiring';
import { stepsOf } from './routes';

/** What the deployment should be. */
export interface Expected {
  /** The suffix of its environment; empty for production. */
  readonly suffix: string;
  /** A custom domain that numbers may be wired to. */
  readonly customDomain: string | undefined;
  readonly numbers: NumberTable;
  readonly environment: Environment;
  /** The build of this checkout, and its `/fallback.xml`. */
  readonly build: string;
  readonly fallbackXml: string;
  /** Writes the commands of the fixes. */
  readonly command: CommandLine;
}

/** The findings at Twilio, and the numbers whose calls reach the deployment. */
export interface TwilioFindings {
  readonly findings: readonly Finding[];
  /** In E.164. */
  readonly wired: readonly string[];
  /** Deployed variables that the settings don't have, and that are none of the bridge's. */
  readonly foreign: Environment;
}

const nothingFound: TwilioFindings = { findings: [], wired: [], foreign: {} };

/** Checks that the deployed service is this build with these settings, is protected, and gets the numbers' calls. */
export async function checkTwilio(
  shell: Shell,
  account: Account | undefined,
  expected: Expected,
): Promise<TwilioFindings> {
  if (account === undefined) return { ...nothingFound, findings: [notChecked('Twilio', noCredentials)] };
  const mistakes = checkLogin(account);
  if (mistakes.length > 0) return { ...nothingFound, findings: mistakes };
  const client = await clientOf(shell, account);
  const serviceName = serviceNameOf(shell);
  try {
    const deployment = await findDeployment(client, serviceName, expected.suffix);
    if (deployment === undefined) {
      const where = expected.suffix && ` in the environment ${expected.suffix}`;
      return {
        ...nothingFound,
        findings: [failed('Twilio service', `not deployed${where}`, expected.command('deploy'))],
      };
    }
    return await checkDeployment(shell, client, deployment, authTokenOf(account), expected);
  } catch (error) {
    return { ...nothingFound, findings: [twilioFailure('Twilio', error)] };
  }
}

/** What is wrong with a login before Twilio is asked. */
export function checkLogin(account: Account | undefined): readonly Finding[] {
  const mistake = account && mistakeIn(account);
  return mistake === undefined ? [] : [failed('Twilio', mistake, 'correct it in your env file, or in the shell')];
}

/** Checks a deployment part by part: what Twilio doesn't answer hides nothing else. */
async function checkDeployment(
  shell: Shell,
  client: Twilio,
  deployment: Deployment,
  authToken: string | undefined,
  expected: Expected,
): Promise<TwilioFindings> {
  const { domain } = deployment;
  const { customDomain } = expected;
  const domains: Domains = customDomain === undefined ? [domain] : [domain, customDomain];
  const unanswered = (subject: string) => (error: unknown) => ({
    ...nothingFound,
    findings: [twilioFailure(subject, error)],
  });
  const numbers = await checkNumbers(client, domains, expected).catch(unanswered('numbers'));
  const variables = await checkDeployedVariables(client, deployment, expected).catch(unanswered('variables'));
  const build = await checkBuild(client, deployment, expected).catch((error: unknown) =>
    twilioFailure('Twilio service', error),
  );
  return {
    findings: [
      build,
      ...(await checkProtection(shell, domain, expected)),
      ...(customDomain === undefined ? [] : await checkProtection(shell, customDomain, expected, customDomain)),
      await checkFallback(shell, domain, authToken, expected),
      ...variables.findings,
      ...numbers.findings,
      await checkAlertsOf(shell, client, deployment, domains).catch((error: unknown) =>
        notChecked('alerts', describeTwilioError(error)),
      ),
    ],
    wired: numbers.wired,
    foreign: variables.foreign,
  };
}

async function checkDeployedVariables(
  client: Twilio,
  deployment: Deployment,
  { environment, command }: Expected,
): Promise<Pick<TwilioFindings, 'findings' | 'foreign'>> {
  const variables = await listVariables(client, deployment);
  const foreign = variables.filter(({ key }) => !settingNames.includes(key));
  return {
    findings: checkVariables(variables, environment, command),
    foreign: Object.fromEntries(foreign.map(({ key, value }) => [key, value])),
  };
}

async function checkBuild(client: Twilio, deployment: Deployment, { build, command }: Expected): Promise<Finding> {
  const subject = 'Twilio service';
  const { domain } = deployment;
  const live = await readLiveBuild(client, deployment);
  if (live === undefined) return failed(subject, `${domain} has no build of the bridge`, command('deploy'));
  if (live === build) return ok(subject, `${domain} is this build (${build})`);
  const detail = `${domain} is another build than this one (${build})`;
  return warning(subject, detail, `${command('deploy')}, if that is what callers should get`);
}

/** How Twilio's cloud answers a request without a valid signature: people report 403, one of its pages says 400. */
const refusals: readonly number[] = [400, 401, 403];

/** Checks that unsigned requests are refused; no call is made. `label` precedes each path. */
async function checkProtection(
  shell: Shell,
  domain: string,
  { command }: Expected,
  label = '',
): Promise<readonly Finding[]> {
  return Promise.all(
    [...Object.values(functionPaths), fallbackPath].map(async (path) => {
      const { status, found } = await ask(shell, path === fallbackPath ? 'get' : 'post', `https://${domain}${path}`);
      const subject = `${label}${path}`;
      if (refusals.includes(status)) return ok(subject, 'refuses a request without signature');
      if (status === 0)
        return failed(subject, found, 'is the network up, and does the domain lead to this deployment?');
      const detail = `${found} to a request without signature, expected 403`;
      return failed(subject, detail, command('deploy'));
    }),
  );
}

/** Whether the live `/fallback.xml` matches the settings; only the auth token can sign the request for it. */
async function checkFallback(
  shell: Shell,
  domain: string,
  authToken: string | undefined,
  { fallbackXml, command }: Expected,
): Promise<Finding> {
  const subject = 'fallback';
  if (authToken === undefined) return notChecked(subject, 'what /fallback.xml says: that needs AUTH_TOKEN');
  const url = `https://${domain}/fallback.xml`;
  const headers = { 'X-Twilio-Signature': getExpectedTwilioSignature(authToken, url, {}) };
  const { status, body, found } = await ask(shell, 'get', url, headers);
  if (status === 0) return notChecked(subject, `what /fallback.xml says: ${found}`);
  if (status !== 200) return failed(subject, `${found} to a signed request for /fallback.xml`, command('deploy'));
  if (body === fallbackXml) return ok(subject, '/fallback.xml matches the settings');
  return failed(subject, '/fallback.xml does not match the settings', command('deploy'));
}

async function checkNumbers(
  client: Twilio,
  domains: Domains,
  { numbers, environment, command }: Expected,
): Promise<Omit<TwilioFindings, 'foreign'>> {
  const all = await client.incomingPhoneNumbers.list({ pageSize: 1000 });
  const isHeld = all.some(({ voiceApplicationSid }) => Boolean(voiceApplicationSid));
  const apps = isHeld ? await client.applications.list({ pageSize: 1000 }) : [];
  const wired = all.filter((number) => pointsAt(targetOf(number, apps), domains));
  const own = all.filter((number) => Object.hasOwn(numbers, number.phoneNumber) || wired.includes(number));
  // If no number is wired to this deployment, report the numbers that may reach it indirectly.
  const around = own.length > 0 ? [] : all.filter((number) => mayLeadHere(number, apps, domains));
  const called = ['', ...Object.keys(numbers)];
  const routeNumbers = called.flatMap((to) => phonesOf(stepsOf(readSettings(environment, numbers, parseAddress(to)))));
  const dialled = routeNumbers.map(({ number }) => number);
  const looked = [...own, ...around];
  const findings =
    looked.length === 0
      ? [failed('numbers', 'no number points at this deployment', command('wire', '+1…'))]
      : looked.flatMap((number) => checkNumber(number, apps, domains, dialled, command));
  const regions = await Promise.all(own.map(({ phoneNumber }) => checkRegion(client, phoneNumber)));
  findings.push(...regions.flat());
  return { findings, wired: wired.map(({ phoneNumber }) => phoneNumber) };
}

async function checkRegion(client: Twilio, phoneNumber: string): Promise<readonly Finding[]> {
  try {
    const problem = await findRegionProblem(client, phoneNumber);
    return problem === undefined ? [] : [problem];
  } catch (error) {
    const detail = `in which region its calls are processed: ${describeTwilioError(error)}`;
    return [notChecked(phoneNumber, detail)];
  }
}

async function checkAlertsOf(
  { clock }: Shell,
  client: Twilio,
  deployment: Deployment,
  domains: Domains,
): Promise<Finding> {
  const startDate = new Date(clock.now() - 86_400_000);
  const alerts = await client.monitor.v1.alerts.list({ startDate, pageSize: 1000 });
  const lines = await listLogLines(client, deployment, startDate);
  const callSids = new Set<string | null | undefined>(lines.flatMap(({ line }) => line.callSid ?? []));
  return checkAlerts(alerts, domains, callSids);
}

/** An alert as Twilio's Monitor shows it. */
export interface Alert {
  readonly errorCode: string;
  readonly requestUrl?: string | null;
  /** The call of an alert without a URL, such as a warning of SIP. */
  readonly resourceSid?: string | null;
}

/** What the alerts of the last day say about the service at these domains, and about its calls. */
export function checkAlerts(
  alerts: readonly Alert[],
  domains: readonly string[],
  callSids: ReadonlySet<string | null | undefined>,
): Finding {
  const own = alerts.filter(
    ({ requestUrl, resourceSid }) =>
      domains.some((domain) => requestUrl?.includes(domain)) || callSids.has(resourceSid),
  );
  if (own.length === 0) return ok('alerts', 'none in the last day');
  const codes = new Map<string, number>();
  for (const { errorCode } of own) codes.set(errorCode, (codes.get(errorCode) ?? 0) + 1);
  const list = [...codes].map(([code, count]) => `${code} (${count})`).join(', ');
  return warning('alerts', `${own.length} in the last day: ${list}`, 'docs/runbook.md says what each means');
}
