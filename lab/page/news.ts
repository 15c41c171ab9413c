import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { RealCall } from '../../tools/live/call/real-call';
import type { Story } from '../story';

/** A call as the page knows it: one of the lab, or a real one, of which it also shows what the sources say. */
export interface PageCall extends Partial<Pick<RealCall, 'disagreements' | 'missing' | 'sources' | 'links'>> {
  readonly id: string;
  /** Grows with each change of any call, so that a page can ask for what it doesn't know. */
  readonly version: number;
  readonly caller: string;
  readonly called: string;
  /** What it is, in a word, and in a sentence. */
  readonly name: string;
  readonly title: string;
  /** Time of day at which it was placed, ISO 8601. */
  readonly placed: string;
  readonly state: 'waiting' | 'running' | 'reached' | 'not reached' | 'over' | 'broken';
  readonly story: Story;
  /** What happened, why, and what to do, one sentence each. */
  readonly told: readonly string[];
  /** What the scenario plays in place of one's own settings. */
  readonly changes?: readonly string[];
  /** The request for it as it came, so that it can be placed again. */
  readonly asked?: string;
}

/** The calls of a page. */
export type PageCalls = ReturnType<typeof createPageCalls>;

/** Calls that are kept; the oldest one goes first. */
const keptCalls = 100;
/** Milliseconds that a page waits for news before it asks again: less than it takes a proxy to give up. */
const newsMs = 10_000;

/** The calls of a page; none yet. */
export function createPageCalls() {
  const calls = new Map<string, PageCall>();
  const instance = randomUUID();
  const changed = new EventTarget();
  let version = 0;
  let overview: object = {};
  const change = (): void => {
    version += 1;
    changed.dispatchEvent(new Event('change'));
  };
  return {
    find: (id: string) => calls.get(id),
    all: () => [...calls.values()],
    /** Adds a call, or replaces the one with its id. */
    keep: (call: Omit<PageCall, 'version'>): PageCall => {
      const kept = { ...call, version: version + 1 };
      calls.set(call.id, kept);
      for (const id of [...calls.keys()].slice(0, -keptCalls)) calls.delete(id);
      change();
      return kept;
    },
    /** Says something about all calls, in place of what was said before. */
    announce: (said: object): void => {
      overview = said;
      change();
    },
    /**
     * What is new since this version of this instance, once there is something, or after `newsMs`; until the page is
     * gone: the calls that have changed, whole, and the ids of all. A page has to forget the calls of another instance.
     */
    news: async (knownInstance: string | null, knownVersion: number, gone: AbortSignal) => {
      const since = knownInstance === instance ? knownVersion : -1;
      if (since >= version) {
        const signal = AbortSignal.any([gone, AbortSignal.timeout(newsMs)]);
        // Without news in time, there is none to tell.
        await once(changed, 'change', { signal }).catch(() => undefined);
      }
      const found = [...calls.values()].filter((call) => call.version > since);
      return { instance, version, ids: [...calls.keys()], calls: found, overview };
    },
  };
}
