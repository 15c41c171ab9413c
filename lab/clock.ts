import type { CallTime } from '../tools/story/recorder';

/**
 * The time of calls in the lab, in seconds. It goes forward in small steps and never catches up, so that a busy machine
 * only makes a call slower: a phone that rings for 5 s gets as many chances to be answered as on an idle one.
 */
export interface Clock {
  /** Seconds since the clock was started. */
  now(): number;
  /** Calls back after this many seconds; returns a function that cancels it. */
  after(seconds: number, act: () => void): () => void;
  /** Resolves after this many seconds. */
  pause(seconds: number): Promise<'over'>;
  stop(): void;
}

const stepsPerSecond = 10;

/** Starts a clock on which a second lasts this many milliseconds. */
export function startClock(secondMs: number): Clock {
  let steps = 0;
  const waiting = new Set<{ readonly dueStep: number; readonly act: () => void }>();
  const interval = setInterval(() => {
    steps += 1;
    for (const one of waiting) {
      if (one.dueStep > steps) continue;
      waiting.delete(one);
      one.act();
    }
  }, secondMs / stepsPerSecond);
  const after = (seconds: number, act: () => void): (() => void) => {
    const one = { dueStep: steps + Math.ceil(seconds * stepsPerSecond), act };
    waiting.add(one);
    return () => void waiting.delete(one);
  };
  return {
    now: () => steps / stepsPerSecond,
    after,
    pause: (seconds) => new Promise<'over'>((resolve) => after(seconds, () => resolve('over'))),
    stop: () => clearInterval(interval),
  };
}

/** Starts the time of a call as on a real line: it follows the clock, except while requests are under way. */
export function startCallTime(clock: Clock): CallTime {
  let requests = 0;
  let passed = 0;
  const reading = (): number => (requests > 0 ? performance.now() : clock.now() * 1000);
  let since = reading();
  const now = (): number => passed + reading() - since;
  const count = (change: 1 | -1): void => {
    passed = now();
    requests += change;
    since = reading();
  };
  return {
    now: () => Math.round(now()),
    // A request can't be made faster.
    inRealTime: (work) => {
      count(1);
      return work.finally(() => count(-1));
    },
  };
}

/** Resolves after this many milliseconds of real time. */
export { setTimeout as pause } from 'node:timers/promises';

/** Resolves once the signal aborts. */
export function aborted(signal: AbortSignal): Promise<'gone'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('gone');
    else signal.addEventListener('abort', () => resolve('gone'), { once: true });
  });
}
