import {
  type Environment,
  type Language,
  type Reader,
  readerOf,
  retiredVariables,
  type Voice,
  variables,
} from './environment.private';
import type { CustomVariables, LookupSettings, OwnerVariables } from './lookup.private';
import type { RefusedCaller } from './refusal.private';
import {
  numbersIn,
  type Phone,
  phonesOf,
  plainPhone,
  type Route,
  readSteps,
  type TableStep,
  type WrittenStep,
} from './route.private';
import { type DialAttributes, regions, type Trunk } from './synthflow/trunk.private';
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
  /** Instead of the variables `FALLBACK_…`; an empty text clears the environment's value. */
  readonly fallback?: {
    readonly message?: string;
    readonly closing?: string;
    readonly language?: Language | '';
    readonly voice?: Voice | '';
  };
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

/** Everything that dialling Synthflow needs. */
export interface TrunkSettings {
  readonly trunk: Trunk;
  /** Instead of the called number. */
  readonly dialNumber: string | undefined;
  /** Seconds that the agent may ring. */
  readonly ringSeconds: number;
  readonly attributes: DialAttributes;
}

/** What an agent may do, and what counts as a conversation with one. */
export interface Rules {
  readonly directDial: boolean;
  /** Phones that an agent may transfer to: those of the route come first. */
  readonly transferTargets: readonly Phone[];
  /** Seconds; a shorter leg of the agent does not count as a conversation. */
  readonly minAgentSeconds: number;
}

/** What a caller who gets no agent hears, and how it is said. */
export interface Speech {
  readonly message: string;
  /** Said before a voicemail. */
  readonly voicemailMessage: string;
  /** Said after a voicemail. */
  readonly closing: string;
  readonly language: Language | undefined;
  readonly voice: Voice | undefined;
}

/** The settings of one called number. `api` and `trunk` are valid or `undefined`; `problems` says why. */
export interface Settings {
  readonly api: ApiSettings | undefined;
  readonly trunk: TrunkSettings | undefined;
  readonly route: Route;
  readonly rules: Rules;
  readonly speech: Speech;
  /** In E.164; shown to a person when the caller's own number isn't allowed. */
  readonly callerId: string | undefined;
  /** Callers who get nothing at all. */
  readonly refused: readonly RefusedCaller[];
  /** One sentence per problem: setting, what it accepts, what was found, how to fix it. Nothing secret. */
  readonly problems: readonly string[];
}

/** The sentence for a caller who cannot reach the agent, unless a setting gives one. */
export const defaultMessage = 'We are sorry, our assistant cannot take your call at the moment.';
/** The sentence for a caller who can leave a message. */
export const defaultVoicemailMessage = `${defaultMessage} Please leave a message after the tone.`;
/** The last words after a voicemail, unless a setting gives others. */
export const defaultClosing = 'Thank you. Goodbye.';

/** The settings of the called number: its entry in the table takes precedence over the environment. What each accepts is in `environment`. */
export function readSettings(environment: Environment, numbers: NumberTable, to: string): Settings {
  const entry = entryOf(numbers, to) ?? {};
  // A set, because the API and the trunk both read the region.
  const problems = new Set<string>();
  const readPart = <T>(read: (reader: Reader) => T): T => {
    const reader = readerOf(environment);
    const part = read(reader);
    for (const problem of reader.problems) problems.add(problem);
    return part;
  };
  const api = readPart((reader) => readApi(reader, entry));
  const trunk = readPart((reader) => readTrunk(reader, entry));
  readPart((reader) => checkBudgets(reader, api));
  const route = readPart((reader) => readRoute(reader, environment, numbers, to));
  const rules = readPart((reader) => readRules(reader, entry, route, to));
  const speech = readPart((reader) => readSpeech(reader, entry));
  const callerId = readPart((reader) => reader.optional(variables.callerId, entry.callerId));
  const refused = readPart((reader) => reader.optional(variables.refusedCallers, entry.refuse?.join())) ?? [];
  readPart((reader) => retiredVariables.map((variable) => reader.optional(variable)));
  return { api, trunk, route, rules, speech, callerId, refused, problems: [...problems] };
}

function entryOf(numbers: NumberTable, to: string): NumberSettings | undefined {
  const called = keyOf(to);
  if (called === '') return undefined;
  return Object.entries(numbers).find(([key]) => keyOf(key) === called)?.[1];
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

/** Milliseconds in which a function must have answered: Twilio ends it after 10,000. */
export const wholeBudgetMs = 9000;

function checkBudgets(reader: Reader, api: ApiSettings | undefined): void {
  if (api?.lookup.customVariables === undefined) return;
  const together = api.budgetMs + api.lookup.timeoutMs;
  const found = `${together} together with LOOKUP_TIMEOUT_MS, and both may take ${wholeBudgetMs}`;
  if (together > wholeBudgetMs) reader.report(variables.prepareTimeoutMs, found, false);
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

function readRoute(reader: Reader, environment: Environment, numbers: NumberTable, to: string): Route {
  const entry = entryOf(numbers, to) ?? {};
  const written = writtenRoute(environment, entry);
  const read = (steps: readonly WrittenStep[]): Route =>
    readSteps(steps, {
      reader,
      report: (found) => reader.report(variables.callRoute, found, entry.route !== undefined),
      // An agent that the route names itself needs no setting.
      modelId: steps.includes('agent') ? reader.required(variables.modelId, entry.modelId) : undefined,
      leadsBack: (number) => leadsBack(environment, numbers, to, number),
    });
  const route = read(written);
  // A route of which nothing is accepted counts as none.
  return route.length > 0 || written.length === 0 ? route : read(['agent']);
}

function writtenRoute(environment: Environment, { route }: NumberSettings): readonly WrittenStep[] {
  return route ?? readerOf(environment).optional(variables.callRoute) ?? ['agent'];
}

/** Whether a call to this number can come back to the called one. Only numbers in the table are followed. */
function leadsBack(
  environment: Environment,
  numbers: NumberTable,
  to: string,
  number: string,
  visited: ReadonlySet<string> = new Set(),
): boolean {
  if (number === keyOf(to)) return true;
  const entry = visited.has(number) ? undefined : entryOf(numbers, number);
  if (entry === undefined) return false;
  const further = numbersIn(writtenRoute(environment, entry));
  return further.some((next) => leadsBack(environment, numbers, to, next, new Set([...visited, number])));
}

function readRules(reader: Reader, entry: NumberSettings, route: Route, to: string): Rules {
  const transferNumbers = reader.optional(variables.transferNumbers, entry.transferNumbers?.join()) ?? [];
  const targets = [...phonesOf(route), ...transferNumbers.map(plainPhone)];
  return {
    directDial: entry.directDial ?? reader.optional(variables.directDial) ?? false,
    transferTargets: targets.filter(({ number }) => number !== keyOf(to)),
    minAgentSeconds: reader.optional(variables.minAgentSeconds, entry.minAgentSeconds?.toString()) ?? 0,
  };
}

function readSpeech(reader: Reader, entry: NumberSettings): Speech {
  const message = reader.optional(variables.fallbackMessage, entry.fallback?.message);
  return {
    message: message ?? defaultMessage,
    voicemailMessage: message ?? defaultVoicemailMessage,
    closing: reader.optional(variables.fallbackClosing, entry.fallback?.closing) ?? defaultClosing,
    language: reader.optional(variables.fallbackLanguage, entry.fallback?.language),
    voice: reader.optional(variables.fallbackVoice, entry.fallback?.voice),
  };
}
