import { figure, median, ms, type Part, quantile } from './figure';
import { shuffled } from './order';
import type { BenchCall, Contender, Worker } from './process';

const names = ['bare', 'bridge', 'plain'] as const satisfies readonly Contender[];
type Name = (typeof names)[number];
/** Milliseconds of each contender's calls. */
type Round = Readonly<Record<Name, readonly number[]>>;

const rounds = 8;
/** Calls that are not counted, until the code is compiled. */
const settling = 2000;
const counted = 1000;

/**
 * Times of a warm instance: what each contender adds to the request that none can do without. In each round each has
 * a process of its own, as in the cloud, so that none pays for the memory that another one left.
 */
export async function measureWarm(
  startWorker: () => Promise<Worker>,
  call: BenchCall,
  progress: (share: number) => void,
): Promise<Part> {
  const results: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const times = new Map<Name, readonly number[]>();
    for (const name of shuffled(names)) {
      const worker = await startWorker();
      const series = await worker.run<number[]>({ job: 'series', call, name, calls: settling + counted });
      worker.stop();
      times.set(name, series.slice(settling));
    }
    results.push(Object.fromEntries(times) as Record<Name, readonly number[]>);
    progress((round + 1) / rounds);
  }
  return report(results);
}

function report(results: readonly Round[]): Part {
  const own = (round: Round, name: 'bridge' | 'plain'): number => median(round[name]) - median(round.bare);
  const p99 = (round: Round, name: 'bridge' | 'plain'): number => quantile(round[name], 0.99);
  const all = (name: Name): readonly number[] => results.flatMap((round) => round[name]);
  const time = (name: Name, title: string) => ({
    title,
    text: `p50 ${ms(median(all(name)))}, p99 ${ms(quantile(all(name), 0.99))}`,
  });
  return {
    title: 'Warm',
    figures: [
      figure(
        "own time, beyond the bare request: the bridge to the plain function's",
        results.map((round) => own(round, 'bridge') / own(round, 'plain')),
        { goal: 1, margin: 0.5 },
      ),
      figure(
        "p99 of a whole call: the bridge to the plain function's",
        results.map((round) => p99(round, 'bridge') / p99(round, 'plain')),
        { goal: 1, margin: 0.5 },
      ),
    ],
    times: [time('bare', 'bare request'), time('bridge', 'bridge'), time('plain', 'plain function')],
  };
}
