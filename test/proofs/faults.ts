import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { startLab } from '../../lab/lab';
import { build } from '../../tools/build';
import { runCommand } from '../../tools/command';
import { judgeCell } from './faults/cell';
import { environmentOf, faults, type RouteConfiguration, routeConfigurations } from './faults/matrix';
import { type Played, renderMatrix, stepsOf } from './faults/table';
import { proofOptions } from './page';

const page = resolve(__dirname, '../../docs/faults.md');

/** One lab for each configuration, some at a time; their calls mostly wait. */
async function playAll(): Promise<readonly Played[]> {
  const waiting = [...routeConfigurations];
  const total = waiting.length * faults.length;
  let done = 0;
  const progress = (): void => {
    done += 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} calls`);
    else if (done % 50 === 0 || done === total) process.stderr.write(`${done} of ${total} calls\n`);
  };
  const played: Played[] = [];
  const worker = async (): Promise<void> => {
    for (let route = waiting.shift(); route !== undefined; route = waiting.shift()) {
      played.push(...(await playRoute(route, progress)));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const order = (one: Played): number => faults.indexOf(one.fault) * 10 + routeConfigurations.indexOf(one.route);
  return played.sort((a, b) => order(a) - order(b));
}

async function playRoute(route: RouteConfiguration, progress: () => void): Promise<readonly Played[]> {
  const lab = await startLab({ secondMs: 50 });
  const played: Played[] = [];
  try {
    for (const fault of faults) {
      const env = { ...environmentOf(route), ...fault.scenario.env };
      const call = await lab.place({ ...fault.scenario, title: fault.title, env });
      played.push({ fault, route, cell: judgeCell(fault, route, call) });
      progress();
    }
  } finally {
    await lab.stop();
  }
  return played;
}

const withoutWaits = (matrix: string): string => matrix.replace(/\d+\.\d s\b/g, '');

function formatPlayed(played: readonly Played[], stale: boolean): string {
  const bad = played.filter(({ cell }) => cell.problems.length > 0);
  const longest = Math.max(...played.map(({ cell }) => cell.waited));
  const lines = bad.flatMap(({ fault, route, cell }) => [
    `${fault.stage}: ${fault.title}; ${stepsOf(route)}${route.directDial ? '; direct dial' : ''}`,
    ...cell.problems.map((problem) => `  ${problem}`),
  ]);
  const sum = `${played.length} calls, ${bad.length} not as promised, longest wait ${longest.toFixed(1)} s`;
  return [...lines, ...(stale ? ['docs/faults.md says something else: run npm run faults'] : []), sum].join('\n');
}

function toJson(played: readonly Played[], stale: boolean): string {
  const cells = played.map(({ fault: { stage, title }, route, cell }) => ({ stage, title, route, ...cell }));
  return JSON.stringify({ stale, cells });
}

void runCommand({
  name: 'faults',
  usage: '[--check] [--json]',
  summary:
    'Plays every fault of the lab at every stage, under every configuration of the route, and writes docs/faults.md.',
  options: proofOptions,
  notes: 'Exit status: 0 every caller heard what the route promises, 1 one did not. With --check, waits may differ.',
  failure: 'The faults could not be played',
  run: async ({ check, json }) => {
    await build();
    const played = await playAll();
    const matrix = renderMatrix(played);
    const bad = played.filter(({ cell }) => cell.problems.length > 0);
    const stale = check && withoutWaits(readFileSync(page, 'utf8')) !== withoutWaits(matrix);
    if (!check && bad.length === 0) writeFileSync(page, matrix);
    return {
      text: json ? toJson(played, stale) : formatPlayed(played, stale),
      exitStatus: bad.length > 0 || stale ? 1 : 0,
    };
  },
});
