import {
  endedLeg,
  type OwnUrl,
  ownParameters,
  readOwnUrl,
  writeOwnUrl,
} from '../../../src/assets/twilio/own-url.private';

const nothing: OwnUrl = {
  step: undefined,
  stage: undefined,
  reason: undefined,
  hasTalked: false,
  isConfirmed: false,
  isClosed: false,
  called: undefined,
  caller: undefined,
};
const parametersOf = (url: string) => Object.fromEntries(new URL(url, 'https://bridge.example').searchParams);

describe("The bridge's own URL", () => {
  test.each<[OwnUrl, string]>([
    [
      { step: 0, stage: 'agent', called: '+15550100100' },
      'bridge_step=0&bridge_leg=agent&bridge_called=%2B15550100100',
    ],
    [{ step: 1, stage: 'person', isConfirmed: true }, 'bridge_step=1&bridge_leg=person&bridge_confirm=yes'],
    [
      { step: 100, stage: 'transfer', isClosed: true, hasTalked: true },
      'bridge_step=100&bridge_leg=transfer&bridge_talked=yes&bridge_route=closed',
    ],
    [{ step: 1, stage: 'word', reason: 'busy' }, 'bridge_step=1&bridge_leg=word&bridge_reason=busy'],
    [{ caller: '', called: 'sip:a&b=c@d' }, 'bridge_caller=&bridge_called=sip%3Aa%26b%3Dc%40d'],
    [{}, ''],
  ])('that says %j has the query %j, and is read as it was written', (says, query) => {
    const url = writeOwnUrl('/dial-result', says);

    expect(url).toBe(`/dial-result?${query}`);
    expect(readOwnUrl(parametersOf(url))).toEqual({ ...nothing, ...says });
  });

  test.each(['-1', '1.0', 'x', ' 1', '1x', '0001', ''])('names no step by %j', (step) => {
    expect(readOwnUrl({ [ownParameters.step]: step })).toEqual(nothing);
  });

  test('leaves out what is none of its words', () => {
    const odd = {
      bridge_leg: 'x',
      bridge_talked: 'true',
      bridge_confirm: 'true',
      bridge_route: 'open',
      step: '1',
      called: '+15550100100',
    };

    expect(readOwnUrl(odd)).toEqual(nothing);
  });

  test('knows that a caller whose transfer has ended had talked with the agent', () => {
    expect(readOwnUrl({ bridge_leg: 'transfer' }).hasTalked).toBe(true);
  });

  test.each([
    ['transfer', 'transfer'],
    ['word', undefined],
    [undefined, undefined],
  ] as const)('names the leg that has ended, which a word is not: %s', (stage, leg) => {
    expect(endedLeg({ stage })).toBe(leg);
  });
});
