import type { Twilio } from 'twilio';
import type { CommandLine } from '../command';
import { type Finding, failed, ok, warning } from '../finding';
import { oneLine } from '../text';
import { outageWiringOf, type Wiring, wiringOf } from './deployment';

/** A phone number of the account, as Twilio's API shows it. */
export type TwilioNumber = Awaited<ReturnType<Twilio['incomingPhoneNumbers']['list']>>[number];

/** Where calls are sent, as numbers and TwiML apps both have it. */
export type CallTarget = Partial<Wiring>;

/** A TwiML app of the account. */
export type TwimlApp = CallTarget & { readonly sid: string };

/** A number with what it points at, and what may hold it, so that its voice URL is not used. */
export type NumberWiring = Pick<TwilioNumber, 'phoneNumber'> &
  Partial<Pick<TwilioNumber, 'trunkSid' | 'voiceApplicationSid'>> &
  CallTarget;

/** What a number points at now. */
export const currentWiring = (number: TwilioNumber): Wiring => ({
  voiceUrl: number.voiceUrl ?? '',
  voiceMethod: number.voiceMethod ?? 'POST',
  voiceFallbackUrl: number.voiceFallbackUrl ?? '',
  voiceFallbackMethod: number.voiceFallbackMethod ?? 'POST',
});

/** Why a number can't be wired. */
export function refusalOf({ phoneNumber, trunkSid, voiceApplicationSid }: NumberWiring): Finding | undefined {
  if (!trunkSid && !voiceApplicationSid) return undefined;
  const holder = trunkSid ? `the SIP trunk ${trunkSid}` : `the TwiML app ${voiceApplicationSid}`;
  const detail = `${holder} holds it, so its voice URL would not be used`;
  return failed(phoneNumber, detail, 'take it out of there in the Console first');
}

/** Where calls to a number are sent: by its TwiML app, if one holds it. */
export function targetOf(number: NumberWiring, apps: readonly TwimlApp[]): CallTarget {
  const { voiceApplicationSid } = number;
  return voiceApplicationSid ? (apps.find(({ sid }) => sid === voiceApplicationSid) ?? {}) : number;
}

/** Which settings differ from what they should be, as `name is … instead of …`. */
export function differences(found: CallTarget, target: Wiring): readonly string[] {
  return Object.entries(target)
    .map(([name, value]) => ({ name, value, was: Object.entries(found).find(([key]) => key === name)?.[1] || 'unset' }))
    .filter(({ value, was }) => withoutOverrides(was) !== (value || 'unset'))
    .map(({ name, value, was }) => `${name} is ${showUrl(was)} instead of ${showUrl(value)}`);
}

/**
 * A URL without its fragment, which holds connection overrides such as `#rc=2`
 * (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
 */
