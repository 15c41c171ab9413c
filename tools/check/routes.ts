import { findMistake, isDate, isOpen, type WallClock, wallClockIn } from '../../src/assets/hours.private';
import { type Phone, plainPhone, type Route, type Step, type Word } from '../../src/assets/route.private';
import { type NumberTable, readSettings, type Settings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import type { Environment } from '../environment';
import { type Finding, ok } from '../finding';

/** The steps of both routes of a number. */
export const stepsOf = ({ route, closed }: Settings): Route =>
  closed === undefined ? route : [...route, ...closed.route];

/** A point in time, or what the clock on the wall shows, wherever a number is. */
export type At = Date | WallClock;

/** Reads `--at`; throws for anything that is no time. */
export function parseAt(text: string): At {
  const at = readAt(text);
  if (at === undefined) throw new Error(`--at: expected a time such as 2026-12-25T10:00; found "${text}"`);
  return at;
}

/** Reads `2026-12-25T10:00` by each number's own clock, or with `Z` or an offset; `undefined` for anything else. */
export function readAt(text: string): At | undefined {
  const written = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/.exec(text);
  const [, date = '', time = '', offset] = written ?? [];
  if (!isDate(date)) return undefined;
  return offset === undefined ? { date, time } : new Date(text);
}

const dayMs = 86_400_000;

/**
 * The moment that is meant, by the clock of this time zone where it names none. Of a time that the clock shows twice,
 * that's the first one; one that it skips is as much later as the clock goes forward.
 */
export function instantOf(at: At, timeZone = 'UTC'): Date {
  if (at instanceof Date) return at;
  const asUtc = millisecondsOf(at);
  const aheadAt = (ms: number): number => millisecondsOf(wallClockIn(timeZone, new Date(ms))) - ms;
  // Either side of a change of clocks, which no zone has twice in two days.
  const [before, after] = [new Date(asUtc - aheadAt(asUtc - dayMs)), new Date(asUtc - aheadAt(asUtc + dayMs))];
  const isMeant = (moment: Date): boolean => millisecondsOf(wallClockIn(timeZone, moment)) === asUtc;
  return [before, after].find(isMeant) ?? before;
}

const millisecondsOf = ({ date, time }: WallClock): number => Date.parse(`${date}T${time}Z`);

/** Which route each number of the table takes then, and which one all others take; wrong hours count as open. */
export function routesAt(environment: Environment, numbers: NumberTable, at: At): readonly Finding[] {
  const own = Object.keys(numbers).map((number) => routeAt(environment, numbers, number, at));
  return [...own, ok('other numbers', describeRoute(readSettings(environment, {}, parseAddress('')).route))];
}

function routeAt(environment: Environment, numbers: NumberTable, number: string, at: At): Finding {
  const { route, closed } = readSettings(environment, numbers, parseAddress(number));
  if (closed === undefined) return ok(number, describeRoute(route));
  const { hours } = closed;
  if (findMistake(hours) !== undefined) return ok(number, `always open: ${describeRoute(route)}`);
  const clock = wallClockIn(hours.timeZone, instantOf(at, hours.timeZone));
  const state = isOpen(hours, clock) ? 'open' : 'closed';
  const taken = state === 'open' ? route : closed.route;
  return ok(number, `${state} at ${clock.date} ${clock.time} ${hours.timeZone}: ${describeRoute(taken)}`);
}

/** The steps of a route in a few words, up to the message behind the last one. */
export function describeRoute(route: Route): string {
  return [...route.map(describeStep), 'message'].join(', then ');
}

function describeStep(step: Step): string {
  if (step.kind === 'voicemail') return 'voicemail';
  if (step.kind === 'word') return describeWord(step.word);
  if (step.kind === 'agent') return `agent ${step.modelId ?? '(none)'}`;
  return step.phones.map(describePhone).join(' and ');
}

function describeWord({ verb, content, waitSeconds }: Word): string {
  const sound = verb === 'say' ? `"${content}"` : `the file ${new URL(content).pathname}`;
  return waitSeconds === undefined ? sound : `${sound} and ${waitSeconds} s of silence`;
}

/** A phone, with what the number table says of it. */
function describePhone({ number, ringSeconds, confirm, sendDigits }: Phone): string {
  const own = [
    ...(ringSeconds === plainPhone(number).ringSeconds ? [] : [`${ringSeconds} s`]),
    ...(confirm ? ['confirm'] : []),
    ...(sendDigits === undefined ? [] : [`sendDigits ${sendDigits}`]),
  ];
  return own.length === 0 ? number : `${number} (${own.join(', ')})`;
}
