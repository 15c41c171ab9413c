import type { NumberTable } from '../../../src/assets/settings.private';
import { instantOf, parseAt, routesAt } from '../../../tools/check/routes';

const environment = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent-1', CALL_ROUTE: 'agent,voicemail' };
const numbers: NumberTable = {
  '+15550100100': {
    route: [{ agent: 'agent-2' }, ['+15550100190', { number: '+15550100191' }]],
    hours: { timeZone: 'Europe/Berlin', open: { fri: ['09:00-17:00'] }, closedDates: ['2026-12-25'] },
    closedRoute: ['voicemail'],
  },
  '+15550100101': {},
  '+15550100102': { route: [] },
};
const open = 'agent agent-2, then +15550100190 and +15550100191, then message';
const first = (at: string) => routesAt(environment, numbers, parseAt(at))[0];

describe('The route that a number takes', () => {
  test.each([
    ['2026-12-18T09:00', `open at 2026-12-18 09:00 Europe/Berlin: ${open}`],
    ['2026-12-18T08:59', 'closed at 2026-12-18 08:59 Europe/Berlin: voicemail, then message'],
    ['2026-12-25T10:00', 'closed at 2026-12-25 10:00 Europe/Berlin: voicemail, then message'],
    ['2026-12-18T09:30+01:30', `open at 2026-12-18 09:00 Europe/Berlin: ${open}`],
    ['2026-12-18T08:00Z', `open at 2026-12-18 09:00 Europe/Berlin: ${open}`],
    ['2026-12-18T23:30+14:00', `open at 2026-12-18 10:30 Europe/Berlin: ${open}`],
  ])('at %s: %s', (at, detail) => {
    expect(first(at)).toEqual({ subject: '+15550100100', result: 'ok', detail });
  });

  test('is said for each number of the table, and for all others', () => {
    expect(routesAt(environment, numbers, parseAt('2026-12-18T10:00')).slice(1)).toEqual([
      { subject: '+15550100101', result: 'ok', detail: 'agent agent-1, then voicemail, then message' },
      { subject: '+15550100102', result: 'ok', detail: 'message' },
      { subject: 'other numbers', result: 'ok', detail: 'agent agent-1, then voicemail, then message' },
    ]);
  });

  test('is the open one if the hours are invalid', () => {
    const table: NumberTable = {
      '+15550100100': { hours: { timeZone: 'UTC', open: { mon: ['9-17'] } }, closedRoute: ['voicemail'] },
    };

    expect(routesAt(environment, table, parseAt('2026-12-18T10:00'))[0]).toEqual({
      subject: '+15550100100',
      result: 'ok',
      detail: 'always open: agent agent-1, then voicemail, then message',
    });
  });

  test('says (none) for an agent that no setting names', () => {
    const { SYNTHFLOW_MODEL_ID: _none, ...without } = environment;

    expect(routesAt(without, {}, parseAt('2026-12-18T10:00'))).toMatchObject([
      { detail: 'agent (none), then voicemail, then message' },
    ]);
  });

  test.each([
    '2026-12-25',
    '2026-02-29T10:00',
    '2026-12-25T24:00',
    '2026-12-25T10:60',
    '2026-12-25T10:00:00',
    '2026-12-25T10:00+25:00',
    '2026-12-25T10:00+01:75',
    'now',
    '',
  ])('needs a time that exists: %j', (at) => {
    expect(() => parseAt(at)).toThrow(`--at: expected a time such as 2026-12-25T10:00; found "${at}"`);
  });

  test('refuses a time with anything before or after it', () => {
    expect(() => parseAt('x2026-12-25T10:00')).toThrow('--at');
    expect(() => parseAt('2026-12-25T10:00Zulu')).toThrow('--at');
  });
});

describe('The moment that is meant', () => {
  const clock = { date: '2026-12-25', time: '10:00' };

  test.each([
    ['Europe/Berlin', '2026-12-25T09:00:00.000Z'],
    ['America/New_York', '2026-12-25T15:00:00.000Z'],
    ['UTC', '2026-12-25T10:00:00.000Z'],
    [undefined, '2026-12-25T10:00:00.000Z'],
  ])("follows the number's own clock: %s", (timeZone, moment) => {
    expect(instantOf(clock, timeZone).toISOString()).toBe(moment);
  });

  // The rules of IANA's time zone database: Sydney goes from +11 to +10 at 2026-04-04T16:00Z and back at
  // 2026-10-03T16:00Z, Berlin from +1 to +2 at 2026-03-29T01:00Z and back at 2026-10-25T01:00Z.
  test.each([
    ['Australia/Sydney', '2026-04-04T17:30', '2026-04-04T06:30:00.000Z'],
    ['Australia/Sydney', '2026-04-05T02:30', '2026-04-04T15:30:00.000Z'],
    ['Australia/Sydney', '2026-04-05T03:00', '2026-04-04T17:00:00.000Z'],
    ['Australia/Sydney', '2026-10-04T02:30', '2026-10-03T16:30:00.000Z'],
    ['Australia/Sydney', '2026-10-04T03:00', '2026-10-03T16:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29T01:59', '2026-03-29T00:59:00.000Z'],
    ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00:00.000Z'],
    ['America/New_York', '2026-03-08T12:00', '2026-03-08T16:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-12-25T10:00', '2026-12-24T20:00:00.000Z'],
    ['Pacific/Honolulu', '2026-12-25T20:00', '2026-12-26T06:00:00.000Z'],
  ])('is right around a change of clocks: %s at %s', (timeZone, text, moment) => {
    expect(instantOf(parseAt(text), timeZone).toISOString()).toBe(moment);
  });

  test('is the same everywhere if it has an offset', () => {
    const moment = new Date('2026-12-25T10:00:00Z');

    expect(instantOf(moment, 'Europe/Berlin')).toBe(moment);
  });
});
