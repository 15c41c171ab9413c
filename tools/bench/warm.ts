import { figure, median, ms, type Part, quantile } from './figure';
import type { BenchCall, Contender, Worker } from './process';

const names = ['bare', 'bridge', 'plain', 'express', 'server'] as const satisfies readonly Contender[];
type Round = Readonly<Record<(typeof names)[number], readonly number[]>>;

/** Times of a warm instance: what each contender adds to the request that none can do without. */
export async function measureWarm(worker: Worker, call: BenchCall, progress: (share: number) => void): Promise<Part> {
  await worker.run({ job: 'rounds', call, names, rounds: 1, calls: 500 });
  // A thousand calls a round, so that its p99 is more than a handful of them.
  const rounds = await worker.run<Round[]>({ job: 'rounds', call, names, rounds: 10, calls: 1000 }, progress);

  const own = (round: Round, name: 'bridge' | 'plain' | 'express'): number =>
    // A route is reached over HTTP, and that is not its own time.
    median(round[name]) - median(round.bare) - (name === 'express' ? median(round.server) : 0);
  const p99 = (round: Round, name: 'bridge' | 'plain'): number => quantile(round[name], 0.99);
  const all = (name: (typeof names)[number]): readonly number[] => rounds.flatMap((round) => round[name]);
  const time = (name: (typeof names)[number], title: string) => ({
    title,
    text: `p50 ${ms(median(all(name)))}, p99 ${ms(quantile(all(name), 0.99))}`,
  });
  return {
    title: 'Warm',
    figures: [
      figure(
        "own time, beyond the bare request: the bridge to the plain function's",
        rounds.map((round) => own(round, 'bridge') / own(round, 'plain')),
        { goal: 1, margin: 0.3 },
      ),
      figure(
        "own time, beyond the bare request: the bridge to the Express route's",
        rounds.map((round) => own(round, 'bridge') / own(round, 'express')),
        { goal: 1, margin: 0.3 },
      ),
      figure(
        "p99 of a whole call: the bridge to the plain function's",
        rounds.map((round) => p99(round, 'bridge') / p99(round, 'plain')),
        { goal: 1, margin: 0.5 },
      ),
    ],
    times: [
      time('bare', 'bare request'),
      time('bridge', 'bridge'),
      time('plain', 'plain function'),
      time('express', 'Express route, reached over HTTP'),
      time('server', 'bare server, reached over HTTP'),
    ],
  };
}
