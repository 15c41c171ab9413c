import { findMistake, type Hours, isDate, isOpen, wallClockIn } from '../../src/assets/hours.private';

const office: Hours = {
  timeZone: 'Europe/Berlin',
  open: { mon: ['09:00-12:30', '13:30-17:00'], fri: ['09:00-24:00'], sat: ['00:00-02:00'] },
  closedDates: ['2026-12-25'],
};

/** Whether the office is open at this point in time. */
const openAt = (time: string, hours = office): boolean => isOpen(hours, wallClockIn(hours.timeZone, new Date(time)));

describe('A number with hours', () => {
  // 2026-11-23 is a Monday; Berlin is an hour ahead of UTC in winter.
  test.each([
    ['2026-11-23T07:59:59Z', false],
    ['2026-11-23T08:00:00Z', true],
    ['2026-11-23T11:29:59Z', true],
    ['2026-11-23T11:30:00Z', false],
    ['2026-11-23T12:30:00Z', true],
    ['2026-11-23T15:59:59Z', true],
    ['2026-11-23T16:00:00Z', false],
    ['2026-11-24T10:00:00Z', false],
  ])('is open from the first minute of a span until the last one before its end: at %s %s', (time, open) => {
    expect(openAt(time)).toBe(open);
  });

  test.each([
    ['2026-11-27T22:59:59Z', true],
    ['2026-11-27T23:00:00Z', true],
    ['2026-11-28T00:59:59Z', true],
    ['2026-11-28T01:00:00Z', false],
  ])('is open over midnight, by the day of its own clock: at %s %s', (time, open) => {
    expect(openAt(time)).toBe(open);
  });

  test('is closed on a closed date, which is a date of its own clock', () => {
    expect(openAt('2026-12-25T10:00:00Z')).toBe(false);
    expect(openAt('2026-12-24T23:30:00Z', { ...office, open: { fri: ['00:00-24:00'] } })).toBe(false);
    expect(openAt('2026-12-18T10:00:00Z')).toBe(true);
    expect(openAt('2026-12-25T10:00:00Z', { timeZone: 'UTC', open: { fri: ['09:00-17:00'] } })).toBe(true);
  });

  // Clocks in Berlin went from 02:00 to 03:00 on 2026-03-29, and from 03:00 to 02:00 on 2026-10-25, both Sundays.
  test.each([
    ['2026-03-29T00:59:00Z', ['01:30-02:00'], true],
    ['2026-03-29T01:00:00Z', ['01:30-02:00'], false],
    ['2026-03-29T01:00:00Z', ['02:15-02:45'], false],
    ['2026-03-29T01:15:00Z', ['03:00-04:00'], true],
    ['2026-10-25T00:30:00Z', ['02:15-02:45'], true],
    ['2026-10-25T01:30:00Z', ['02:15-02:45'], true],
    ['2026-10-25T02:00:00Z', ['02:15-02:45'], false],
  ])('goes by the clock on its wall while daylight saving begins and ends: at %s with %j %s', (time, sun, open) => {
    expect(openAt(time, { timeZone: 'Europe/Berlin', open: { sun } })).toBe(open);
  });

  test.each([
    ['2026-03-06T14:30:00Z', true],
    ['2026-03-09T13:30:00Z', true],
    ['2026-03-09T22:00:00Z', false],
  ])('opens at the same time of its wall before and after daylight saving: New York at %s %s', (time, open) => {
    const day = ['09:30-18:00'];

    expect(openAt(time, { timeZone: 'America/New_York', open: { mon: day, fri: day } })).toBe(open);
  });

  test.each([
    ['Asia/Kolkata', { date: '2027-01-01', time: '03:29' }],
    ['Pacific/Kiritimati', { date: '2027-01-01', time: '11:59' }],
    ['Pacific/Honolulu', { date: '2026-12-31', time: '11:59' }],
    ['UTC', { date: '2026-12-31', time: '21:59' }],
    ['Africa/Abidjan', { date: '2026-12-31', time: '21:59' }],
  ])('has the clock of %s', (timeZone, clock) => {
    expect(wallClockIn(timeZone, new Date('2026-12-31T21:59:59Z'))).toEqual(clock);
  });

  test('has midnight as 00:00', () => {
    expect(wallClockIn('UTC', new Date('2026-12-31T00:00:00Z'))).toEqual({ date: '2026-12-31', time: '00:00' });
  });
});

