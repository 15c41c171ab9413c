import { isJson, isOwnHost, parsePlaceRequest } from '../../../lab/page/request';

const calledProblem = 'Called number: expected a number in E.164, such as +15550100100, or a SIP address';

describe('A request for a call', () => {
  test('has the parties of the lab unless it names others', () => {
    expect(parsePlaceRequest('{"scenario":"answered"}')).toEqual({
      scenario: 'answered',
      caller: '+15550100142',
      called: '+15550100100',
      cold: false,
    });
  });

  test('has the parties of a scenario that is about them', () => {
    expect(parsePlaceRequest('{"scenario":"sip-caller"}')).toMatchObject({ caller: 'sip:1001@acme.sip.twilio.com' });
    expect(parsePlaceRequest('{"scenario":"sip-called"}')).toMatchObject({
      called: 'sip:+15550100100@acme.sip.twilio.com',
    });
  });

  test.each(['sip:sales@acme.sip.twilio.com', 'sip:+15550100177@acme.sip.twilio.com', '15550100177'])(
    'may be to %s',
    (called) => {
      expect(parsePlaceRequest(JSON.stringify({ scenario: 'answered', called }))).toMatchObject({ called });
    },
  );

  test('names scenario, caller, called number and whether the instance is cold', () => {
    const request = { scenario: 'outage', caller: 'x'.repeat(128), called: '+15550100177', cold: true };

    expect(parsePlaceRequest(JSON.stringify(request))).toEqual(request);
    expect(parsePlaceRequest('{"scenario":"answered","cold":"yes"}')).toMatchObject({ cold: false });
  });

  test.each([
    ['{', 'expected JSON'],
    ['null', 'Scenario: expected one of the list'],
    ['{"scenario":"nonsense"}', 'Scenario: expected one of the list'],
    ['{"scenario":"toString"}', 'Scenario: expected one of the list'],
    ['{"scenario":["answered"]}', 'Scenario: expected one of the list'],
    ['{"scenario":"answered","called":"911"}', calledProblem],
    ['{"scenario":"answered","called":"sip:a b"}', calledProblem],
    ['{"scenario":"answered","called":"client:a"}', calledProblem],
    ['{"scenario":"answered","called":"anonymous"}', calledProblem],
    ['{"scenario":"answered","called":["+15550100177"]}', calledProblem],
    ['{"scenario":"answered","called":7}', calledProblem],
    ['{"scenario":"answered","caller":7}', 'Caller: expected a text of at most 128 characters'],
    [`{"scenario":"answered","caller":"${'x'.repeat(129)}"}`, 'Caller: expected a text of at most 128 characters'],
  ])('such as %s is refused with what it should be', (body, problem) => {
    expect(parsePlaceRequest(body)).toBe(problem);
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
