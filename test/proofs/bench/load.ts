import { figure, ms, type Part } from './figure';
import type { BenchCall, Worker } from './process';

interface Memory {
  /** Bytes, after a collection. */
  readonly heapUsed: number;
  readonly rss: number;
}

interface Load {
  readonly calls: number;
  readonly seconds: number;
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly before: Memory;
  readonly after: Memory;
}

/** Calls at Twilio's limit of concurrency, for a minute at least and for 100,000 calls at least. */
export async function measureLoad(worker: Worker, call: BenchCall, progress: (share: number) => void): Promise<Part> {
  const job = { job: 'load', call, name: 'bridge', concurrent: 30, seconds: 60, calls: 100_000, settleCalls: 10_000 };
  const load = await worker.run<Load>(job, progress);
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return {
    title: 'Load',
    figures: [
      figure('heap after the calls to the heap before', [load.after.heapUsed / load.before.heapUsed], {
        goal: 1.05,
        // The code that V8 compiles meanwhile moves it by some percent; an object kept for each call would nearly double it.
        margin: 0.1,
      }),
    ],
    times: [
      { title: 'calls', text: `${load.calls} by 30 at once in ${load.seconds.toFixed(0)} s` },
      { title: 'calls a second', text: load.callsPerSecond.toFixed(0) },
      { title: 'a call', text: `p50 ${ms(load.p50)}, p99 ${ms(load.p99)}` },
      { title: 'heap', text: `${mebibytes(load.before.heapUsed)} before, ${mebibytes(load.after.heapUsed)} after` },
      { title: 'process', text: `${mebibytes(load.before.rss)} before, ${mebibytes(load.after.rss)} after` },
    ],
  };
}
