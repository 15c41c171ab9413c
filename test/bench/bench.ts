import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { listen, readBody } from '../../lab/http';
import { build } from '../../tools/build/build';
import { defineCommand, flag, progress, runCommand } from '../../tools/command';
import type { Shell } from '../../tools/shell';
import { alignColumns } from '../../tools/text';
import { layOut, type UploadedFile } from '../setup/cloud';

const root = resolve(__dirname, '../..');

/** A figure of docs/performance.md. A value that is worse than its goal by more than its margin fails `--check`. */
interface Figure {
  readonly title: string;
  readonly values: readonly number[];
  /** The highest value that is wanted. */
  readonly goal: number;
  /** A share of the goal. */
  readonly margin: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const isMet = ({ values, goal, margin }: Figure): boolean => median(values) <= goal * (1 + margin);

/** An answer of about the size of a real one. */
const registered = JSON.stringify({
  synthflow_call_id: 'a29407fb-1bf2-4be6-9d1d-f501c3dd9a2b',
  call_status: 'registered',
  ...Object.fromEntries(Array.from({ length: 45 }, (_none, count) => [`field_of_a_registered_call_${count}`, null])),
});

const servers: Server[] = [];

async function serve(server: Server): Promise<string> {
  servers.push(server);
  return `http://127.0.0.1:${await listen(server)}/v2`;
}

/** Synthflow's API, which answers after this many milliseconds. */
const startApi = (answerMs: number): Promise<string> =>
  serve(
    createServer(async (incoming, response) => {
      await readBody(incoming);
      if (answerMs > 0) await pause(answerMs);
      response.writeHead(200, { 'content-type': 'application/json' }).end(registered);
    }),
  );

/** Milliseconds that a byte travels to the distant API, or back. */
const oneWayMs = 50;

/** The same API, far away: each new connection costs a round trip before its first byte. */
async function startDistantApi(): Promise<string> {
  const port = Number(new URL(await startApi(0)).port);
  const passOn = (from: Socket, to: Socket, readyAt: number): void => {
    from.on('data', (chunk: Buffer) => {
      const now = performance.now();
      setTimeout(() => to.write(chunk), Math.max(now, readyAt) + oneWayMs - now);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  return serve(
    createTcpServer((near) => {
      const far = connect({ port, host: '127.0.0.1', noDelay: true });
      near.setNoDelay();
      passOn(near, far, performance.now() + 2 * oneWayMs);
      passOn(far, near, 0);
    }),
  );
}

/** The built bridge beside the plain function, as they are uploaded; returns the folder. */
function layOutFunctions(dist: string): string {
  const read = (kind: 'functions' | 'assets'): UploadedFile[] =>
    readdirSync(join(dist, kind), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|xml)$/.test(name))
      .map((name) => ({
        path: `/${name.replace(/\.(protected|private)/, '').replace(kind === 'functions' ? /\.js$/ : '', '')}`,
        content: readFileSync(join(dist, kind, name)),
      }));
  const plain = { path: '/plain', content: readFileSync(join(__dirname, 'plain.cjs')) };
  return layOut([...read('functions'), plain], read('assets')).folder;
}

/** What a worker has measured, per call. */
interface Measured {
  readonly cpuMs: number;
  readonly ms: number;
  /** From the start of the process to the last answer. */
  readonly startMs: number;
}

/** How often a worker calls its function. */
interface Series {
  readonly settling: number;
  readonly calls: number;
}

async function measure(folder: string, name: string, apiUrl: string, series: Series): Promise<Measured> {
  const start = performance.now();
  // The bridge writes a log line for each call, which nobody reads here.
  const child = fork(join(__dirname, 'worker.cjs'), [folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  await once(child, 'message');
  child.send({
    name,
    context: { SYNTHFLOW_API_KEY: 'bench-api-key', SYNTHFLOW_MODEL_ID: 'bench-agent', SYNTHFLOW_API_URL: apiUrl },
    event: { CallSid: `CA${'0'.repeat(32)}`, CallStatus: 'ringing', From: '+15550100142', To: '+15550100100' },
    ...series,
  });
  const [{ cpuMs, ms, answer }] = await once(child, 'message');
  const startMs = performance.now() - start;
  child.kill();
  await once(child, 'exit');
  if (!String(answer).includes('?X-EI=S.a29407fb'))
    throw new Error(`${name}: expected a prepared call; found ${answer}`);
  return { cpuMs, ms, startMs };
}

/** Ratios of the bridge to the plain function, one for each round, in turn. */
async function compare(rounds: number, pick: (name: '/inbound' | '/plain') => Promise<number>): Promise<number[]> {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isFirst = round % 2 === 0;
    const [one, other] = [await pick(isFirst ? '/inbound' : '/plain'), await pick(isFirst ? '/plain' : '/inbound')];
    ratios.push(isFirst ? one / other : other / one);
  }
  return ratios;
}

async function measureAll(shell: Shell): Promise<readonly Figure[]> {
  const dist = join(root, 'dist');
  await build(root, dist, {});
  const folder = layOutFunctions(dist);
  const [near, slow, distant] = await Promise.all([startApi(0), startApi(100), startDistantApi()]);
  progress(shell, 'Warm');
  const warm = await compare(12, async (name) => {
    const { cpuMs } = await measure(folder, name, near, { settling: 2000, calls: 3000 });
    return cpuMs;
  });
  progress(shell, 'Cold');
  const cold = await compare(40, async (name) => {
    const { startMs } = await measure(folder, name, slow, { settling: 0, calls: 1 });
    return startMs;
  });
  progress(shell, 'Distance');
  const trips: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { ms } = await measure(folder, '/inbound', distant, { settling: 1, calls: 10 });
    trips.push(ms / (2 * oneWayMs));
  }
  return [
    { title: "CPU of a warm call, to the plain function's", values: warm, goal: 1.2, margin: 0.15 },
    {
      title: "cold start with an API that takes 100 ms, to the plain function's",
      values: cold,
      goal: 0.88,
      margin: 0.1,
    },
    { title: 'round trips of a following call', values: trips, goal: 1.1, margin: 0.1 },
  ];
}

const row = (figure: Figure): string[] => {
  const { title, values, goal, margin } = figure;
  const sorted = values.toSorted((a, b) => a - b);
  const spread = [0.1, 0.9].map((share) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2));
  return [title, median(values).toFixed(2), spread.join(' to '), `at most ${goal.toFixed(2)}`, `${margin * 100} %`];
};

const head = ['figure', 'value', '10 % to 90 %', 'goal', 'margin'];

/** Writes the page, which has one table. */
function writePage(figures: readonly Figure[]): void {
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node.js ${process.version.slice(1)}`;
  const rows = [head, head.map(() => '---'), ...figures.map(row)].map((cells) => `| ${cells.join(' | ')} |`);
  const page = `# Performance

\`npm run bench\` writes this page: the built bridge beside a plain function that uses axios and the SDK's \`VoiceResponse\` (\`test/bench/plain.cjs\`), in turn, each in a process of its own in the layout of Twilio's cloud, with a stand-in for Synthflow's API on loopback.
A value is the median of its rounds, measured on ${machine}. \`npm run bench -- --check\` fails if one is worse than its goal by more than its margin.

${rows.join('\n')}
`;
  writeFileSync(join(root, 'docs/performance.md'), page);
}

/** `npm run bench` */
const bench = defineCommand({
  name: 'bench',
  usage: '[options]',
  summary: 'Compares the built bridge with a plain function on this machine, and writes docs/performance.md.',
  options: { check: flag('write nothing, and exit with 1 if a figure is worse than its goal by more than its margin') },
  notes: ['It takes about three minutes.'],
  failure: 'Nothing was measured',
  run: async ({ check }, _positionals, shell) => {
    const figures = await measureAll(shell);
    for (const server of servers) server.close();
    if (!check) writePage(figures);
    const isGood = figures.every(isMet);
    return { text: alignColumns([head, ...figures.map(row)]), exitStatus: isGood ? 0 : 1 };
  },
});

void runCommand(bench);
