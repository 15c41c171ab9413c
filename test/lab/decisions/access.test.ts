import { type Arrival, refusalStatus } from '../../../lab/twilio/access';

const inbound = { path: '/inbound', kind: 'function', access: 'protected' } as const;
const fallback = { path: '/fallback.xml', kind: 'asset', access: 'protected' } as const;
const good: Arrival = {
  route: inbound,
  isTooLarge: false,
  isSigned: true,
  hasCrashed: false,
  running: 29,
  maxRunning: 30,
};

describe("Twilio's cloud", () => {
  test.each<{ case: string; changes: Partial<Arrival> }>([
    { case: 'a signed request to a protected function', changes: {} },
    {
      case: 'an unsigned request to a public function',
      changes: { route: { ...inbound, access: 'public' }, isSigned: false },
    },
    {
      case: 'a signed request to an asset, whatever the functions do',
      changes: { route: fallback, hasCrashed: true, running: 30 },
    },
  ])('lets $case through', ({ changes }) => {
    expect(refusalStatus({ ...good, ...changes })).toBeUndefined();
  });

  test.each<{ case: string; changes: Partial<Arrival>; status: number }>([
    { case: 'what is not deployed', changes: { route: undefined }, status: 404 },
    { case: 'what is private', changes: { route: { ...inbound, access: 'private' } }, status: 404 },
    { case: 'a request that is too large', changes: { isTooLarge: true }, status: 413 },
    { case: 'an unsigned request to a protected function', changes: { isSigned: false }, status: 403 },
    { case: 'an unsigned request to a protected asset', changes: { route: fallback, isSigned: false }, status: 403 },
    { case: 'a function that has crashed', changes: { hasCrashed: true }, status: 500 },
    { case: 'a function beyond the limit', changes: { running: 30 }, status: 429 },
  ])('refuses $case with $status', ({ changes, status }) => {
    expect(refusalStatus({ ...good, ...changes })).toBe(status);
  });
});