describe('Hours', () => {
  test.each<Hours>([
    office,
    { timeZone: 'UTC', open: {} },
    { timeZone: 'Asia/Kolkata', open: { sun: [], mon: ['00:00-24:00'], tue: ['22:30-23:59'] } },
    { timeZone: 'UTC', open: { tue: ['13:00-14:00', '09:00-13:00', '14:00-23:59'] }, closedDates: ['2028-02-29'] },
  ])('that are right: %j', (hours) => {
    expect(findMistake(hours)).toBeUndefined();
  });

  test.each<[object, string, unknown]>([
    [{ timeZone: 'Mars/Olympus' }, 'a time zone such as Europe/Berlin', 'Mars/Olympus'],
    [{ timeZone: '' }, 'a time zone such as Europe/Berlin', ''],
    [{ open: { monday: ['09:00-17:00'] } }, 'days out of sun, mon, tue, wed, thu, fri, sat', 'monday'],
    ...['9:00-17:00', '09:00', '09:00-24:01', '24:00-24:00', '09:60-10:00', '25:00-26:00'].map(
      (span): [object, string, string] => [
        { open: { mon: ['08:00-08:30', span] } },
        'times such as 09:00-17:30, from early to late, up to 24:00',
        span,
      ],
    ),
    ...['10:00-10:00', ' 09:00-10:00', '09:00-10:00\n', '09:00–10:00', '09:00-10:00-11:00'].map(
      (span): [object, string, string] => [
        { open: { sun: [span] } },
        'times such as 09:00-17:30, from early to late, up to 24:00',
        span,
      ],
    ),
    ...[
      [{ mon: ['17:00-09:00'] }, '17:00-24:00 on mon, and 00:00-09:00 on tue', '17:00-09:00'] as const,
      [{ sat: ['09:00-10:00', '22:00-06:00'] }, '22:00-24:00 on sat, and 00:00-06:00 on sun', '22:00-06:00'] as const,
      [{ fri: ['22:00-00:00'] }, '22:00-24:00 on fri', '22:00-00:00'] as const,
    ].map(([open, advice, found]): [object, string, string] => [
      { open },
      `times such as 09:00-17:30, from early to late, up to 24:00; over midnight, write ${advice}`,
      found,
    ]),
    // Fixed offsets without summer time, and with the sign of POSIX (the files northamerica and etcetera of IANA).
    ...['EST', 'MST', 'HST', 'est', 'Etc/GMT-1', 'Etc/GMT+12'].map((timeZone): [object, string, string] => [
      { timeZone },
      'a place such as America/New_York: this name has no summer time, or counts backwards',
      timeZone,
    ]),
    [{ open: { mon: ['12:00-13:00', '09:00-12:01'] } }, "times on mon that don't overlap", '12:00-13:00'],
    [{ open: { sun: [], tue: ['09:00-17:00', '09:00-17:00'] } }, "times on tue that don't overlap", '09:00-17:00'],
    ...['2026-02-29', '2026-13-01', '25.12.2026', '2026-12-25T10:00', '2026-1-1'].map(
      (date): [object, string, string] => [
        { closedDates: ['2026-12-24', date] },
        'closed dates such as 2026-12-25',
        date,
      ],
    ),
    // What the types forbid, and plain JavaScript doesn't.
    [{ timeZone: undefined }, 'a time zone such as Europe/Berlin', undefined],
    [{ open: undefined }, 'open with a list of times for each day', undefined],
    [{ open: { mon: '09:00-17:00' } }, 'a list of times for mon', '09:00-17:00'],
    [{ closedDates: '2026-12-25' }, 'closedDates as a list', '2026-12-25'],
    [{ open: { mon: [9] } }, 'times such as 09:00-17:30, from early to late, up to 24:00', 9],
    [{ closedDates: [12] }, 'closed dates such as 2026-12-25', 12],
  ])('with a mistake say what was expected and what was found: %j', (change, expected, found) => {
    expect(findMistake({ timeZone: 'UTC', open: {}, ...change })).toEqual({
      setting: 'hours in the number table',
      accepts: expected,
      found: found === undefined ? 'nothing' : JSON.stringify(found),
    });
  });

  test('never show a phone number in the wrong field', () => {
    expect(findMistake({ timeZone: '+15550100142', open: {} })).toMatchObject({
      found: 'what could be a phone number',
    });
  });

  test.each([
    ['2026-12-25', true],
    ['2028-02-29', true],
    ['2027-02-29', false],
    ['2026-04-31', false],
    ['x2026-12-25', false],
    ['2026-12-251', false],
    ['', false],
  ])('know the days of the calendar: %s %s', (text, exists) => {
    expect(isDate(text)).toBe(exists);
  });
});
