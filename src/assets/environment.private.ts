import { isIPv4 } from 'node:net';
import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import { refusable } from './refusal.private';
import type { Region, SipHost } from './synthflow/trunk.private';
import { e164 } from './twilio/address.private';

/** A language of `<Say>`. */
export type Language = NonNullable<VoiceResponse.SayAttributes['language']>;
/** A voice of `<Say>`. */
export type Voice = NonNullable<VoiceResponse.SayAttributes['voice']>;

/** A setting that people write as text, in the environment or in the number table. */
export interface Variable<T> {
  /** Its name in the environment; empty for a field that only the number table has. */
  readonly name: string;
  /** Its field in an entry of the number table, where it has one. */
  readonly field?: string | undefined;
  /** What it accepts, for the error message. */
  readonly accepts: string;
  /** Returns `undefined` for a text that is not accepted. */
  readonly parse: (found: string) => T | undefined;
  /** Whether no part of it may be shown. */
  readonly secret?: true;
}

/** A setting that must match a pattern. */
function text<T extends string = string>(name: string, accepts: string, pattern: RegExp, field?: string): Variable<T> {
  const matches = (found: string): found is T => pattern.test(found);
  return { name, field, accepts, parse: (found) => (matches(found) ? found : undefined) };
}

const sentence = (name: string, field: string): Variable<string> => ({
  name,
  field,
  accepts: '1 to 1,000 printable characters in one line, with a letter or a digit',
  parse: (found) => (isSentence(found) ? found : undefined),
});

/** The pattern is made when it is needed, because Unicode's classes take milliseconds of a cold start. */
function isSentence(text: string): boolean {
  // XML forbids or changes control characters, surrogates and non-characters (XML 1.0, sections 2.2 and 2.11).
  // Some letters, such as U+3164, are drawn and spoken as nothing.
  return /^(?=.*(?!\p{DI})[\p{L}\p{N}])[^\p{Cc}\p{Cs}\uFFFE\uFFFF]{1,1000}$/u.test(text);
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
  parse: (found) => (/^\d{1,6}$/.test(found) && +found >= min && +found <= max ? +found : undefined),
});

const list = (name: string, accepts: string, pattern: RegExp, field: string): Variable<readonly string[]> => ({
  name,
  field,
  accepts: `${accepts}, with commas between them`,
  parse: (found) => {
    const parts = found.split(',').map((part) => part.trim());
    return parts.every((part) => pattern.test(part)) ? parts : undefined;
  },
});

/** The steps are read one by one, so that a wrong one costs no other. */
const callRoute = (name: string, field: string): Variable<readonly string[]> => ({
  name,
  field,
  accepts: 'the words agent and voicemail, and phone numbers in E.164, in the table up to ten at once',
  parse: (found) => found.split(',').map((step) => step.trim()),
});

const id = (name: string, owner: string, field?: string): Variable<string> =>
  text(name, `the id of a Synthflow ${owner}, without spaces`, /^[\x21-\x7e]{1,128}$/, field);

/** No part of its value may be shown: it is a secret, or may hold a login. */
const secret = <T>(variable: Variable<T>): Variable<T> => ({ ...variable, secret: true });

const flag = (name: string): Variable<boolean> => ({
  name,
  accepts: 'true or false',
  parse: (found) => (found === 'true' || found === 'false' ? found === 'true' : undefined),
});

/** Keys and callers' numbers may leave the machine only under TLS; `undefined` for a URL that doesn't keep to that. */
function parseSafeUrl(found: string): URL | undefined {
  if (!URL.canParse(found)) return undefined;
  const url = new URL(found);
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal) ? url : undefined;
}

function parseApiUrl(found: string): string | undefined {
  const url = parseSafeUrl(found);
  if (url === undefined || url.href !== url.origin + url.pathname) return undefined; // No user, query or fragment.
  return url.href.replace(/\/+$/, '');
}

