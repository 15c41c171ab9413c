import { isIPv4 } from 'node:net';
import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { Region, SipHost, SipRegion } from './synthflow/trunk.private';
import { e164, refusable } from './twilio/address.private';

/** A language of `<Say>`. */
export type Language = NonNullable<VoiceResponse.SayAttributes['language']>;
/** A voice of `<Say>`. */
export type Voice = NonNullable<VoiceResponse.SayAttributes['voice']>;

/** A setting, as the environment or the number table writes it. */
export interface Variable<T> {
  /** Its name in the environment; empty for a field that only the number table has. */
  readonly name: string;
  /** Its field in an entry of the number table, where it has one. */
  readonly field?: string | undefined;
  /** What it accepts, for the error message. */
  readonly accepts: string;
  /** Reads the environment's text, or the table's value; returns `undefined` for what isn't accepted. */
  readonly parse: (found: unknown) => T | undefined;
  /** Whether no part of it may be shown. */
  readonly secret?: true;
  /** Whether it has parts that are accepted one by one. */
  readonly isList?: true;
}

/** A setting that must match a pattern. */
function text<T extends string = string>(name: string, accepts: string, pattern: RegExp, field?: string): Variable<T> {
  const matches = (found: unknown): found is T => typeof found === 'string' && pattern.test(found);
  return { name, field, accepts, parse: (found) => (matches(found) ? found : undefined) };
}

const sentence = (name: string, field: string): Variable<string> => ({
  name,
  field,
  accepts: '1 to 1,000 printable characters in one line, with a letter or a digit',
  parse: (found) => (isSentence(found) ? found : undefined),
});

/** The pattern is made when it is needed, because Unicode's classes take milliseconds of a cold start. */
function isSentence(found: unknown): found is string {
  // XML forbids or changes control characters, surrogates and non-characters (XML 1.0, sections 2.2 and 2.11).
  // Some letters, such as U+3164, are drawn and spoken as nothing.
  const printable = /^(?=.*(?!\p{DI})[\p{L}\p{N}])[^\p{Cc}\p{Cs}\uFFFE\uFFFF]{1,1000}$/u;
  return typeof found === 'string' && printable.test(found);
}

const oneOf = <T extends string>(name: string, ...choices: readonly T[]): Variable<T> => ({
  name,
  accepts: choices.join(', ').replace(/, ([^,]*)$/, ' or $1'),
  parse: (found) => choices.find((choice) => choice === found),
});

const integer = (name: string, unit: string, min: number, max: number, field?: string): Variable<number> => ({
  name,
  field,
  accepts: `a whole number of ${unit} from ${min} to ${max}`,
  parse: (found) => {
    const number = typeof found === 'string' && /^\d{1,6}$/.test(found) ? Number(found) : found;
    const isAccepted = typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
    return isAccepted ? number : undefined;
  },
});

const list = (name: string, accepts: string, pattern: RegExp, field: string): Variable<readonly string[]> => ({
  name,
  field,
  accepts: `${accepts}, with commas between them`,
  isList: true,
  parse: (found) => {
    const parts = partsOf(found);
    return parts.every((part) => pattern.test(part)) ? parts : undefined;
  },
});

/** The steps are read one by one, so that a wrong one costs no other. */
const steps = (name: string, field: string, accepts: string): Variable<readonly string[]> => ({
  name,
  field,
  accepts,
  parse: partsOf,
});

/** The parts of a list: of text between commas, or of the table's array. */
function partsOf(found: unknown): readonly string[] {
  const parts: readonly unknown[] = Array.isArray(found) ? found : String(found).split(',');
  return parts.map((part) => String(part).trim());
}

const id = (name: string, owner: string, field?: string): Variable<string> =>
  text(name, `the id of a Synthflow ${owner}, at most 128 characters without spaces`, /^[\x21-\x7e]{1,128}$/, field);

/** No part of its value may be shown: it is a secret, or may hold a login. */
const secret = <T>(variable: Variable<T>): Variable<T> => ({ ...variable, secret: true });

const flag = (name: string): Variable<boolean> => ({
  name,
  accepts: 'true or false',
  parse: (found) => (found === 'true' || found === 'false' ? found === 'true' : undefined),
});

/** The host of a URL that leads to this machine. */
export const localHost = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Keys and callers' numbers may leave the machine only under TLS; `undefined` for a URL that doesn't keep to that. */
function parseSafeUrl(found: unknown): URL | undefined {
  if (typeof found !== 'string' || !URL.canParse(found)) return undefined;
  const url = new URL(found);
  return url.protocol === 'https:' || (url.protocol === 'http:' && localHost.test(url.hostname)) ? url : undefined;
}

