import type { Environment, Language, Problem, Reader, Voice } from './environment.private';
import { fieldOf, readerOf, variables } from './environment.private';
import type { Hours } from './hours.private';
import type { OpenState, TableMatch } from './log.private';
import type { CustomVariables, LookupSettings, OwnerVariables } from './lookup.private';
import type { Phone, Route, RouteSource, TableStep } from './route.private';
import { phonesOf, plainPhone, readRoute } from './route.private';
import { type DialAttributes, type Region, regions, type TrunkSettings } from './synthflow/trunk.private';
import { type Address, addressKey, dialableNumber, isSameNumber, parseAddress } from './twilio/address.private';

/** What one called number changes; a field that is left out comes from the environment. */
export interface NumberSettings {
  /** The agent, instead of `SYNTHFLOW_MODEL_ID`. */
  readonly modelId?: string;
  /** The key of another Synthflow workspace, such as `process.env.ACME_KEY`; needs `modelId`. */
  readonly apiKey?: string | undefined;
  /** Of that workspace; `SYNTHFLOW_WORKSPACE_ID` isn't sent with another key. */
  readonly workspaceId?: string;
  /** Instead of `SYNTHFLOW_REGION`. */
  readonly region?: Region;
  /** The number to dial at Synthflow, instead of the called number. */
  readonly dialNumber?: string;
  /** Prompt variables for the agent, the same in each call. */
  readonly variables?: OwnerVariables;
  /** Looks up further ones. If it is late or fails, the call goes on without it and an alert is raised. */
  readonly customVariables?: CustomVariables;
  /** Further attributes of the Dial to the agent, such as `record`, `timeLimit` or `ringTone`. */
  readonly dial?: DialAttributes;
  /** Instead of `CALL_ROUTE`: what a call tries, from left to right; an empty list leaves the message alone. */
  readonly route?: readonly TableStep[];
  /** When the number is open; then a call takes `route`, else `closedRoute`. */
  readonly hours?: Hours;
  readonly closedRoute?: readonly TableStep[];
  /** Instead of the variables `FALLBACK_…`; an empty text clears the environment's value. */
  readonly fallback?: {
    readonly message?: string;
    readonly closing?: string;
    readonly language?: Language | '';
    readonly voice?: Voice | '';
  };
  /** Instead of `CONFIRM_MESSAGE`, for phones with `confirm`. */
  readonly confirmMessage?: string;
  /** Instead of `NOTIFY_URL`; an empty text clears it. */
  readonly notifyUrl?: string;
  /** Instead of `CALLER_ID`. */
  readonly callerId?: string;
  /** Instead of `TRANSFER_NUMBERS`. */
  readonly transferNumbers?: readonly string[];
  /** Instead of `REFUSED_CALLERS`; an empty list clears it. */
  readonly refuse?: readonly string[];
  /** Instead of `DIRECT_DIAL`. */
  readonly directDial?: boolean;
  /** Seconds, instead of `MIN_AGENT_SECONDS`. */
  readonly minAgentSeconds?: number;
}

/** Settings by called address: a number in E.164, a SIP address or a client. */
export type NumberTable = Readonly<Record<`+${string}` | `sip:${string}` | `client:${string}`, NumberSettings>>;

/** Everything that preparing a call needs. */
export interface ApiSettings {
  /** API base without a final slash. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly workspaceId: string | undefined;
  readonly lookup: LookupSettings;
  /** Milliseconds for preparing a call, second attempt included. */
  readonly budgetMs: number;
}

/** Milliseconds for all agents of one request, lookup included: Twilio ends a function after 10,000. */
export const wholeBudgetMs = 9000;

/** What an agent may do, and what counts as a conversation with one. */
export interface Rules {
  readonly directDial: boolean;
  /** Phones that an agent may transfer to; the routes' own come first. */
  readonly transferTargets: readonly Phone[];
  /** Seconds; a shorter leg of the agent does not count as a conversation. */
  readonly minAgentSeconds: number;
}

/** What the bridge says, and how. */
export interface Speech {
  /** Said to a caller who gets neither agent nor person. */
  readonly message: string;
  /** Said before a voicemail. */
  readonly voicemailMessage: string;
  /** Said after a voicemail. */
  readonly closing: string;
  /** Said to a person who has to press 1. */
  readonly confirmMessage: string;
  readonly language: Language | undefined;
  readonly voice: Voice | undefined;
}

