import { isIPv4 } from 'node:net';
import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import { parseRefusedCaller, type RefusedCaller } from './refusal.private';
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
  readonly field?: string;
  /** What it accepts, for the error message. */
  readonly accepts: string;
  /** Returns `undefined` for a text that is not accepted. */
  readonly parse: (found: string) => T | undefined;
  /** Whether no part of it may be shown. */
  readonly secret?: true;
}

/** A setting that must match a pattern. */
const text = <T extends string = string>(name: string, accepts: string, pattern: RegExp): Variable<T> => {
  const matches = (found: string): found is T => pattern.test(found);
  return { name, accepts, parse: (found) => (matches(found) ? found : undefined) };
};

const sentence = (name: string): Variable<string> => ({
  name,
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

const integer = (name: string, unit: string, min: number, max: number): Variable<number> => ({
  name,
  accepts: `a whole number of ${unit} from ${min} to ${max}`,
  parse: (found) => (/^\d{1,6}$/.test(found) && +found >= min && +found <= max ? +found : undefined),
});

const phoneNumbers = (name: string): Variable<readonly string[]> => ({
  name,
  accepts: 'phone numbers in E.164 with commas between them, such as +15550100198,+15550100199',
  parse: (found) => {
    const numbers = found.split(',').map((number) => number.trim());
    return numbers.every((number) => e164.test(number)) ? numbers : undefined;
  },
});

const refusedCallers = (name: string): Variable<readonly RefusedCaller[]> => ({
  name,
  accepts: 'numbers in E.164, beginnings such as +1900*, and the word anonymous, with commas between them',
  parse: (found) => {
    const parts = found.split(',');
    const callers = parts.flatMap((part) => parseRefusedCaller(part.trim()) ?? []);
    return callers.length === parts.length ? callers : undefined;
  },
});

/** The steps are read one by one, so that a wrong one costs no other. */
const callRoute = (name: string): Variable<readonly string[]> => ({
  name,
  accepts: 'the words agent and voicemail, and phone numbers in E.164, in the table up to ten at once',
  parse: (found) => found.split(',').map((step) => step.trim()),
});

const agentId = /^[\x21-\x7e]{1,128}$/;

const flag = (name: string): Variable<boolean> => ({
  name,
  accepts: 'true or false',
  parse: (found) => (found === 'true' || found === 'false' ? found === 'true' : undefined),
});

function parseApiUrl(found: string): string | undefined {
  if (!URL.canParse(found)) return undefined;
  const url = new URL(found);
  // The key travels in a header, so it may leave the machine only under TLS.
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
  const isBare = url.href === url.origin + url.pathname; // No user, query or fragment.
  return isSafe && isBare ? url.href.replace(/\/+$/, '') : undefined;
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

/** The setting, which an entry of the number table may change in this field. */
const inTable = <T>(field: string, variable: Variable<T>): Variable<T> => ({ ...variable, field });

/** The name of a setting that only the number table has. */
// Stryker disable next-line StringLiteral: any name that no environment has would do.
const tableOnly = '';

/** Every setting, and what it accepts. */
export const variables = {
  apiKey: {
    ...text('SYNTHFLOW_API_KEY', 'an API key of your Synthflow workspace, without spaces', /^[\x21-\x7e]{1,450}$/),
    secret: true,
  },
  modelId: inTable('modelId', text('SYNTHFLOW_MODEL_ID', 'the id of a Synthflow agent, without spaces', agentId)),
  workspaceId: text(
    'SYNTHFLOW_WORKSPACE_ID',
    'the id of a Synthflow workspace, without spaces',
    /^[\x21-\x7e]{1,128}$/,
  ),
  region: oneOf<Region>('SYNTHFLOW_REGION', 'global', 'us', 'eu'),
  apiUrl: {
    name: 'SYNTHFLOW_API_URL',
    accepts:
      'an https URL such as https://api.eu.synthflow.ai/v2, without user, query or fragment (http only to this machine)',
    parse: parseApiUrl,
    // It may hold a password.
    secret: true,
  },
  sipTermination: {
    name: 'SYNTHFLOW_SIP_TERMINATION',
    accepts: 'host:port, such as sip.eu.synthflow.ai:32681, at most 206 characters',
    parse: parseTermination,
    // It may hold a login.
    secret: true,
  },
  sipTransport: oneOf('SYNTHFLOW_SIP_TRANSPORT', 'udp', 'tcp', 'tls'),
  sipSrtp: flag('SYNTHFLOW_SIP_SRTP'),
  prepareTimeoutMs: integer('PREPARE_TIMEOUT_MS', 'milliseconds', 500, 8000),
  lookupTimeoutMs: integer('LOOKUP_TIMEOUT_MS', 'milliseconds', 100, 4000),
  dialTimeoutSeconds: integer('DIAL_TIMEOUT_SECONDS', 'seconds', 5, 120),
  dialNumber: inTable(
    'dialNumber',
    text(tableOnly, 'a phone number of 3 to 15 digits, such as +15550100199', /^\+?\d{3,15}$/),
  ),
  callRoute: inTable('route', callRoute('CALL_ROUTE')),
  stepAgent: inTable('route.agent', text(tableOnly, 'the id of a Synthflow agent, without spaces', agentId)),
  ringSeconds: inTable('route.ringSeconds', integer(tableOnly, 'seconds', 5, 120)),
  sendDigits: inTable(
    'route.sendDigits',
    text(tableOnly, 'up to 32 keys: digits, * and #, and w for half a second', /^[\dA-D*#w]{1,32}$/i),
  ),
  fallbackMessage: inTable('fallback.message', sentence('FALLBACK_MESSAGE')),
  fallbackClosing: inTable('fallback.closing', sentence('FALLBACK_CLOSING')),
  // Patterns, not the SDK's lists: Twilio adds languages and voices faster than the SDK does.
  fallbackLanguage: inTable(
    'fallback.language',
    text<Language>('FALLBACK_LANGUAGE', 'a language of <Say>, such as en-GB', /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/),
  ),
  fallbackVoice: inTable(
    'fallback.voice',
    text<Voice>('FALLBACK_VOICE', 'a voice of <Say>, such as Polly.Amy-Neural', /^[A-Za-z\u00C0-\u024F\d._-]{1,64}$/),
  ),
  callerId: inTable(
    'callerId',
    text('CALLER_ID', 'a phone number in E.164 of your Twilio account, or a verified one', e164),
  ),
  directDial: flag('DIRECT_DIAL'),
  transferNumbers: inTable('transferNumbers', phoneNumbers('TRANSFER_NUMBERS')),
  refusedCallers: inTable('refuse', refusedCallers('REFUSED_CALLERS')),
  minAgentSeconds: inTable('minAgentSeconds', integer('MIN_AGENT_SECONDS', 'seconds', 0, 600)),
} satisfies Record<string, Variable<unknown>>;

/** Variables of earlier versions, which `CALL_ROUTE` has replaced: one that is still set is a problem. */
export const retiredVariables = ['FALLBACK_NUMBER', 'FALLBACK_VOICEMAIL'].map(
  (name): Variable<never> => ({ name, accepts: 'nothing, because CALL_ROUTE has replaced it', parse: () => undefined }),
);

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