function parseApiUrl(found: unknown): string | undefined {
  const url = parseSafeUrl(found);
  if (url === undefined || url.href !== url.origin + url.pathname) return undefined; // No user, query or fragment.
  return url.href.replace(/\/+$/, '');
}

function parseTermination(found: unknown): SipHost | undefined {
  const [, host = '', port = ''] = /^([A-Za-z0-9.-]{1,189}):(\d{1,5})$/.exec(String(found)) ?? [];
  // The grammar of hostname and IPv4address in RFC 3261, section 25.1.
  const isName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z]([a-z0-9-]*[a-z0-9])?$/i.test(host);
  return (isName || isIPv4(host)) && +port >= 1 && +port <= 65_535
    ? { name: host.toLowerCase(), port: +port }
    : undefined;
}

// Patterns, not the SDK's lists: Twilio adds languages and voices faster than the SDK does.
const languageTag = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/;
const voiceName = /^[A-Za-z\u00C0-\u024F\d._-]{1,64}$/;

/** The name of a setting that only the number table has. */
const tableOnly = '';

/** Every setting, and what it accepts. */
export const variables = {
  apiKey: secret(
    text(
      'SYNTHFLOW_API_KEY',
      'an API key of your Synthflow workspace, at most 450 characters without spaces',
      /^[\x21-\x7e]{1,450}$/,
      'apiKey',
    ),
  ),
  modelId: id('SYNTHFLOW_MODEL_ID', 'agent', 'modelId'),
  workspaceId: id('SYNTHFLOW_WORKSPACE_ID', 'workspace', 'workspaceId'),
  region: { ...oneOf<Region>('SYNTHFLOW_REGION', 'global', 'us', 'eu'), field: 'region' },
  apiUrl: secret({
    name: 'SYNTHFLOW_API_URL',
    accepts:
      'an https URL such as https://api.eu.synthflow.ai/v2, without user, query or fragment (http only to this machine)',
    parse: parseApiUrl,
  }),
  sipTermination: secret({
    name: 'SYNTHFLOW_SIP_TERMINATION',
    accepts: 'host:port, such as sip.eu.synthflow.ai:32681, at most 195 characters',
    parse: parseTermination,
  }),
  sipTransport: oneOf('SYNTHFLOW_SIP_TRANSPORT', 'udp', 'tcp', 'tls'),
  sipSrtp: flag('SYNTHFLOW_SIP_SRTP'),
  sipRegion: oneOf<SipRegion>('TWILIO_SIP_REGION', 'us1', 'us2', 'ie1', 'de1', 'sg1', 'jp1', 'br1', 'au1'),
  prepareTimeoutMs: integer('PREPARE_TIMEOUT_MS', 'milliseconds', 500, 8000),
  lookupTimeoutMs: integer('LOOKUP_TIMEOUT_MS', 'milliseconds', 100, 4000),
  dialTimeoutSeconds: integer('DIAL_TIMEOUT_SECONDS', 'seconds', 5, 120),
  dialNumber: text(tableOnly, 'a phone number of 3 to 15 digits, such as +15550100199', /^\+?\d{3,15}$/, 'dialNumber'),
  callRoute: steps('CALL_ROUTE', 'route', 'agent, voicemail and phone numbers in E.164, with commas between them'),
  closedRoute: steps(tableOnly, 'closedRoute', 'agent, voicemail, phones in E.164, or a list of up to ten phones'),
  stepAgent: id(tableOnly, 'agent', "a step's agent"),
  say: sentence(tableOnly, "a word's say"),
  play: secret({
    name: tableOnly,
    field: "a word's play",
    accepts: 'an https URL of a sound file (http only to this machine)',
    parse: (found: unknown) => parseSafeUrl(found)?.href,
  }),
  waitSeconds: integer(tableOnly, 'seconds', 1, 60, "a word's waitSeconds"),
  ringSeconds: integer(tableOnly, 'seconds', 5, 120, "a phone's ringSeconds"),
  sendDigits: text(
    tableOnly,
    '1 to 32 of 0 to 9, *, #, w for half a second and W for a whole one',
    /^[\dA-D*#w]{1,32}$/i,
    "a phone's sendDigits",
  ),
  fallbackMessage: sentence('FALLBACK_MESSAGE', 'fallback.message'),
  confirmMessage: sentence('CONFIRM_MESSAGE', 'confirmMessage'),
  notifyUrl: secret({
    name: 'NOTIFY_URL',
    field: 'notifyUrl',
    accepts: 'an https URL that takes JSON, such as a webhook of Slack (http only to this machine)',
    parse: (found) => parseSafeUrl(found)?.href,
  }),
  fallbackClosing: sentence('FALLBACK_CLOSING', 'fallback.closing'),
  fallbackLanguage: text<Language>('FALLBACK_LANGUAGE', 'a language such as en-GB', languageTag, 'fallback.language'),
  fallbackVoice: text<Voice>(
    'FALLBACK_VOICE',
    'a voice of <Say>, such as Polly.Amy-Neural',
    voiceName,
    'fallback.voice',
  ),
  callerId: text('CALLER_ID', 'a phone number in E.164 of your Twilio account, or a verified one', e164, 'callerId'),
  directDial: flag('DIRECT_DIAL'),
  transferNumbers: list('TRANSFER_NUMBERS', 'phone numbers in E.164, such as +15550100199', e164, 'transferNumbers'),
  refusedCallers: list(
    'REFUSED_CALLERS',
    'numbers in E.164, beginnings such as +1900*, or anonymous',
    refusable,
    'refuse',
  ),
  minAgentSeconds: integer('MIN_AGENT_SECONDS', 'seconds', 0, 600, 'minAgentSeconds'),
} satisfies Record<string, Variable<unknown>>;

/** The environment as Twilio hands it to a function: its `context`. */
export type Environment = Readonly<Record<string, unknown>>;

/** What is wrong with one setting. Nothing secret. */
export interface Problem {
  /** A variable, or a field of the number table. */
  readonly setting: string;
  readonly accepts: string;
  readonly found: string;
}

/** Reads settings one by one and keeps the problems: no default silently replaces a setting that isn't accepted. */
export interface Reader {
  readonly problems: readonly Problem[];
  /** The table's value, else the environment's; `undefined` if neither is set, or if it isn't accepted. */
  optional<T>(variable: Variable<T>, fromTable?: unknown): T | undefined;
  /** As `optional`, but a missing setting is a problem. */
  required<T>(variable: Variable<T>, fromTable?: unknown): T | undefined;
  /** Adds a problem that shows only next to other settings; `found` must not be secret. */
  report(setting: string, accepts: string, found: string): void;
  /** What `read` returns; `undefined` if one of the settings that it reads is a problem. */
  ifAllAccepted<T>(read: () => T): T | undefined;
}

/** A reader of this environment, without problems yet. */
export function readerOf(environment: Environment): Reader {
  const problems: Problem[] = [];
  const report = (setting: string, accepts: string, found: string): void => {
    problems.push({ setting, accepts, found });
  };
  const read = <T>(variable: Variable<T>, fromTable: unknown, isRequired: boolean): T | undefined => {
    const { name, accepts } = variable;
    const isFromTable = fromTable !== undefined && fromTable !== null;
    const setting = isFromTable ? fieldOf(variable) : name;
    const found = isFromTable ? cleaned(fromTable) : textOf(environment[name]);
    if (found === undefined) {
      if (isRequired) report(setting, accepts, 'nothing');
      return undefined;
    }
    const value = variable.parse(found);
    if (value === undefined) report(setting, accepts, describeValue(variable, found));
    return value;
  };
  return {
    problems,
    report,
    optional: (variable, fromTable) => read(variable, fromTable, false),
    required: (variable, fromTable) => read(variable, fromTable, true),
    ifAllAccepted: (readAll) => {
      const before = problems.length;
      const value = readAll();
      return problems.length === before ? value : undefined;
    },
  };
}

/** What was found in place of a value: of a list, each part that isn't accepted. */
function describeValue({ parse, isList, secret }: Variable<unknown>, found: unknown): string {
  if (!isList) return typeof found === 'object' ? 'an object' : describeFound(String(found), secret);
  const parts = partsOf(found);
  const described = parts.map((part, index) => `${describeFound(part)} as number ${index + 1} of ${parts.length}`);
  return described.filter((_text, index) => parse(parts[index]) === undefined).join(', ');
}

/** A setting's field as a problem names it. */
export const fieldOf = ({ field }: Pick<Variable<unknown>, 'field'>): string => `${field} in the number table`;

/** The runtime's context has other things than variables, too. */
const textOf = (value: unknown): unknown => (typeof value === 'string' ? cleaned(value) : undefined);

/** A text without blanks around it; `undefined` for an empty text or list, which clears a setting. */
function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value : undefined;
  return typeof value === 'string' ? value.trim() || undefined : value;
}

/** A problem as one sentence, with its fix, for the log line and for people. */
export function sentenceOf({ setting, accepts, found }: Problem): string {
  return `${setting}: expected ${accepts}; found ${found}. Correct it.`;
}

/** Shows a short plain word; anything longer, or like a phone number, could be a secret in the wrong place. */
export function describeFound(found: string, secret = false): string {
  if (found === '') return 'nothing';
  const isHarmless = !secret && /^[\x20-\x7e]{1,16}$/.test(found) && !/\d{5}/.test(found.replace(/\D/g, ''));
  return isHarmless ? JSON.stringify(found) : `${found.length} character${found.length === 1 ? '' : 's'}`;
}
