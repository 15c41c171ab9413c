import { type Environment, type Language, type Reader, readerOf, type Voice, variables } from './environment.private';
import type { Ladder } from './ladder.private';
import type { RefusedCaller } from './refusal.private';
import { type DialAttributes, regions, type Trunk } from './synthflow/trunk.private';
import { addressKey, parseAddress } from './twilio/address.private';
import type { Call } from './twilio/call.private';

/** Prompt variables for the agent, made from the call; when it throws, the caller gets the fallback and an alert is raised. */
export type CustomVariables = (call: Call) => Readonly<Record<string, string>>;

/** What one called number changes; a field that is left out comes from the environment. */
export interface NumberSettings {
  /** The agent, instead of `SYNTHFLOW_MODEL_ID`. */
  readonly modelId?: string;
  /** The number to dial at Synthflow, instead of the called number. */
  readonly dialNumber?: string;
  readonly customVariables?: CustomVariables;
  /** Further attributes of the Dial to the agent, such as `record`, `timeLimit` or `ringTone`. */
  readonly dial?: DialAttributes;
  /** Instead of the variables `FALLBACK_…`; an empty text clears the environment's value. */
  readonly fallback?: {
    readonly number?: string;
    readonly voicemail?: boolean;
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
  readonly modelId: string;
  readonly workspaceId: string | undefined;
  readonly customVariables: CustomVariables;
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

/** What the fallback says, and how. */
export interface Speech {
  readonly message: string;
  /** Said after a voicemail. */
  readonly closing: string;
  readonly language: Language | undefined;
  readonly voice: Voice | undefined;
}

/** The settings of one called number. `api` and `trunk` are valid or `undefined`; `problems` says why. */
export interface Settings {
  readonly api: ApiSettings | undefined;
  readonly trunk: TrunkSettings | undefined;
  /** A step whose setting is not accepted is skipped. */
  readonly ladder: Ladder;
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
  const ladder = readPart((reader) => readLadder(reader, environment, numbers, to));
  const speech = readPart((reader) => readSpeech(reader, entry, ladder.voicemail));
  const callerId = readPart((reader) => reader.optional(variables.callerId, entry.callerId));
  const refused = readPart((reader) => reader.optional(variables.refusedCallers, entry.refuse?.join())) ?? [];
  return { api, trunk, ladder, speech, callerId, refused, problems: [...problems] };
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
    // Stryker disable next-line StringLiteral: the same without an agent.
    modelId: reader.required(variables.modelId, entry.modelId) ?? '',
    apiUrl: reader.optional(variables.apiUrl) ?? region.apiUrl,
    workspaceId: reader.optional(variables.workspaceId),
    customVariables: entry.customVariables ?? (() => ({})),
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

function readLadder(reader: Reader, environment: Environment, numbers: NumberTable, to: string): Ladder {
  const entry = entryOf(numbers, to) ?? {};
  const number = reader.optional(variables.fallbackNumber, entry.fallback?.number);
  const isCircular = leadsBack(environment, numbers, to, number);
  const found = 'a number that leads back to the called one';
  if (isCircular) reader.report(variables.fallbackNumber, found, entry.fallback?.number);
  const transferNumbers = reader.optional(variables.transferNumbers, entry.transferNumbers?.join()) ?? [];
  return {
    number: isCircular ? undefined : number,
    voicemail: entry.fallback?.voicemail ?? reader.optional(variables.fallbackVoicemail) ?? false,
    directDial: entry.directDial ?? reader.optional(variables.directDial) ?? false,
    transferNumbers: transferNumbers.filter((transferNumber) => transferNumber !== keyOf(to)),
    minAgentSeconds: reader.optional(variables.minAgentSeconds, entry.minAgentSeconds?.toString()) ?? 0,
    visited: [],
  };
}

/** Whether following fallback numbers from `number` leads back to the called number. Only numbers in the table are followed. */
function leadsBack(environment: Environment, numbers: NumberTable, to: string, number: string | undefined): boolean {
  const visited = new Set<string>();
  // Stryker disable next-line ConditionalExpression: nothing leads to undefined, and undefined is visited only once.
  for (let next = number; next !== undefined && !visited.has(next); next = fallbackOf(environment, numbers, next)) {
    if (next === keyOf(to)) return true;
    visited.add(next);
  }
  return false;
}

/** The fallback number of a number that this bridge answers; `undefined` for any other. */
function fallbackOf(environment: Environment, numbers: NumberTable, number: string): string | undefined {
  const entry = entryOf(numbers, number);
  return entry && readerOf(environment).optional(variables.fallbackNumber, entry.fallback?.number);
}

function readSpeech(reader: Reader, entry: NumberSettings, voicemail: boolean): Speech {
  return {
    message:
      reader.optional(variables.fallbackMessage, entry.fallback?.message) ??
      (voicemail ? defaultVoicemailMessage : defaultMessage),
    closing: reader.optional(variables.fallbackClosing, entry.fallback?.closing) ?? defaultClosing,
    language: reader.optional(variables.fallbackLanguage, entry.fallback?.language),
    voice: reader.optional(variables.fallbackVoice, entry.fallback?.voice),
  };
}
