import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { Call } from './call.private';
import type { Ladder } from './ladder.private';
import type { Trunk } from './trunk.private';
import type { Environment, Language, Reader, Voice } from './variables.private';

const { regions }: typeof import('./trunk.private') = require(Runtime.getAssets()['/trunk.js'].path);
const { readerOf, variables }: typeof import('./variables.private') = require(
  Runtime.getAssets()['/variables.js'].path,
);

/** Dial attributes that a number may add; those that carry the bridge itself are not theirs to change. */
export type DialAttributes = Omit<
  VoiceResponse.DialAttributes,
  'action' | 'answerOnBridge' | 'method' | 'referMethod' | 'referUrl' | 'timeout'
>;

/** Prompt variables for the agent, made from the call; when it throws, the caller gets the fallback and an alert is raised. */
export type CustomVariables = (call: Call) => Readonly<Record<string, string>>;

/** What one called number changes; each field that is left out comes from the environment. */
export interface NumberSettings {
  /** The agent, instead of `SYNTHFLOW_MODEL_ID`. */
  readonly modelId?: string;
  /** The number to dial at Synthflow, instead of the called number. */
  readonly dialNumber?: string;
  readonly customVariables?: CustomVariables;
  /** Further attributes of the Dial to the agent, such as `record`, `timeLimit` or `ringTone`. */
  readonly dial?: DialAttributes;
  /** Instead of the variables `FALLBACK_…`; an empty text takes away what the environment gives. */
  readonly fallback?: {
    readonly number?: string;
    readonly voicemail?: boolean;
    readonly message?: string;
    readonly closing?: string;
    readonly language?: Language | '';
    readonly voice?: Voice | '';
  };
  /** Instead of `TRANSFER_NUMBERS`. */
  readonly transferNumbers?: readonly string[];
  /** Instead of `DIRECT_DIAL`. */
  readonly directDial?: boolean;
  /** Seconds, instead of `MIN_AGENT_SECONDS`. */
  readonly minAgentSeconds?: number;
}

/** Settings by called number, in E.164. */
export type NumberTable = Readonly<Record<`+${string}`, NumberSettings>>;

