import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tell } from '../../tools/story';
import type { Lab } from '../lab';
import { changesOf, type Parties, type ScenarioName, scenarios } from '../scenarios';
import type { Story } from '../story';
import type { PlaceRequest } from './request';

/** A call as the page knows it. */
export interface LabCall {
  readonly id: string;
  /** Grows with each change of any call, so that a page can ask for what it doesn't know. */
  readonly version: number;
  readonly scenario: ScenarioName;
  readonly title: string;
  /** What the scenario plays in place of one's own settings. */
  readonly changes: readonly string[];
  readonly caller: string;
  readonly called: string;
  /** Time of day at which it was placed, ISO 8601. */
  readonly placed: string;
  readonly state: 'waiting' | 'running' | 'reached' | 'not reached' | 'broken';
  /** The request for it as it came, so that it can be placed again. */
  readonly asked: string;
  readonly story: Story;
  /** What happened, why, and what to do, one sentence each. */
  readonly told: readonly string[];
}

/** What a page doesn't know yet. */
export interface News {
  /** Which server says so: a page that knows the calls of another one has to forget them. */
  readonly instance: string;
  readonly version: number;
  /** Every call that there is. */
  readonly ids: readonly string[];
  /** Those that have changed, whole. */
  readonly calls: readonly LabCall[];
}

/** The calls that were placed on the page. */
export interface LabCalls {
  /** Places a call; `parties` are those of its scenario, and `asked` is the request as it came. */
  place(request: PlaceRequest, parties: Required<Pick<Parties, 'caller' | 'called'>>, asked: string): LabCall;
  find(id: string): LabCall | undefined;
  /** What is new since this version of this instance, once there is something, or after `newsMs`; until the page is gone. */
  news(instance: string | null, version: number, gone: AbortSignal): Promise<News>;
}

/** Calls that are kept; the oldest one goes first. */
const keptCalls = 100;
/** Milliseconds that a page waits for news before it asks again: less than it takes a proxy to give up. */
const newsMs = 10_000;
const emptyStory: Story = { steps: [], heard: [], warnings: [], log: [], printed: [] };

/** The calls of a page; none yet. */
export function createLabCalls(lab: Lab): LabCalls {
  const calls = new Map<string, LabCall>();
  const instance = randomUUID();
  const changed = new EventTarget();
  let version = 0;

  const keep = (call: Omit<LabCall, 'version'>): LabCall => {
    version += 1;
    const kept = { ...call, version };
    calls.set(call.id, kept);
    for (const id of [...calls.keys()].slice(0, -keptCalls)) calls.delete(id);
    changed.dispatchEvent(new Event('change'));
    return kept;
  };

  const place: LabCalls['place'] = (request, parties, asked) => {
    const scenario = scenarios[request.scenario];
    const isWaiting = [...calls.values()].some(({ state }) => state === 'waiting' || state === 'running');
    let call = keep({
      id: randomUUID(),
      scenario: request.scenario,
      title: scenario.title,
      changes: changesOf(scenario),
      caller: request.caller ?? parties.caller,
      called: request.called ?? parties.called,
      placed: new Date().toISOString(),
      state: isWaiting ? 'waiting' : 'running',
      asked,
      story: emptyStory,
      told: [],
    });
    const update = (changes: Partial<LabCall>): void => {
      call = keep({ ...call, ...changes });
    };
    const grow = (story: Story): void => {
      // What a function prints may come after the call has ended.
      const state = call.state === 'waiting' ? 'running' : call.state;
      update({ story: { ...story }, told: tell(story), state });
    };
    lab.place(scenario, request, grow).then(
      ({ reached, callSid: _callSid, ...ended }) =>
        update({ story: ended, told: tell(ended), state: reached ? 'reached' : 'not reached' }),
      (error: unknown) => update({ told: [error instanceof Error ? error.message : String(error)], state: 'broken' }),
    );
    return call;
  };

  return {
    place,
    find: (id) => calls.get(id),
    news: async (knownInstance, knownVersion, gone) => {
      const since = knownInstance === instance ? knownVersion : -1;
      if (since >= version) {
        const signal = AbortSignal.any([gone, AbortSignal.timeout(newsMs)]);
        // Without news in time, there is none to tell.
        await once(changed, 'change', { signal }).catch(() => undefined);
      }
      const found = [...calls.values()].filter((call) => call.version > since);
      return { instance, version, ids: [...calls.keys()], calls: found };
    },
  };
}
