import { types } from 'node:util';
import type { AxiosInstance } from 'axios';
import type { Twilio } from 'twilio';
import { describeFound } from '../../src/assets/environment.private';
import { type Finding, failed } from '../finding';
import { requestTimeoutMs, useTransport } from '../http';
import type { Shell } from '../shell';

type Environment = Readonly<Record<string, string | undefined>>;

/** A way into a Twilio account. */
export interface Account {
  readonly accountSid: string;
  /** Account SID or API key. */
  readonly username: string;
  readonly password: string;
  /** `TWILIO_REGION`, in which all of it is; as it was found, which may be none of Twilio's. */
  readonly region: string;
}

/** The regions in which Twilio Functions exist, with the edge of each (twilio.com/docs/global-infrastructure). */
const edges: Readonly<Record<string, string>> = { us1: '', ie1: 'dublin' };

/** The region where Functions always were. */
const defaultRegion = 'us1';

/**
 * The account of these variables: an API key (`TWILIO_API_KEY`, `TWILIO_API_SECRET`) before the auth token. The first
 * environment that has both parts wins: `.env` before the shell. `undefined` when neither has them.
 */
export function readAccount(...environments: readonly Environment[]): Account | undefined {
  const region = environments.flatMap(({ TWILIO_REGION }) => TWILIO_REGION || [])[0] ?? defaultRegion;
  for (const environment of environments) {
    const accountSid = environment.ACCOUNT_SID || environment.TWILIO_ACCOUNT_SID;
    const { TWILIO_API_KEY: key, TWILIO_API_SECRET: secret } = environment;
    const token = environment.AUTH_TOKEN || environment.TWILIO_AUTH_TOKEN;
    if (accountSid && key && secret) return { accountSid, username: key, password: secret, region };
    if (accountSid && token) return { accountSid, username: accountSid, password: token, region };
  }
  return undefined;
}

/** The account of these variables; throws with what to set when they have none. */
export function requireAccount(...environments: readonly Environment[]): Account {
  const account = readAccount(...environments);
  if (account === undefined) throw new Error(missingCredentials(environments));
  const mistake = mistakeIn(account);
  if (mistake !== undefined) throw new Error(mistake);
  return account;
}

/** What is wrong with an account before anybody is asked; `undefined` if nothing is. */
export function mistakeIn({ accountSid, region }: Account): string | undefined {
  if (!Object.hasOwn(edges, region)) return `TWILIO_REGION: expected us1 or ie1; found "${region.slice(0, 16)}"`;
  if (/^AC[0-9a-f]{32}$/i.test(accountSid)) return undefined;
  const found = accountSid.startsWith('SK') ? "an API key's SID" : describeFound(accountSid, true);
  return `ACCOUNT_SID (or TWILIO_ACCOUNT_SID): expected AC and 32 digits from 0 to f; found ${found}`;
}

/** What to do about an account that {@link readAccount} doesn't find. */
export const noCredentials =
  'no credentials: set ACCOUNT_SID and AUTH_TOKEN in your env file, or ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET in the shell';

function missingCredentials(environments: readonly Environment[]): string {
  const names = ['ACCOUNT_SID', 'AUTH_TOKEN', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_API_KEY'];
  const found = names.filter((name) => environments.some((environment) => environment[name]));
  if (found.length === 0) return noCredentials;
  return `${noCredentials}; found ${found.join(' and ')}, and all of a login must be in one place`;
}

/** The region and edge of an account's requests, for Twilio's clients; empty texts are their defaults. */
export function placeOf({ region }: Pick<Account, 'region'>): { readonly region: string; readonly edge: string } {
  return region === defaultRegion ? { region: '', edge: '' } : { region, edge: edges[region] ?? '' };
}

/**
 * A client of the account's region, with a timeout and retries suited to interactive use; with `everyMs`, each request
 * waits that long after the one before. `TWILIO_EDGE`, which the SDK would follow, doesn't count.
 */
export async function clientOf(shell: Shell, account: Account, everyMs = 0): Promise<Twilio> {
  const { accountSid, username, password } = account;
  // Loaded with the first request, since the whole SDK takes half a second.
  const { default: twilio } = await import('twilio');
  const httpClient = new twilio.RequestClient({ timeout: requestTimeoutMs, autoRetry: true, maxRetries: 2 });
  useTransport(httpClient.axios, shell);
  guardPages(httpClient.axios);
  let free = Promise.resolve();
  httpClient.axios.interceptors.request.use(async (request) => {
    const turn = free;
    free = everyMs === 0 ? turn : turn.then(() => shell.clock.pause(everyMs));
    await turn;
    return request;
  });
  return twilio(username, password, { accountSid, httpClient, ...placeOf(account) });
}

/** Pages of one list that are read: more than an account has of anything. */
const maxPages = 2000;

/** An answer that would lead to something which nobody wants. */
class OddAnswer extends Error {}

/** Keeps an odd answer from sending the login to another host, or from having a list read without end. */
function guardPages(client: AxiosInstance): void {
  const pages = new Map<string, number>();
  client.interceptors.request.use((request) => {
    const { hostname, pathname, searchParams } = new URL(request.url ?? '');
    if (!hostname.endsWith('.twilio.com')) throw new OddAnswer(`a list that goes on at ${hostname}`);
    const isFirst = !searchParams.has('Page') && !searchParams.has('PageToken');
    const count = isFirst ? 1 : (pages.get(pathname) ?? 1) + 1;
    pages.set(pathname, count);
    if (count > maxPages) throw new OddAnswer(`a list of more than ${maxPages} pages`);
    return request;
  });
}

/** The auth token of the account; `undefined` when the login is an API key. */
export const authTokenOf = ({ accountSid, username, password }: Account): string | undefined =>
  username === accountSid ? password : undefined;

/** What went wrong at Twilio, without the request: its status and number, and what to do. */
export function twilioFailure(subject: string, error: unknown): Finding {
  if (error instanceof OddAnswer) return failed(subject, `Twilio answered ${error.message}`, 'is a proxy in between?');
  // What the SDK throws when an answer is no JSON, or lacks what its documents promise.
  if (types.isNativeError(error) && ['SyntaxError', 'TypeError', 'RangeError'].includes(error.name)) {
    return failed(subject, "Twilio answered something that its documents don't have", 'is a proxy in between?');
  }
  if (typeof error !== 'object' || error === null || !('status' in error))
    return failed(subject, 'no answer from Twilio', 'is the network up? Behind a proxy, see docs/going-live.md');
  const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
  const fixes: Readonly<Record<number, string>> = {
    401: "check ACCOUNT_SID and AUTH_TOKEN, or the API key; each of Twilio's regions has its own",
    403: 'this login may not do that: use a key that may, or the auth token',
    404: "it isn't in this account: check ACCOUNT_SID, and TWILIO_REGION",
    429: 'too many requests: try again in a minute',
  };
  const status = Number(error.status);
  const isOurs = status >= 400 && status < 500 && code !== undefined;
  const otherFix = isOurs
    ? `see https://www.twilio.com/docs/api/errors/${code}`
    : "try again; if it stays, see Twilio's status page";
  const what = code === undefined ? `HTTP ${status}` : `HTTP ${status}, error ${code}`;
  return failed(subject, what, fixes[status] ?? otherFix);
}

/** The same in one sentence. */
export function describeTwilioError(error: unknown): string {
  const { detail, fix } = twilioFailure('Twilio', error);
  return detail.startsWith('HTTP') ? `Twilio answered ${detail}: ${fix}` : `${detail}: ${fix}`;
}
