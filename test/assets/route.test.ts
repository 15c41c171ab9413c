import { type Problem, readerOf, sentenceOf } from '../../src/assets/environment.private';
import { phonesOf, readRoute, stepOf, type TableStep } from '../../src/assets/route.private';

function read(steps: readonly (TableStep | string)[]) {
  const reader = readerOf({});
  const route = readRoute(steps, 'CALL_ROUTE', {
    reader,
    modelId: 'agent',
    needsModelId: false,
    called: '+15550100100',
  });
  const isOfRoute = ({ setting }: Problem): boolean => setting === 'CALL_ROUTE';
  return {
    route,
    found: reader.problems.filter(isOfRoute).map(({ found }) => found),
    problems: reader.problems.filter((problem) => !isOfRoute(problem)).map(sentenceOf),
  };
}

const phone = (number: string, more: object = {}) => ({
  number,
  ringSeconds: 20,
  confirm: false,
  sendDigits: undefined,
  ...more,
});

describe('A step of a route', () => {
  test.each<[TableStep, object]>([
    ['agent', { kind: 'agent', modelId: 'agent' }],
    [
      { say: 'Please hold.', waitSeconds: 60 },
      { kind: 'word', word: { verb: 'say', content: 'Please hold.', waitSeconds: 60 } },
    ],
    [
      { play: 'https://example.com/a.mp3' },
      { kind: 'word', word: { verb: 'play', content: 'https://example.com/a.mp3', waitSeconds: undefined } },
    ],
    [{ agent: 'other' }, { kind: 'agent', modelId: 'other' }],
    ['voicemail', { kind: 'voicemail' }],
    ['+15550100190', { kind: 'person', phones: [phone('+15550100190')] }],
    [
      { number: '+15550100190', ringSeconds: 35, confirm: true, sendDigits: 'wW1928#' },
      { kind: 'person', phones: [phone('+15550100190', { ringSeconds: 35, confirm: true, sendDigits: 'wW1928#' })] },
    ],
    [
      ['+15550100190', { number: '+15550100191', ringSeconds: 5 }],
      { kind: 'person', phones: [phone('+15550100190'), phone('+15550100191', { ringSeconds: 5 })] },
    ],
  ])('is read as the table writes it: %j', (step, expected) => {
    expect(read([step])).toEqual({ route: [expected], found: [], problems: [] });
  });

  test.each([
    ['agnet', '"agnet"'],
    ['5550100190', '10 characters'],
    ['', 'nothing'],
  ])('that is not accepted is left out and said, and costs no other: %j', (step, what) => {
    const { route, found } = read(['agent', step, 'voicemail']);

    expect(route.map(({ kind }) => kind)).toEqual(['agent', 'voicemail']);
    expect(found).toEqual([`${what} as step 2 of 3`]);
  });

  test('leaves the called number itself out', () => {
    const { route, found } = read([['+15550100100', '+15550100191'], '+15550100100']);

    expect(route).toEqual([{ kind: 'person', phones: [phone('+15550100191')] }]);
    expect(found).toEqual(['the called number itself as step 1 of 2', 'the called number itself as step 2 of 2']);
  });

  test.each<[TableStep, string, object[]]>([
    // Of which nothing is left, so that the agent gets the call.
    [{ agent: '' }, "a step's agent", [{ kind: 'agent', modelId: 'agent' }]],
    [{ agent: 'two words' }, "a step's agent", [{ kind: 'agent', modelId: 'agent' }]],
    [{ say: '\u{1F44B}' }, "a word's say", [{ kind: 'agent' }]],
    [{ say: 'Hold.', waitSeconds: 0 }, "a word's waitSeconds", [{ kind: 'word' }]],
    [{ say: 'Hold.', waitSeconds: 61 }, "a word's waitSeconds", [{ kind: 'word' }]],
    [JSON.parse('{ "play": "http://example.com/a.mp3" }'), "a word's play", [{ kind: 'agent' }]],
    [{ number: '+15550100190', ringSeconds: 4 }, "a phone's ringSeconds", [{ phones: [phone('+15550100190')] }]],
    [{ number: '+15550100190', ringSeconds: 121 }, "a phone's ringSeconds", [{ phones: [phone('+15550100190')] }]],
    [{ number: '+15550100190', sendDigits: '1-2' }, "a phone's sendDigits", [{ phones: [phone('+15550100190')] }]],
    [{ number: '+15550100190', sendDigits: '1'.repeat(33) }, "a phone's sendDigits", [{}]],
  ])('names the field whose value is not accepted: %j', (step, field, route) => {
    const { problems, ...read_ } = read([step]);

    expect(read_.route).toMatchObject(route);
    expect(problems).toEqual([expect.stringMatching(`^${field} \\(step 1 of 1\\) in the number table: expected `)]);
  });

  test('rings at most ten phones at once, as Twilio does, and reports more', () => {
    const numbers = Array.from({ length: 11 }, (_none, n) => `+155501001${10 + n}` as const);

    expect(phonesOf(read([numbers]).route).map(({ number }) => number)).toEqual(numbers.slice(0, 10));
    expect(read([numbers]).found).toEqual(['11 phones at once as step 1 of 1']);
    expect(read([numbers.slice(1)]).found).toEqual([]);
    expect(read([[]]).found).toEqual(['no phone as step 1 of 1']);
  });
});

describe('The step that one of our URLs names', () => {
  const { route } = read(['agent', '+15550100190', 'voicemail']);

  test.each([0, 1, 2])('is one of the route: %i', (step) => {
    expect(stepOf({ step }, route)).toBe(step);
  });

  test.each([3, 999, undefined])('counts as the last one when it is %p, so that nobody is rung twice', (step) => {
    expect(stepOf({ step }, route)).toBe(2);
  });

  test('is before the first step of an empty route', () => {
    expect(stepOf({ step: 0 }, [])).toBe(-1);
  });
});
