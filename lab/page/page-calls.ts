import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Reached } from '../../tools/calls/history';
import type { RealCall } from '../../tools/calls/real-call';
import type { Story } from '../../tools/story/recorder';

/** A call as the page knows it: a call of the lab, or a real one with what its sources say. */
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
  /** Whom the caller has reached, once the call is over. */
  readonly state: 'waiting' | 'running' | 'broken' | Reached;
  readonly story: Story;
  /** What happened, why, and what to do, one sentence each. */
  readonly told: readonly string[];
  /** What the scenario plays in place of one's own settings. */
  readonly changes?: readonly string[];
  /** The request for it as it came, so that it can be placed again. */
  readonly asked?: string;
}

/** What a page doesn't know yet. */
export interface News {
  /** Of this process: a page has to forget the calls of another one. */
  readonly instance: string;
  readonly version: number;
  /** All calls. */
  readonly ids: readonly string[];
  /** The calls that have changed, whole. */
  readonly calls: readonly PageCall[];
  readonly overview: object;
}

/** The calls of a page. */
export interface PageCalls {
  find(id: string): PageCall | undefined;
  all(): readonly PageCall[];
  /** Adds a call, or replaces the one with its id. */
  keep(call: Omit<PageCall, 'version'>): PageCall;
  /** Says something about all calls, in place of what was said before. */
  announce(said: object): void;
  /** Waits for something newer than this version of this instance, for 10 s at most, or until the page is gone. */
  news(knownInstance: string | null, knownVersion: number, gone: AbortSignal): Promise<News>;
}

/** Calls that are kept; the oldest one goes first. */
const keptCalls = 100;
/** Milliseconds that a page waits for news before it asks again: less than it takes a proxy to give up. */
const newsMs = 10_000;

/** The calls of a page; none yet. */
export function createPageCalls(): PageCalls {
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
    find: (id) => calls.get(id),
    all: () => [...calls.values()],
    keep: (call) => {
      const kept = { ...call, version: version + 1 };
      calls.set(call.id, kept);
      for (const id of [...calls.keys()].slice(0, -keptCalls)) calls.delete(id);
      change();
      return kept;
    },
    announce: (said) => {
      overview = said;
      change();
    },
    news: async (knownInstance, knownVersion, gone) => {
      const since = knownInstance === instance ? knownVersion : -1;
      if (since >= version) {
        const signal = AbortSignal.any([gone, AbortSignal.timeout(newsMs)]);
        // No news in time is an empty answer.
        await once(changed, 'change', { signal }).catch(() => undefined);
      }
      const found = [...calls.values()].filter((call) => call.version > since);
      return { instance, version, ids: [...calls.keys()], calls: found, overview };
    },
  };
}
