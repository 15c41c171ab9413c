import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onInterrupt, proofOptions, type Result, run } from './command';
import { judgeCell } from './faults/cell';
import { environmentOf, faults, type LadderConfiguration, ladderConfigurations } from './faults/matrix';
import { type Played, renderMatrix, rungsOf } from './faults/table';
import { startLab } from './lab/lab';

const usage = `npm run faults -- [--check] [--json]

Plays every fault of the lab at every stage, under every configuration of the ladder, and writes docs/faults.md.
--check   write nothing, and fail when docs/faults.md says something else; waits may differ
--json    one JSON object instead of text
Exit status: 0 every caller heard what the ladder promises, 1 one did not.`;

const page = resolve(__dirname, '../docs/faults.md');

async function main(): Promise<Result> {
  const { check, json, help } = parseArgs({ options: proofOptions }).values;
  if (help) return { text: usage, exitStatus: 0 };
  const stopped = new AbortController();
  onInterrupt(() => stopped.abort());

  const played = await playAll(stopped.signal);
  if (stopped.signal.aborted) return { text: 'Stopped; nothing is left running.', exitStatus: 130 };
  const matrix = renderMatrix(played);
  const bad = played.filter(({ cell }) => cell.problems.length > 0);
  const stale = check && withoutWaits(readFileSync(page, 'utf8')) !== withoutWaits(matrix);
  if (!check && bad.length === 0) writeFileSync(page, matrix);
  return { text: json ? toJson(played, stale) : tell(played, stale), exitStatus: bad.length > 0 || stale ? 1 : 0 };
}

/** One lab for each configuration, some at a time; their calls mostly wait. */
async function playAll(stopped: AbortSignal): Promise<readonly Played[]> {
  // Each emulator listens for the end of this process, and there are up to four to a lab.
  process.setMaxListeners(32);
  const waiting = [...ladderConfigurations];
  const total = waiting.length * faults.length;
  let done = 0;
  const progress = (): void => {
    done += 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} calls`);
    else if (done % 50 === 0 || done === total) process.stderr.write(`${done} of ${total} calls\n`);
  };
  const played: Played[] = [];
  const worker = async (): Promise<void> => {
    for (let ladder = waiting.shift(); ladder !== undefined && !stopped.aborted; ladder = waiting.shift()) {
      played.push(...(await playLadder(ladder, progress, stopped)));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const order = (one: Played): number => faults.indexOf(one.fault) * 10 + ladderConfigurations.indexOf(one.ladder);
  return played.sort((a, b) => order(a) - order(b));
}

async function playLadder(
  ladder: LadderConfiguration,
  progress: () => void,
  stopped: AbortSignal,
): Promise<readonly Played[]> {
  const lab = await startLab({ secondMs: 50 });
  const played: Played[] = [];
  try {
    for (const fault of faults) {
      if (stopped.aborted) break;
      const env = { ...environmentOf(ladder), ...fault.scenario.env };
      const call = await lab.place({ ...fault.scenario, title: fault.title, env });
      played.push({ fault, ladder, cell: judgeCell(fault, ladder, call) });
      progress();
    }
  } finally {
    await lab.stop();
  }
  return played;
}

const withoutWaits = (matrix: string): string => matrix.replace(/\d+\.\d s\b/g, '');

function tell(played: readonly Played[], stale: boolean): string {
  const bad = played.filter(({ cell }) => cell.problems.length > 0);
  const longest = Math.max(...played.map(({ cell }) => cell.waited));
  const lines = bad.flatMap(({ fault, ladder, cell }) => [
    `${fault.stage}: ${fault.title}; ${rungsOf(ladder)}${ladder.directDial ? '; direct dial' : ''}`,
    ...cell.problems.map((problem) => `  ${problem}`),
  ]);
  const sum = `${played.length} calls, ${bad.length} not as promised, longest wait ${longest.toFixed(1)} s`;
  return [...lines, ...(stale ? ['docs/faults.md says something else: run npm run faults'] : []), sum].join('\n');
}

function toJson(played: readonly Played[], stale: boolean): string {
  const cells = played.map(({ fault: { stage, title }, ladder, cell }) => ({ stage, title, ladder, ...cell }));
  return JSON.stringify({ stale, cells });
}

void run(main, 'The faults could not be played');
