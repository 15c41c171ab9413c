import type { Problem } from './environment.private';

/** A day of the week as the number table writes it. */
export type Day = 'sun' | 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat';

const days: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] satisfies readonly Day[];

/** When a number is open, as the number table says it. */
export interface Hours {
  /** An IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** For each day, spans such as `09:00-12:30`; `24:00` ends a day. A day that is left out is closed. */
  readonly open: Readonly<Partial<Record<Day, readonly string[]>>>;
  /** Days that are closed whatever `open` says, such as `2026-12-25`. */
  readonly closedDates?: readonly string[];
}

/** What a clock on the wall shows, such as `2026-12-25` and `10:00`. Daylight saving needs nothing more. */
export interface WallClock {
  readonly date: string;
  readonly time: string;
}

/** The first thing that is wrong with these hours; `undefined` if they can be used. */
export function findMistake({ timeZone, open, closedDates = [] }: Hours): Problem | undefined {
  if (!isTimeZone(timeZone)) return mistake('a time zone such as Europe/Berlin', timeZone);
  if (hasMisleadingName.test(timeZone)) {
    return mistake('a place such as America/New_York: this name has no summer time, or counts backwards', timeZone);
  }
  // What the types forbid, and plain JavaScript doesn't.
  if (!(open instanceof Object)) return mistake('open with a list of times for each day', open);
  if (!Array.isArray(closedDates)) return mistake('closedDates as a list', closedDates);
  for (const [day, spans] of Object.entries(open)) {
    if (!Array.isArray(spans)) return mistake(`a list of times for ${day}`, spans);
    if (!days.includes(day)) return mistake(`days out of ${days.join(', ')}`, day);
    const wrong = spans.find((text) => !isSpan(text));
    if (wrong !== undefined)
      return mistake(`times such as 09:00-17:30, from early to late, up to 24:00${adviceFor(wrong, day)}`, wrong);
    // A span begins with its start, and texts of this form are in the order of their times.
    const sorted = [...spans].sort();
    // A span is longer than a time, so that the two are never equal.
    const overlap = sorted.find((span, index) => span < (sorted[index - 1]?.slice(6) ?? ''));
    if (overlap !== undefined) return mistake(`times on ${day} that don't overlap`, overlap);
  }
  const wrongDate = closedDates.find((date) => !isDate(date));
  return wrongDate === undefined ? undefined : mistake('closed dates such as 2026-12-25', wrongDate);
}

/** How to write a span that goes over midnight; empty for anything else. */
function adviceFor(span: string, day: string): string {
  const [start = '', end = '', ...more] = String(span).split('-');
  if (!isTime(start) || !isTime(end) || start === end || more.length > 0) return '';
  const nextDay = days[(days.indexOf(day) + 1) % days.length];
  const rest = end === '00:00' ? '' : `, and 00:00-${end} on ${nextDay}`;
  return `; over midnight, write ${start}-24:00 on ${day}${rest}`;
}

function mistake(accepts: string, found: unknown): Problem {
  const text = found === undefined ? 'nothing' : JSON.stringify(found);
  const shown = /\d{7}/.test(text) ? 'what could be a phone number' : text;
  return { setting: 'hours in the number table', accepts, found: shown };
}

/** Whether these hours are open then. */
export function isOpen({ open, closedDates }: Hours, { date, time }: WallClock): boolean {
  if (closedDates?.includes(date)) return false;
  const today = new Date(date).getUTCDay();
  const includesNow = (span: string): boolean => span.slice(0, 5) <= time && time < span.slice(6);
  return Object.entries(open).some(([day, spans]) => days.indexOf(day) === today && spans.some(includesNow));
}

/** What a clock in this time zone shows. */
export function wallClockIn(timeZone: string, at: Date): WallClock {
  // Sweden writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const [date = '', time = ''] = format.format(at).split(' ');
  return { date, time };
}

/** `EST`, `MST` and `HST` have no summer time, and `Etc/GMT-1` is east of Greenwich (IANA's time zone database). */
const hasMisleadingName = /^(EST|MST|HST|Etc\/GMT[+-][1-9]\d?|[+-].*)$/i;

function isTimeZone(timeZone: string): boolean {
  let isKnown = false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: String(timeZone) });
    isKnown = true;
  } catch {
    // Intl throws for a name that it doesn't know.
  }
  return isKnown;
}

/** Whether the calendar has this day. */
export function isDate(text: string): boolean {
  return text.length === 10 && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
}

function isSpan(text: string): boolean {
  const [start = '', end = '', ...more] = String(text).split('-');
  return more.length === 0 && isTime(start) && (isTime(end) || end === '24:00') && start < end;
}

const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