/** The settings of one called number. `api` and `trunk` are `undefined` if one of their settings is a problem. */
export interface Settings {
  readonly api: ApiSettings | undefined;
  readonly trunk: TrunkSettings | undefined;
  readonly route: Route;
  /** What replaces `route` while the number is closed; `undefined` for a number that is always open. */
  readonly closed: { readonly hours: Hours; readonly route: Route } | undefined;
  /** As what a call has taken the number: `closed.route` replaces `route`. `undefined` without hours, or a call. */
  readonly hours: OpenState | undefined;
  readonly rules: Rules;
  readonly speech: Speech;
  /** In E.164; shown to a person when the caller's own number isn't allowed. */
  readonly callerId: string | undefined;
  /** Where a new voicemail is posted. */
  readonly notifyUrl: string | undefined;
  /** Callers who get nothing at all. */
  readonly refused: readonly string[];
  /** `undefined` for a number with an entry of its own, and for a table without entries. */
  readonly tableMatch: TableMatch | undefined;
  readonly problems: readonly Problem[];
}

/** The sentence for a caller who can't reach the agent (default of `FALLBACK_MESSAGE`). */
export const defaultMessage = 'We are sorry, our assistant cannot take your call at the moment.';

/** Reads the settings of a called number: its entry in the table comes before the environment. */
export function readSettings(environment: Environment, numbers: NumberTable, called: Address): Settings {
  const entry = entryOf(numbers, called) ?? {};
  const reader = readerOf(environment);
  const region = regions[reader.optional(variables.region, entry.region) ?? 'global'];
  const isRegionKnown = reader.problems.length === 0;
  const api = reader.ifAllAccepted(() => readApi(reader, entry, region));
  const trunk = reader.ifAllAccepted(() => readTrunk(reader, entry, region));
  const hasOwnKey = 'apiKey' in entry;
  const source = { reader, modelId: entry.modelId, needsModelId: hasOwnKey, called: dialableNumber(called) ?? '' };
  const route = readOwnRoute(entry, source);
  const closed = readClosed(entry, source);
  return {
    api: isRegionKnown ? api : undefined,
    trunk: isRegionKnown ? trunk : undefined,
    route,
    closed,
    hours: undefined,
    rules: readRules(entry, source, closed === undefined ? route : [...route, ...closed.route]),
    speech: readSpeech(reader, entry),
    callerId: reader.optional(variables.callerId, entry.callerId),
    notifyUrl: reader.optional(variables.notifyUrl, entry.notifyUrl),
    refused: reader.optional(variables.refusedCallers, entry.refuse) ?? [],
    tableMatch: matchOf(numbers, called),
    problems: reader.problems,
  };
}

/** What this instance has read for a called number, and what it read that from. */
interface Remembered {
  readonly numbers: NumberTable;
  readonly texts: readonly unknown[];
  readonly settings: Settings;
}

/** By called number. It may vanish. */
const remembered = new Map<string, Remembered>();
/** Called numbers to remember: callers over SIP can write any. */
const maxRemembered = 100;

const names = Object.values(variables).map(({ name }) => name);

/** As `readSettings`, but a warm instance reads again only what has changed. */
export function recallSettings(environment: Environment, numbers: NumberTable, called: Address): Settings {
  const key = `${addressKey(called)} ${called.kind === 'number' && called.isGuessed}`;
  const known = remembered.get(key);
  const isSame = (name: string, index: number): boolean => environment[name] === known?.texts[index];
  if (known !== undefined && known.numbers === numbers && names.every(isSame)) return known.settings;
  const settings = readSettings(environment, numbers, called);
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(key, { numbers, texts: names.map((name) => environment[name]), settings });
  return settings;
}

/** The called number's entry in the table; `undefined` if it has none. */
export function entryOf(numbers: NumberTable, called: Address): NumberSettings | undefined {
  const key = addressKey(called);
  if (key === '') return undefined;
  return Object.entries(numbers).find(([one]) => addressKey(parseAddress(one)) === key)?.[1];
}

