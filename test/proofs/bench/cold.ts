import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import axios from 'axios';
import { now } from './clock';
import { figure, median, ms, type Part } from './figure';
import { shuffled } from './order';
import { type BenchApi, type BenchCall, next } from './process';

const names = ['bridge', 'plain', 'express', 'empty'] as const;
type Name = (typeof names)[number];

/** Milliseconds since the process was started. */
interface Start {
  /** The runtime is there, and the function is asked. */
  readonly ready: number;
  /** The API has the request. */
  readonly requested: number;
  /** The TwiML is there. */
  readonly answered: number;
}

// From start to start the bridge's place moves by 0.4 (docs/performance.md, spread): a steady median needs many.
const rounds = 60;

/** Times from the start of a process to TwiML, in rounds with one start of each contender. */
export async function measureCold(
  folder: string,
  api: BenchApi,
  call: BenchCall,
  progress: (share: number) => void,
): Promise<Part> {
  const results: Record<Name, Start>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const starts = new Map<Name, Start>();
    for (const name of shuffled(names)) {
      const start = await (name === 'express' ? startExpress(call) : startFunction(folder, name, call));
      starts.set(name, { ...start, requested: (await api.arrivedAt()) - start.startedAt });
    }
    results.push(Object.fromEntries(starts) as Record<Name, Start>);
    progress((round + 1) / rounds);
  }
  const took = (name: Name): readonly number[] => results.map((result) => result[name].answered);
  const bridge = (pick: (start: Start) => number): string => ms(median(results.map((result) => pick(result.bridge))));
  return {
    title: 'Cold',
    figures: [
      figure(
        'where the bridge stands, from the empty function (0) to the plain one (1)',
        results.map(
          ({ bridge: { answered }, empty, plain }) => (answered - empty.answered) / (plain.answered - empty.answered),
        ),
        { goal: 0.5, margin: 0.5 },
      ),
      figure(
        "from process start to TwiML: the bridge to the plain function's",
        results.map((result) => result.bridge.answered / result.plain.answered),
        { goal: 1, margin: 0.3 },
      ),
      figure(
        "from process start to TwiML: the bridge to the Express route's",
        results.map((result) => result.bridge.answered / result.express.answered),
        { goal: 1, margin: 0.3 },
      ),
    ],
    times: [
      ...names.map((name) => ({ title: name, text: ms(median(took(name))) })),
      {
        title: "the bridge's own part of it",
        text: `${bridge(({ ready, requested }) => requested - ready)} until the API has the request, ${bridge(({ requested, answered }) => answered - requested)} from there to TwiML`,
      },
    ],
  };
}

type Started = Omit<Start, 'requested'> & { readonly startedAt: number };

async function startFunction(folder: string, name: Name, call: BenchCall): Promise<Started> {
  const startedAt = now();
  const child = fork(resolve(__dirname, '../../../lab/twilio/cloud-runtime.cjs'), [folder], {
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

async function startExpress({ env, event }: BenchCall): Promise<Started> {
  const startedAt = now();
  const child = fork(resolve(__dirname, 'express.cjs'), { execArgv: [], env: { PATH: process.env.PATH, ...env } });
  const port = await next(child, (message) => message.port);
  const ready = now() - startedAt;
  const { data } = await axios.post<string>(`http://127.0.0.1:${port}/inbound`, new URLSearchParams(event), {
    proxy: false,
  });
  const answered = now() - startedAt;
  await end(child);
  expectTwiml('express', data);
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
