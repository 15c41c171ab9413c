import type { ApiBehaviour } from './synthflow';

/** A call that the lab can play. */
export interface Scenario {
  /** What happens, for a list. */
  readonly title: string;
  /** How the API answers, request by request; `refused` leaves its port closed. */
  readonly api: readonly [ApiBehaviour, ...ApiBehaviour[]] | 'refused';
  /** Settings that differ from the lab's own; an empty text unsets one. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Every scenario by the name that `npm run call -- --scenario` takes. */
export const scenarios = {
  answered: { title: 'the agent answers', api: ['registered'] },
  retried: { title: 'the API is over its limit once, then prepares the call', api: ['rate-limited', 'registered'] },
  slow: { title: 'the API answers after 60 s', api: ['slow'] },
  trickle: { title: 'the API answers one byte a second', api: ['trickle'] },
  reset: { title: 'the API resets the connection', api: ['reset'] },
  refused: { title: 'the API refuses the connection', api: 'refused' },
  huge: { title: 'the API sends 100 MB', api: ['huge'] },
  unauthorized: { title: 'the API does not accept the key', api: ['unauthorized'] },
  'rate-limited': { title: 'the API stays over its limit', api: ['rate-limited'] },
  rejected: { title: 'the API rejects the request', api: ['rejected'] },
  'server-error': { title: 'the API fails with 500', api: ['server-error'] },
  html: { title: 'the API answers with a web page', api: ['html'] },
  'no-id': { title: 'the API forgets the id', api: ['no-id'] },
  'hostile-id': { title: 'the API sends an id that would inject into the SIP URI', api: ['hostile-id'] },
  outage: { title: 'Synthflow says that it has an outage', api: ['outage'] },
  misconfigured: { title: 'the API key is missing from .env', api: ['registered'], env: { SYNTHFLOW_API_KEY: '' } },
} as const satisfies Record<string, Scenario>;

/** See {@link scenarios}. */
export type ScenarioName = keyof typeof scenarios;

/** Whether a scenario of this name exists. */
export const isScenarioName = (name: string): name is ScenarioName => Object.hasOwn(scenarios, name);