function matchOf(numbers: NumberTable, called: Address): TableMatch | undefined {
  if (entryOf(numbers, called) === undefined) return Object.keys(numbers).length > 0 ? 'no_entry' : undefined;
  return called.kind === 'number' && called.isGuessed ? 'guessed_entry' : undefined;
}

type RegionDefaults = (typeof regions)[Region];

function readApi(reader: Reader, entry: NumberSettings, region: RegionDefaults): ApiSettings | undefined {
  // A key that is named but unset must not become another workspace's: an empty text is a missing one.
  const hasOwnKey = 'apiKey' in entry;
  const apiKey = reader.required(variables.apiKey, hasOwnKey ? (entry.apiKey ?? '') : undefined);
  const settings = {
    apiUrl: reader.optional(variables.apiUrl) ?? region.apiUrl,
    workspaceId: reader.optional(variables.workspaceId, entry.workspaceId ?? (hasOwnKey ? '' : undefined)),
    lookup: {
      variables: entry.variables ?? {},
      customVariables: entry.customVariables,
      timeoutMs: reader.optional(variables.lookupTimeoutMs) ?? 1500,
    },
    budgetMs: reader.optional(variables.prepareTimeoutMs) ?? 4000,
  };
  return apiKey === undefined ? undefined : { ...settings, apiKey };
}

function readTrunk(reader: Reader, entry: NumberSettings, { sipHosts }: RegionDefaults): TrunkSettings {
  const transport = reader.optional(variables.sipTransport);
  const regionPort = transport === 'tls' ? 32_682 : 32_681;
  const dialled = reader.optional(variables.sipTermination) ?? { name: sipHosts[0], port: regionPort };
  // A transfer comes back to Synthflow's own hosts, whatever termination was dialled.
  const synthflowHosts = sipHosts.map((name) => ({ name, port: regionPort }));
  return {
    trunk: {
      hosts: [dialled, ...synthflowHosts.filter(({ name }) => name !== dialled.name)],
      transport,
      srtp: reader.optional(variables.sipSrtp) ?? false,
      region: reader.optional(variables.sipRegion),
    },
    dialNumber: reader.optional(variables.dialNumber, entry.dialNumber),
    ringSeconds: reader.optional(variables.dialTimeoutSeconds) ?? 20,
    attributes: entry.dial ?? {},
  };
}

function readOwnRoute({ route }: NumberSettings, source: RouteSource): Route {
  if (route !== undefined) return readRoute(route, fieldOf(variables.callRoute), source);
  return readRoute(source.reader.optional(variables.callRoute) ?? ['agent'], variables.callRoute.name, source);
}

function readClosed({ hours, closedRoute }: NumberSettings, source: RouteSource): Settings['closed'] {
  if (hours && closedRoute) return { hours, route: readRoute(closedRoute, fieldOf(variables.closedRoute), source) };
  if (hours || closedRoute) {
    const found = `no ${hours ? 'closedRoute' : 'hours'}`;
    source.reader.report('hours and closedRoute in the number table', 'both or neither', found);
  }
  return undefined;
}

function readRules(entry: NumberSettings, { reader, called }: RouteSource, steps: Route): Rules {
  const transferNumbers = reader.optional(variables.transferNumbers, entry.transferNumbers) ?? [];
  const targets = [...phonesOf(steps), ...transferNumbers.map(plainPhone)];
  return {
    directDial: entry.directDial ?? reader.optional(variables.directDial) ?? false,
    transferTargets: targets.filter(({ number }) => !isSameNumber(number, called)),
    minAgentSeconds: reader.optional(variables.minAgentSeconds, entry.minAgentSeconds) ?? 0,
  };
}

function readSpeech(reader: Reader, entry: NumberSettings): Speech {
  const message = reader.optional(variables.fallbackMessage, entry.fallback?.message);
  return {
    message: message ?? defaultMessage,
    voicemailMessage: message ?? `${defaultMessage} Please leave a message after the tone.`,
    closing: reader.optional(variables.fallbackClosing, entry.fallback?.closing) ?? 'Thank you. Goodbye.',
    confirmMessage:
      reader.optional(variables.confirmMessage, entry.confirmMessage) ??
      'Somebody is calling for you. Press 1 to take the call.',
    language: reader.optional(variables.fallbackLanguage, entry.fallback?.language),
    voice: reader.optional(variables.fallbackVoice, entry.fallback?.voice),
  };
}
