import { sentenceOf, type Variable, variables } from '../../src/assets/environment.private';
import type { Hours } from '../../src/assets/hours.private';
import { phonesOf } from '../../src/assets/route.private';
import {
  entryOf,
  type NumberSettings,
  type NumberTable,
  readSettings,
  type Settings,
} from '../../src/assets/settings.private';
import { e164, parseAddress } from '../../src/assets/twilio/address.private';
import type { Environment } from '../environment';
import { alignColumns } from '../text';
import { describeRoute } from './routes';

/** One thing that a called number gets. Nothing secret. */
export interface SettingRow {
  readonly name: string;
  readonly value: string;
  /** Where it is set: a variable's name, the number table, or the bridge's own default. */
  readonly source: string;
}

type MakeRow = (name: string, value: string | number | undefined, variable: Variable<unknown>) => SettingRow;

const inTable = (name: string, value: string): SettingRow => ({ name, value, source: 'number table' });
const unusable = 'unusable: see the problems';

/** What a called number gets: route, hours, agent, messages and budgets, each with where it is set. */
export function describeNumber(environment: Environment, numbers: NumberTable, called: string): readonly SettingRow[] {
  const address = parseAddress(called);
  const settings = readSettings(environment, numbers, address);
  const { api, closed, rules, speech, problems } = settings;
  const entry = entryOf(numbers, address);
  const row: MakeRow = (name, value, variable) => ({
    name,
    value: value === undefined || value === '' ? 'none' : `${value}`,
    source: sourceOf(variable, environment, entry),
  });
  const apiKey = entry !== undefined && 'apiKey' in entry ? entry.apiKey : environment.SYNTHFLOW_API_KEY;
  const hidden = (value: unknown): string | undefined => (value === undefined ? undefined : 'set, not shown');
  const prompt = [...Object.keys(entry?.variables ?? {}), ...(entry?.customVariables ? ['customVariables'] : [])];
  return [
    row('route', describeRoute(settings.route), variables.callRoute),
    ...(closed === undefined
      ? []
      : [inTable('hours', describeHours(closed.hours)), inTable('while closed', describeRoute(closed.route))]),
    row('agent', entry?.modelId ?? environment.SYNTHFLOW_MODEL_ID, variables.modelId),
    ...(prompt.length > 0 ? [inTable('prompt variables', prompt.join(', '))] : []),
    row('API key', hidden(apiKey || undefined), variables.apiKey),
    row('workspace', api?.workspaceId, variables.workspaceId),
    row('region', entry?.region ?? environment.SYNTHFLOW_REGION ?? 'global', variables.region),
    row('time to prepare', api ? `${api.budgetMs} ms` : unusable, variables.prepareTimeoutMs),
    row('time to look up', api ? `${api.lookup.timeoutMs} ms` : unusable, variables.lookupTimeoutMs),
    ...legRows(settings, environment, entry, row),
    row('agent counts from', `${rules.minAgentSeconds} s`, variables.minAgentSeconds),
    row('direct dial', `${rules.directDial}`, { ...variables.directDial, field: 'directDial' }),
    row('transfers to', rules.transferTargets.map(({ number }) => number).join(', '), variables.transferNumbers),
    row('caller id', settings.callerId, variables.callerId),
    row('refused callers', settings.refused.join(', '), variables.refusedCallers),
    row('message', speech.message, variables.fallbackMessage),
    row('before a voicemail', speech.voicemailMessage, variables.fallbackMessage),
    row('after a voicemail', speech.closing, variables.fallbackClosing),
    row('to confirm', speech.confirmMessage, variables.confirmMessage),
    row('language', speech.language, variables.fallbackLanguage),
    row('voice', speech.voice, variables.fallbackVoice),
    row('notify URL', hidden(settings.notifyUrl), variables.notifyUrl),
    ...problems.map((problem): SettingRow => ({ name: 'problem', value: sentenceOf(problem), source: '' })),
  ];
}

/** The rows for a terminal. */
export const formatNumber = (rows: readonly SettingRow[], width: number | undefined): string =>
  alignColumns(
    rows.map(({ name, source, value }) => [name, source, value]),
    width,
  );

function sourceOf({ name, field }: Variable<unknown>, environment: Environment, entry: NumberSettings = {}): string {
  const found = field
    ?.split('.')
    .reduce<unknown>((value, part) => (value instanceof Object ? Reflect.get(value, part) : undefined), entry);
  if (found !== undefined) return 'number table';
  return (environment[name] ?? '') === '' ? 'default' : name;
}

/** What is said about the legs that are dialled: how long they ring, the trunk, and what is recorded. */
function legRows(
  { route, closed, trunk }: Settings,
  environment: Environment,
  entry: NumberSettings | undefined,
  row: MakeRow,
): readonly SettingRow[] {
  const phones = phonesOf(closed === undefined ? route : [...route, ...closed.route]);
  const lengths = [...new Set(phones.map(({ ringSeconds }) => `${ringSeconds} s`))];
  const dialled = Object.entries(entry?.dial ?? {}).map(([name, value]) => `${name} ${value}`);
  const host = trunk?.trunk.hosts[0];
  // The region names the host, where nothing else does.
  const hostVariable = environment.SYNTHFLOW_SIP_TERMINATION ? variables.sipTermination : variables.region;
  return [
    row('agent rings', trunk ? ringing([`${trunk.ringSeconds} s`]) : unusable, variables.dialTimeoutSeconds),
    ...(lengths.length > 0 ? [row('a person rings', ringing(lengths), variables.callRoute)] : []),
    row('SIP host', host ? `${host.name}:${host.port}` : unusable, hostVariable),
    row('SIP transport', trunk ? (trunk.trunk.transport ?? 'udp') : unusable, variables.sipTransport),
    row('SIP region', trunk?.trunk.region ?? 'us1', variables.sipRegion),
    row('SRTP', trunk ? `${trunk.trunk.srtp}` : unusable, variables.sipSrtp),
    ...(dialled.length > 0 ? [inTable("agent's Dial", dialled.join(', '))] : []),
  ];
}

const ringing = (lengths: readonly string[]): string => `${lengths.join(' or ')}, and 5 s that Twilio adds`;

function describeHours({ timeZone, open, closedDates = [] }: Hours): string {
  const days = Object.entries(open).map(([day, spans]) => `${day} ${spans.join(' ')}`);
  const closed = closedDates.length > 0 ? `; closed on ${closedDates.join(', ')}` : '';
  return `${days.join(', ') || 'never'}, ${timeZone}${closed}`;
}

/** Reads a called number or address as people and consoles write it; throws and names the option if it's no address. */
export function parseCalled(text: string, option: string): string {
  const called = withoutSeparators(text);
  if (isCallable(called)) return called;
  const expected = 'expected a phone number such as +15550100100, or a SIP address with a user';
  throw new Error(`${option}: ${expected}; found "${text.slice(0, 60)}"`);
}

/** A phone number without what people write into it, such as `+1 (555) 010-0100`; any other text trimmed. */
export function withoutSeparators(text: string): string {
  const trimmed = text.trim();
  return /^\+?[\d\s()./-]+$/.test(trimmed) ? trimmed.replace(/[\s()./-]/g, '') : trimmed;
}

/** Whether somebody can call this number or address. */
export function isCallable(called: string): boolean {
  const address = parseAddress(called);
  return address.kind === 'sip' || (address.kind === 'number' && e164.test(address.number));
}