const withoutOverrides = (url: string): string => url.replace(/#.*/, '');

/** A URL for people, without what may be secret in it: a login, and the query. */
export const showUrl = (url: string): string =>
  oneLine(url)
    .replace(/^(\w+:\/\/)[^/?#]*@/, '$1…@')
    .replace(/\?[^#]+/, '?…');

/** What the deployment can be reached at: its own domain and, if there is one, a custom domain. */
export type Domains = readonly [string, ...string[]];

/** Whether calls to this number, or to its TwiML app, are sent to one of these domains. */
export function pointsAt({ voiceUrl }: CallTarget, domains: Domains): boolean {
  return domains.some((domain) => urlOf(voiceUrl)?.host === domain);
}

/** Whether the outage switch is on: calls to this number get `/fallback.xml`, past every function. */
export function isSwitched({ voiceUrl }: CallTarget, domains: Domains): boolean {
  return domains.some((domain) => withoutOverrides(`${voiceUrl}`) === outageWiringOf(domain).voiceUrl);
}

/** Where a number's calls are processed, if that isn't where it is wired; a number's webhooks belong to one region. */
export async function findRegionProblem(client: Twilio, phoneNumber: string): Promise<Finding | undefined> {
  const region = client.region || 'us1';
  const found = await client.routes.v2.phoneNumbers(phoneNumber).fetch();
  const processed = found.voiceRegion || 'us1';
  if (processed === region) return undefined;
  const detail = `Twilio processes its calls in ${processed}, and this deployment is in ${region}`;
  const fix = `route the number to ${region} in the Console, or set TWILIO_REGION=${processed} and deploy there`;
  return failed(phoneNumber, detail, fix);
}

/** Whether a number is wired as it should be, and whether a route rings it. */
export function checkNumber(
  number: NumberWiring,
  apps: readonly TwimlApp[],
  domains: Domains,
  routeNumbers: readonly string[],
  command: CommandLine,
): Finding[] {
  const { phoneNumber } = number;
  const finding = checkTarget(number, apps, domains, command);
  if (!routeNumbers.includes(phoneNumber)) return [finding];
  const circle = 'is in a route and wired to this deployment: callers would come back here, perhaps in a circle';
  return [finding, failed(phoneNumber, circle, 'choose a number where a person answers')];
}

function checkTarget(number: NumberWiring, apps: readonly TwimlApp[], domains: Domains, command: CommandLine): Finding {
  const { phoneNumber, trunkSid, voiceApplicationSid } = number;
  if (trunkSid) {
    const detail = `the SIP trunk ${trunkSid} holds it: its calls do not come here`;
    return failed(phoneNumber, detail, 'take it out of the trunk in the Console');
  }
  const target = targetOf(number, apps);
  const wrong = nearestDifferences(target, domains);
  const through = voiceApplicationSid ? ` through the TwiML app ${voiceApplicationSid}` : '';
  if (wrong.length === 0) return ok(phoneNumber, `is wired to this deployment${through}`);
  const front = inFront(phoneNumber, target, domains, command);
  if (front !== undefined) return front;
  if (voiceApplicationSid) {
    const detail = `the TwiML app ${voiceApplicationSid} holds it, and its ${wrong.join(', ')}`;
    return failed(phoneNumber, detail, 'correct the app in the Console, or take the number out of it');
  }
  if (isSwitched(number, domains)) {
    const fix = command('wire', '--undo', phoneNumber);
    return warning(phoneNumber, 'the outage switch is on: callers get /fallback.xml, and no agent', fix);
  }
  return failed(phoneNumber, wrong.join(', '), command('wire', phoneNumber));
}

/** Whether a number may lead here by a way that only its owner knows: a Studio flow, or a custom domain. */
export function mayLeadHere(number: NumberWiring, apps: readonly TwimlApp[], domains: Domains): boolean {
  return frontOf(targetOf(number, apps), domains) !== undefined;
}

/** What differs from the wiring of the domain that comes nearest. */
function nearestDifferences(found: CallTarget, domains: Domains): readonly string[] {
  return domains
    .map((domain) => differences(found, wiringOf(domain)))
    .reduce((nearest, one) => (one.length < nearest.length ? one : nearest));
}

/** What answers the call before the bridge does, and may well be right: `wire` would undo it. */
function frontOf({ voiceUrl }: CallTarget, domains: Domains): 'flow' | { readonly host: string } | undefined {
  const url = urlOf(voiceUrl);
  if (url === undefined) return undefined;
  const { host, pathname } = url;
  if (host === 'webhooks.twilio.com') return 'flow';
  return pathname !== '/inbound' || host.endsWith('.twil.io') || domains.includes(host) ? undefined : { host };
}

function inFront(phoneNumber: string, target: CallTarget, domains: Domains, command: CommandLine): Finding | undefined {
  const front = frontOf(target, domains);
  if (front === undefined) return undefined;
  if (front === 'flow') {
    const fix = `see that the flow sends its calls to https://${domains[0]}/inbound`;
    return warning(phoneNumber, "a Studio flow answers it, which this check can't follow", fix);
  }
  const detail = `points at ${front.host}: a custom domain of this deployment?`;
  return warning(phoneNumber, detail, command('check', '--domain', front.host));
}

function urlOf(text: string | undefined): URL | undefined {
  // What is unset is no URL, as any other text that isn't one.
  const url = `${text}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}
