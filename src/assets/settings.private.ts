import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { Call } from './call.private';
import type { Trunk } from './trunk.private';
import type { Environment, Reader } from './variables.private';

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
  /** What the caller gets when the agent cannot be reached. */
  readonly fallback?: { readonly message?: string };
}

/** Settings by called number, in E.164. */
export type NumberTable = Readonly<Record<`+${string}`, NumberSettings>>;

/** All that preparing and dialling the agent needs, valid as a whole. */
export interface AgentSettings {
  /** API base without a final slash. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly modelId: string;
  readonly workspaceId: string | undefined;
  readonly customVariables: CustomVariables;
  readonly prepareTimeoutMs: number;
  readonly trunk: Trunk;
  readonly dialNumber: string | undefined;
  readonly dialTimeoutSeconds: number;
  readonly dialAttributes: DialAttributes;
}

/** What the caller gets when the agent cannot be reached. */
export interface FallbackSettings {
  readonly message: string;
}

/** The settings of one called number. */
export interface Settings {
  /** `undefined` when a setting that the agent needs is missing or not accepted: `problems` says which. */
  readonly agent: AgentSettings | undefined;
  readonly fallback: FallbackSettings;
  /** See {@link Reader.problems}. */
  readonly problems: readonly string[];
}

/** The sentence for a caller who cannot reach the agent, unless a setting gives one. */
export const defaultMessage = 'We are sorry, our assistant cannot take your call at the moment.';

/**
 * The settings of the called number: its entry in the table before the environment. A problem in what the agent
 * needs costs the agent, and a problem in the fallback costs only that part of the fallback.
 */
export function readSettings(environment: Environment, numbers: NumberTable, to: string): Settings {
  const own = entryOf(numbers, to);
  const forAgent = readerOf(environment);
  const forFallback = readerOf(environment);
  const agent = readAgent(forAgent, own);
  const fallback = {
    message: forFallback.optional(variables.fallbackMessage, own.fallback?.message) ?? defaultMessage,
  };
  return { agent, fallback, problems: [...forAgent.problems, ...forFallback.problems] };
}

function entryOf(numbers: NumberTable, to: string): NumberSettings {
  const entry = Object.entries(numbers).find(([number]) => number === to);
  return entry?.[1] ?? {};
}

function readAgent(reader: Reader, own: NumberSettings): AgentSettings | undefined {
  const apiKey = reader.required(variables.apiKey);
  const modelId = reader.required(variables.modelId, own.modelId);
  const region = regions[reader.optional(variables.region) ?? 'global'];
  const agent = {
    apiUrl: reader.optional(variables.apiUrl) ?? region.apiUrl,
    workspaceId: reader.optional(variables.workspaceId),
    customVariables: own.customVariables ?? (() => ({})),
    prepareTimeoutMs: reader.optional(variables.prepareTimeoutMs) ?? 4000,
    trunk: readTrunk(reader, region.sipHost),
    dialNumber: reader.optional(variables.dialNumber, own.dialNumber),
    dialTimeoutSeconds: reader.optional(variables.dialTimeoutSeconds) ?? 20,
    dialAttributes: own.dial ?? {},
  };
  return apiKey === undefined || modelId === undefined || reader.problems.length > 0
    ? undefined
    : { ...agent, apiKey, modelId };
}

function readTrunk(reader: Reader, regionHost: string): Trunk {
  const transport = reader.optional(variables.sipTransport);
  const regionPort = transport === 'tls' ? 32_682 : 32_681;
  const termination = reader.optional(variables.sipTermination) ?? { host: regionHost, port: regionPort };
  return { ...termination, transport, srtp: reader.optional(variables.sipSrtp) ?? false };
}