/** All that preparing a call needs. */
export interface ApiSettings {
  /** API base without a final slash. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly modelId: string;
  readonly workspaceId: string | undefined;
  readonly customVariables: CustomVariables;
  readonly prepareTimeoutMs: number;
}

/** All that dialling Synthflow needs. */
export interface TrunkSettings {
  readonly trunk: Trunk;
  /** Instead of the called number. */
  readonly dialNumber: string | undefined;
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

/** The settings of one called number. Each part is valid as a whole or `undefined`; `problems` says why. */
export interface Settings {
  readonly api: ApiSettings | undefined;
  readonly trunk: TrunkSettings | undefined;
  /** A rung whose setting is not accepted is passed over. */
  readonly ladder: Ladder;
  readonly speech: Speech;
  /** See {@link Reader.problems}. */
  readonly problems: readonly string[];
}

/** The sentence for a caller who cannot reach the agent, unless a setting gives one. */
export const defaultMessage = 'We are sorry, our assistant cannot take your call at the moment.';
/** The same where the caller can leave a message. */
export const defaultVoicemailMessage = `${defaultMessage} Please leave a message after the tone.`;
/** The last words after a voicemail, unless a setting gives them. */
export const defaultClosing = 'Thank you. Goodbye.';

/** The settings of the called number: its entry in the table before the environment. */
export function readSettings(environment: Environment, numbers: NumberTable, to: string): Settings {
  const own = entryOf(numbers, to) ?? {};
  const readers = [readerOf(environment), readerOf(environment), readerOf(environment), readerOf(environment)] as const;
  const [forApi, forTrunk, forLadder, forSpeech] = readers;
  const api = readApi(forApi, own);
  const trunk = readTrunk(forTrunk, own);
  const ladder = readLadder(forLadder, own, to, numbers);
  const speech = readSpeech(forSpeech, own, ladder.voicemail);
  // The region is read for the API and for the trunk.
  const problems = [...new Set(readers.flatMap((reader) => reader.problems))];
  return { api, trunk, ladder, speech, problems };
}

function entryOf(numbers: NumberTable, to: string | undefined): NumberSettings | undefined {
  return Object.entries(numbers).find(([number]) => number === to)?.[1];
}

function readApi(reader: Reader, own: NumberSettings): ApiSettings | undefined {
  const region = regions[reader.optional(variables.region) ?? 'global'];
  const settings = {
    // Stryker disable next-line StringLiteral: without a key there is a problem, and so no API.
    apiKey: reader.required(variables.apiKey) ?? '',
    // Stryker disable next-line StringLiteral: the same without an agent.
    modelId: reader.required(variables.modelId, own.modelId) ?? '',
    apiUrl: reader.optional(variables.apiUrl) ?? region.apiUrl,
    workspaceId: reader.optional(variables.workspaceId),
    customVariables: own.customVariables ?? (() => ({})),
    prepareTimeoutMs: reader.optional(variables.prepareTimeoutMs) ?? 4000,
  };
  return reader.problems.length === 0 ? settings : undefined;
}

function readTrunk(reader: Reader, own: NumberSettings): TrunkSettings | undefined {
  const { sipHosts } = regions[reader.optional(variables.region) ?? 'global'];
  const transport = reader.optional(variables.sipTransport);
  const regionPort = transport === 'tls' ? 32_682 : 32_681;
  const given = reader.optional(variables.sipTermination);
  const host = given?.host ?? sipHosts[0];
  // The region's other names are the same trunk, and a transfer may come back from any of them.
  const others = sipHosts.includes(host) ? sipHosts.filter((known) => known !== host) : [];
  const termination = { hosts: [host, ...others] as const, port: given?.port ?? regionPort };
  const settings = {
    trunk: { ...termination, transport, srtp: reader.optional(variables.sipSrtp) ?? false },
    dialNumber: reader.optional(variables.dialNumber, own.dialNumber),
    ringSeconds: reader.optional(variables.dialTimeoutSeconds) ?? 20,
    attributes: own.dial ?? {},
  };
  return reader.problems.length === 0 ? settings : undefined;
}

function readLadder(reader: Reader, own: NumberSettings, to: string, numbers: NumberTable): Ladder {
  const number = reader.optional(variables.fallbackNumber, own.fallback?.number);
  const circular = leadsBack(reader, numbers, to, number);
  if (circular) reader.report(variables.fallbackNumber, 'a number that leads back to the called one');
  const transferNumbers = reader.optional(variables.transferNumbers, own.transferNumbers?.join()) ?? [];
  return {
    number: circular ? undefined : number,
    voicemail: own.fallback?.voicemail ?? reader.optional(variables.fallbackVoicemail) ?? false,
    directDial: own.directDial ?? reader.optional(variables.directDial) ?? false,
    transferNumbers: transferNumbers.filter((transfer) => transfer !== to),
    minAgentSeconds: reader.optional(variables.minAgentSeconds, own.minAgentSeconds?.toString()) ?? 0,
  };
}

/** Whether the fallback numbers of numbers that this bridge answers lead back to the called one: the caller would go in a circle. */
function leadsBack(reader: Reader, numbers: NumberTable, to: string, number: string | undefined): boolean {
  const passed = new Set<string | undefined>();
  let next = number;
  while (next !== to && !passed.has(next)) {
    passed.add(next);
    const entry = entryOf(numbers, next);
    next = entry && reader.optional(variables.fallbackNumber, entry.fallback?.number);
  }
  return next === to;
}

function readSpeech(reader: Reader, own: NumberSettings, voicemail: boolean): Speech {
  return {
    message:
      reader.optional(variables.fallbackMessage, own.fallback?.message) ??
      (voicemail ? defaultVoicemailMessage : defaultMessage),
    closing: reader.optional(variables.fallbackClosing, own.fallback?.closing) ?? defaultClosing,
    language: reader.optional(variables.fallbackLanguage, own.fallback?.language),
    voice: reader.optional(variables.fallbackVoice, own.fallback?.voice),
  };
}
