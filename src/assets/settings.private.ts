import type { Environment, Language, Reader, Variable, Voice } from './environment.private';
import { readerOf, variables } from './environment.private';
import type { Hours } from './hours.private';
import type { CustomVariables, LookupSettings, OwnerVariables } from './lookup.private';
import type { Phone, Route, TableStep, WrittenStep } from './route.private';
import { phonesOf, plainPhone, readRoute } from './route.private';
import { type DialAttributes, regions, type TrunkSettings } from './synthflow/trunk.private';
import { addressKey, parseAddress } from './twilio/address.private';

/** What one called number changes; a field that is left out comes from the environment. */
export interface NumberSettings {
  /** The agent, instead of `SYNTHFLOW_MODEL_ID`. */
  readonly modelId?: string;
  /** The number to dial at Synthflow, instead of the called number. */
  readonly dialNumber?: string;
  /** Prompt variables for the agent, the same in each call. */
  readonly variables?: OwnerVariables;
  /** Looks up further ones. Late or failing, it costs the caller nothing, and raises an alert. */
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
  /** Instead of `VOICEMAIL_URL`; an empty text clears it. */
  readonly voicemailUrl?: string;
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
  /** Phones that an agent may transfer to: those of the routes come first. */
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

/** The settings of one called number. `api` and `trunk` are valid or `undefined`; `problems` says why. */
export interface Settings {
  readonly api: ApiSettings | undefined;
  readonly trunk: TrunkSettings | undefined;
  readonly route: Route;
  /** What replaces `route` while the number is closed; `undefined` when it never is. */
  readonly closed: { readonly hours: Hours; readonly route: Route } | undefined;
  /** Whether that has happened: only a call has a time. */
  readonly isClosed: boolean;
  readonly rules: Rules;
  readonly speech: Speech;
  /** In E.164; shown to a person when the caller's own number isn't allowed. */
  readonly callerId: string | undefined;
  /** Where a new voicemail is posted. */
  readonly voicemailUrl: string | undefined;
  /** Callers who get nothing at all. */
  readonly refused: readonly string[];
  /** One sentence per problem: setting, what it accepts, what was found, how to fix it. Nothing secret. */
  readonly problems: readonly string[];
}

/** The sentence for a caller who cannot reach the agent, unless a setting gives one. */
export const defaultMessage = 'We are sorry, our assistant cannot take your call at the moment.';

/** The settings of the called number: its entry in the table takes precedence over the environment. What each accepts is in `environment`. */
export function readSettings(environment: Environment, numbers: NumberTable, to: string): Settings {
  const called = keyOf(to);
  const entry = entryOf(numbers, called) ?? {};
  const apiReader = readerOf(environment);
  const trunkReader = readerOf(environment);
  const reader = readerOf(environment);
  const api = readApi(apiReader, entry);
  const trunk = readTrunk(trunkReader, entry);
  const readOwn = (variable: Variable<unknown>, written: readonly WrittenStep[], isFromTable: boolean): Route => {
    const report = (found: string): void => reader.report(variable, found, isFromTable);
    return readRoute(written, { reader, report, modelId: entry.modelId, called });
  };
  const written = entry.route ?? reader.optional(variables.callRoute) ?? ['agent'];
  const route = readOwn(variables.callRoute, written, entry.route !== undefined);
  const { hours, closedRoute } = entry;
  const closed = hours && closedRoute ? { hours, route: readOwn(variables.closedRoute, closedRoute, true) } : undefined;
  const isHalf = (hours === undefined) !== (closedRoute === undefined);
  const bothOrNeither = { ...variables.closedRoute, field: 'hours and closedRoute', accepts: 'both or neither' };
  if (isHalf) reader.report(bothOrNeither, `no ${hours === undefined ? 'hours' : 'closedRoute'}`, true);
  return {
    ...{ api, trunk, route, closed, isClosed: false },
    rules: readRules(reader, entry, closed === undefined ? route : [...route, ...closed.route], called),
    speech: readSpeech(reader, entry),
    callerId: reader.optional(variables.callerId, entry.callerId),
    voicemailUrl: reader.optional(variables.voicemailUrl, entry.voicemailUrl),
    refused: reader.optional(variables.refusedCallers, entry.refuse?.join()) ?? [],
    // A set, because the API and the trunk both read the region.
    problems: [...new Set([apiReader, trunkReader, reader].flatMap(({ problems }) => problems))],
  };
}

function entryOf(numbers: NumberTable, called: string): NumberSettings | undefined {
  return called === '' ? undefined : Object.entries(numbers).find(([key]) => keyOf(key) === called)?.[1];
}

const keyOf = (text: string): string => addressKey(parseAddress(text));

function readApi(reader: Reader, entry: NumberSettings): ApiSettings | undefined {
  const region = regions[reader.optional(variables.region) ?? 'global'];
  const settings = {
    // Stryker disable next-line StringLiteral: without a key there is a problem, and so no API.
    apiKey: reader.required(variables.apiKey) ?? '',
    apiUrl: reader.optional(variables.apiUrl) ?? region.apiUrl,
    workspaceId: reader.optional(variables.workspaceId),
    lookup: {
      variables: entry.variables ?? {},
      customVariables: entry.customVariables,
      timeoutMs: reader.optional(variables.lookupTimeoutMs) ?? 1500,
    },
    budgetMs: reader.optional(variables.prepareTimeoutMs) ?? 4000,
  };
  return reader.problems.length === 0 ? settings : undefined;
}

function readTrunk(reader: Reader, entry: NumberSettings): TrunkSettings | undefined {
  const { sipHosts } = regions[reader.optional(variables.region) ?? 'global'];
  const transport = reader.optional(variables.sipTransport);
  const regionPort = transport === 'tls' ? 32_682 : 32_681;
  const dialled = reader.optional(variables.sipTermination) ?? { name: sipHosts[0], port: regionPort };
  // A transfer comes back to Synthflow's own hosts, whatever termination was dialled.
  const synthflowHosts = sipHosts.map((name) => ({ name, port: regionPort }));
  const settings = {
    trunk: {
      hosts: [dialled, ...synthflowHosts.filter(({ name }) => name !== dialled.name)] as const,
      transport,
      srtp: reader.optional(variables.sipSrtp) ?? false,
    },
    dialNumber: reader.optional(variables.dialNumber, entry.dialNumber),
    ringSeconds: reader.optional(variables.dialTimeoutSeconds) ?? 20,
    attributes: entry.dial ?? {},
  };
  return reader.problems.length === 0 ? settings : undefined;
}

function readRules(reader: Reader, entry: NumberSettings, steps: Route, called: string): Rules {
  const transferNumbers = reader.optional(variables.transferNumbers, entry.transferNumbers?.join()) ?? [];
  const targets = [...phonesOf(steps), ...transferNumbers.map(plainPhone)];
  return {
    directDial: entry.directDial ?? reader.optional(variables.directDial) ?? false,
    transferTargets: targets.filter(({ number }) => number !== called),
    minAgentSeconds: reader.optional(variables.minAgentSeconds, entry.minAgentSeconds?.toString()) ?? 0,
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
