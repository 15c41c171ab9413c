import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { now } from './clock';
import { figure, median, ms, type Part } from './figure';
import { shuffled } from './order';
import { type BenchApi, type BenchCall, benchCall, next } from './process';

const names = ['bridge', 'plain', 'axios', 'empty'] as const;
type Name = (typeof names)[number];

/** Milliseconds since the process was started. */
interface Start {
  /** The runtime is there, and the function is asked. */
  readonly ready: number;
  /** The API has the request. */
  readonly requested: number;
  /** The API has answered. */
  readonly prepared: number;
  /** The TwiML is there. */
  readonly answered: number;
}

// From start to start the bridge's place moves by 0.4 (docs/performance.md, spread): a steady median needs many.
const rounds = 60;

type Round = Readonly<Record<Name, Start>>;

/** Times from the start of a process to TwiML, in rounds with one start of each contender, and two at a slow API. */
export async function measureCold(folder: string, api: BenchApi, progress: (share: number) => void): Promise<Part> {
  const measure = async <N extends Name>(all: readonly N[], call: BenchCall): Promise<Record<N, Start>> => {
    const starts = new Map<N, Start>();
    for (const name of shuffled(all)) {
      const start = await startFunction(folder, name, call);
      const { arrivedAt, answeredAt } = await api.times();
      starts.set(name, {
        ...start,
        requested: arrivedAt - start.startedAt,
        prepared: answeredAt - start.startedAt,
      });
    }
    return Object.fromEntries(starts) as Record<N, Start>;
  };
  const near: Round[] = [];
  const slow: Pick<Round, 'bridge' | 'axios'>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    near.push(await measure(names, benchCall(api.nearUrl)));
    slow.push(await measure(['bridge', 'axios'], benchCall(api.slowUrl)));
    progress((round + 1) / rounds);
  }
  return report(near, slow);
}

/** Milliseconds from the API's answer to TwiML. */
const toTwiml = ({ prepared, answered }: Start): number => answered - prepared;
/** Milliseconds from the request that Twilio makes to the one that the API gets. */
const toRequest = ({ ready, requested }: Start): number => requested - ready;

function report(near: readonly Round[], slow: readonly Pick<Round, 'bridge' | 'axios'>[]): Part {
  const medianOf = <R>(rounds: readonly R[], pick: (round: R) => number): string => ms(median(rounds.map(pick)));
  return {
    title: 'Cold',
    figures: [
      figure(
        "from process start to TwiML: the bridge to the plain function's",
        near.map(({ bridge, plain }) => bridge.answered / plain.answered),
        { goal: 0.9, margin: 0.15 },
      ),
      figure(
        'where the bridge stands, from the function that only asks (0) to the plain one (1)',
        near.map(({ bridge, axios, plain }) => (bridge.answered - axios.answered) / (plain.answered - axios.answered)),
        { goal: 0.5, margin: 0.5 },
      ),
      figure(
        "with an API that takes 100 ms, from its answer to TwiML: the bridge to the plain function's whole time, beyond the function that only asks",
        slow.map(({ bridge, axios }, round) =>
          Math.max(0, (toTwiml(bridge) - toTwiml(axios)) / (near[round]?.plain.answered ?? Number.NaN)),
        ),
        { goal: 0.02, margin: 1 },
      ),
    ],
    times: [
      ...names.map((name) => ({ title: titles[name], text: medianOf(near, (round) => round[name].answered) })),
      {
        title: "the bridge's own modules, before the request leaves",
        text: medianOf(near, ({ bridge, axios }) => toRequest(bridge) - toRequest(axios)),
      },
      {
        title: 'from the answer to TwiML, with an API that takes 100 ms',
        text: `bridge ${medianOf(slow, ({ bridge }) => toTwiml(bridge))}, function that only asks ${medianOf(slow, ({ axios }) => toTwiml(axios))}`,
      },
      {
        title: 'from the answer to TwiML, with an API that answers at once',
        text: `bridge ${medianOf(near, ({ bridge }) => toTwiml(bridge))}, function that only asks ${medianOf(near, ({ axios }) => toTwiml(axios))}`,
      },
    ],
  };
}

const titles: Readonly<Record<Name, string>> = {
  bridge: 'bridge',
  plain: 'plain function',
  axios: 'function that only asks',
  empty: 'empty function',
};

type Started = Omit<Start, 'requested' | 'prepared'> & { readonly startedAt: number };

async function startFunction(folder: string, name: Name, call: BenchCall): Promise<Started> {
  const startedAt = now();
  const child = fork(resolve(__dirname, '../../setup/cloud-runtime.cjs'), [folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  await next(child, ({ ready }) => ready);
  const ready = now() - startedAt;
  child.send({ name: name === 'bridge' ? '/inbound' : `/${name}`, context: call.env, event: call.event });
  const body = await next(
    child,
    ({ response, error }) => (response as { body: string } | undefined)?.body ?? (error ? String(error) : undefined),
  );
  const answered = now() - startedAt;
  await end(child);
  expectTwiml(name, body);
  return { startedAt, ready, answered };
}

/** Ends a process, and waits until it no longer takes part of the machine from the next one. */
async function end(child: ChildProcess): Promise<void> {
  child.kill();
  await once(child, 'exit');
}

/** A contender that answers something else isn't a yardstick. */
function expectTwiml(name: Name, twiml: string): void {
  const wanted = name === 'empty' ? '<Response/>' : '?X-EI=S.a29407fb';
  if (!twiml.includes(wanted)) throw new Error(`${name}: expected TwiML with ${wanted}; found ${twiml}`);
}
