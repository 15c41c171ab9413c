import { oneWayMs } from './api';
import { figure, type Part } from './figure';
import { shuffled } from './order';
import type { BenchCall, Worker } from './process';

const rounds = 8;
const following = 10;
const titles = { bare: 'bare request', bridge: 'bridge', plain: 'plain function' } as const;

/** Calls over TLS to an API that is far away, each round in a new process: the first call and the following ones. */
export async function measureDistance(
  startWorker: () => Promise<Worker>,
  call: BenchCall,
  progress: (share: number) => void,
): Promise<Part> {
  const first: Record<keyof typeof titles, number[]> = { bare: [], bridge: [], plain: [] };
  const later: typeof first = { bare: [], bridge: [], plain: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of shuffled(['bare', 'bridge', 'plain'] as const)) {
      const worker = await startWorker();
      const [one = 0, ...others] = await worker.run<number[]>({ job: 'series', call, name, calls: 1 + following });
      worker.stop();
      first[name].push(one / (2 * oneWayMs));
      later[name].push(...others.map((time) => time / (2 * oneWayMs)));
    }
    progress((round + 1) / rounds);
  }
  const of = (name: keyof typeof titles, goal: { readonly goal?: number } = {}) => [
    figure(`round trips of the first call: ${titles[name]}`, first[name], { margin: 0.3 }),
    figure(`round trips of a following call: ${titles[name]}`, later[name], { ...goal, margin: 0.15 }),
  ];
  return {
    title: 'Distance',
    // TCP, TLS 1.3 and the request cost a round trip each; the rest of the first call is what is loaded for it.
    figures: [...of('bridge', { goal: 1.1 }), ...of('plain'), ...of('bare')],
    times: [{ title: 'a round trip', text: `${2 * oneWayMs} ms` }],
  };
}