function parseTermination(found: string): SipHost | undefined {
  // Stryker disable next-line StringLiteral,ArrayDeclaration: without a match the port isn't a number.
  const [, host = '', port = ''] = /^([A-Za-z0-9.-]{1,200}):(\d{1,5})$/.exec(found) ?? [];
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
// Stryker disable next-line StringLiteral: any name that no environment has would do.
const tableOnly = '';

/** Every setting, and what it accepts. */
export const variables = {
  apiKey: secret(
    text('SYNTHFLOW_API_KEY', 'an API key of your Synthflow workspace, without spaces', /^[\x21-\x7e]{1,450}$/),
  ),
  modelId: id('SYNTHFLOW_MODEL_ID', 'agent', 'modelId'),
  workspaceId: id('SYNTHFLOW_WORKSPACE_ID', 'workspace'),
  region: oneOf<Region>('SYNTHFLOW_REGION', 'global', 'us', 'eu'),
  apiUrl: secret({
    name: 'SYNTHFLOW_API_URL',
    accepts:
      'an https URL such as https://api.eu.synthflow.ai/v2, without user, query or fragment (http only to this machine)',
    parse: parseApiUrl,
  }),
  sipTermination: secret({
    name: 'SYNTHFLOW_SIP_TERMINATION',
    accepts: 'host:port, such as sip.eu.synthflow.ai:32681, at most 206 characters',
    parse: parseTermination,
  }),
  sipTransport: oneOf('SYNTHFLOW_SIP_TRANSPORT', 'udp', 'tcp', 'tls'),
  sipSrtp: flag('SYNTHFLOW_SIP_SRTP'),
  prepareTimeoutMs: integer('PREPARE_TIMEOUT_MS', 'milliseconds', 500, 8000),
  lookupTimeoutMs: integer('LOOKUP_TIMEOUT_MS', 'milliseconds', 100, 4000),
  dialTimeoutSeconds: integer('DIAL_TIMEOUT_SECONDS', 'seconds', 5, 120),
  dialNumber: text(tableOnly, 'a phone number of 3 to 15 digits, such as +15550100199', /^\+?\d{3,15}$/, 'dialNumber'),
  callRoute: callRoute('CALL_ROUTE', 'route'),
  closedRoute: callRoute(tableOnly, 'closedRoute'),
  stepAgent: id(tableOnly, 'agent', "a step's agent"),
  ringSeconds: integer(tableOnly, 'seconds', 5, 120, "a phone's ringSeconds"),
  sendDigits: text(
    tableOnly,
    '1 to 32 of 0 to 9, *, #, and w for half a second',
    /^[\dA-D*#w]{1,32}$/i,
    "a phone's sendDigits",
  ),
  fallbackMessage: sentence('FALLBACK_MESSAGE', 'fallback.message'),
  confirmMessage: sentence('CONFIRM_MESSAGE', 'confirmMessage'),
  voicemailUrl: secret({
    name: 'VOICEMAIL_URL',
    field: 'voicemailUrl',
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

/** Reads settings one by one and keeps the problems: a setting that is not accepted is never silently replaced by its default. */
export interface Reader {
  /** One sentence per problem: setting, what it accepts, what was found, how to fix it. Nothing secret. */
  readonly problems: readonly string[];
  /** The table's value when there is one, else the environment's; `undefined` when neither is set or it is not accepted. */
  optional<T>(variable: Variable<T>, fromTable?: string): T | undefined;
  /** As `optional`, but a missing setting is a problem. */
  required<T>(variable: Variable<T>, fromTable?: string): T | undefined;
  /** Adds a problem that shows only next to other settings; `found` must not be secret. */
  report(variable: Variable<unknown>, found: string, isFromTable: boolean): void;
}

/** A reader of this environment, with no problems yet. */
export function readerOf(environment: Environment): Reader {
  const problems: string[] = [];
  const find = (name: string, fromTable: string | undefined): string | undefined => {
    const found = fromTable ?? environment[name];
    return typeof found === 'string' && found.trim() !== '' ? found.trim() : undefined;
  };
  const report = ({ name, field, accepts }: Variable<unknown>, found: string, isFromTable: boolean): void => {
    const place = isFromTable ? `${field} in the number table` : name;
    problems.push(`${place}: expected ${accepts}; found ${found}. ${problemFix}`);
  };
  const optional = <T>(variable: Variable<T>, fromTable?: string): T | undefined => {
    const found = find(variable.name, fromTable);
    if (found === undefined) return undefined;
    const value = variable.parse(found);
    if (value === undefined) report(variable, describeFound(found, variable.secret), fromTable !== undefined);
    return value;
  };
  const required = <T>(variable: Variable<T>, fromTable?: string): T | undefined => {
    if (find(variable.name, fromTable) === undefined) report(variable, 'nothing', fromTable !== undefined);
    return optional(variable, fromTable);
  };
  return { problems, optional, report, required };
}

/** The last sentence of every problem: how to fix it. */
export const problemFix = 'Correct it and deploy again.';

/** Shows a short plain word as it is; anything longer, or like a phone number, could be a secret in the wrong place. */
export function describeFound(found: string, secret = false): string {
  const isHarmless = !secret && /^[\x20-\x7e]{1,16}$/.test(found) && !/\d{5}/.test(found.replace(/\D/g, ''));
  return isHarmless ? `"${found}"` : `${found.length} characters`;
}
