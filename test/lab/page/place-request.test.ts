import { isOwnHost } from '../../../lab/http';
import { isJson, parsePlaceRequest } from '../../../lab/page/place-request';

describe('A request for a call', () => {
  test('leaves to the scenario what it does not name', () => {
    expect(parsePlaceRequest('{"scenario":"answered"}')).toEqual({ scenario: 'answered', cold: false });
  });

  test('names who calls whom, when, with what, and how', () => {
    const parties = { caller: '+15550100177', called: '+1 (555) 010-0188', forwardedFrom: '+15550100199' };
    const request = { scenario: 'outage', ...parties, parameters: 'FromCity=Berlin', at: '2026-12-25T10:00' };

    expect(parsePlaceRequest(JSON.stringify({ ...request, cold: true }))).toEqual({
      ...parties,
      scenario: 'outage',
      called: '+15550100188',
      parameters: { FromCity: 'Berlin' },
      at: { date: '2026-12-25', time: '10:00' },
      cold: true,
    });
  });

  test('accepts only true for cold', () => {
    expect(parsePlaceRequest('{"scenario":"answered","cold":"yes"}')).toMatchObject({
      cold: false,
    });
  });

  test.each([
    ['{', { field: 'scenario', problem: 'expected JSON' }],
    ['null', { field: 'scenario', problem: 'expected one of the list' }],
    ['{"scenario":"nonsense"}', { field: 'scenario', problem: 'expected one of the list' }],
    ['{"scenario":"toString"}', { field: 'scenario', problem: 'expected one of the list' }],
    ['{"scenario":["answered"]}', { field: 'scenario', problem: 'expected one of the list' }],
    ['{"scenario":"answered","called":"911"}', { field: 'called', problem: expect.stringContaining('found "911"') }],
  ])('such as %s is refused with its field', (body, problem) => {
    expect(parsePlaceRequest(body)).toEqual(problem);
  });

  test("ignores a field that isn't text", () => {
    expect(parsePlaceRequest('{"scenario":"answered","caller":7,"called":["+15550100177"]}')).toEqual({
      scenario: 'answered',
      cold: false,
    });
  });
});

describe('The lab', () => {
  test.each(['127.0.0.1:4000', 'localhost:80'])('talks to its own page at %s', (host) => {
    expect(isOwnHost(host)).toBe(true);
  });

  test.each([
    'evil.example',
    '127.0.0.1.evil.example:80',
    'evil.localhost:80',
    'localhost:80x',
    'localhost',
    undefined,
  ])('talks to no page that calls this machine %p', (host) => {
    expect(isOwnHost(host)).toBe(false);
  });

  test.each([
    ['application/json', true],
    ['Application/JSON ; charset=utf-8', true],
    ['application/json-seq', false],
    ['text/application/json', false],
    ['text/plain', false],
    [undefined, false],
  ])('takes a body of the type %p: %p', (type, taken) => {
    expect(isJson(type)).toBe(taken);
  });
});
