import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCold } from './bench/cold';
import { measureDistance } from './bench/distance';
import type { Part } from './bench/figure';
import { measureLoad } from './bench/load';
import { benchCall, layOutContenders, startApi, startWorker, type Worker } from './bench/process';
import { findProblems, machine, renderPage, renderText } from './bench/report';
import { measureWarm } from './bench/warm';
import { onInterrupt, proofOptions, type Result, run } from './command';

const usage = `npm run bench -- [--check] [--json]

Measures the bridge against a plain function, an Express route and an empty function, and writes docs/performance.md.
It takes about five minutes, on this machine alone.
--check   write nothing, and fail when a ratio is worse than docs/performance.md says
--json    one JSON object instead of text
Exit status: 0 all goals are met, or with --check nothing is worse; 1 otherwise.`;

const page = resolve(__dirname, '../docs/performance.md');

async function main(): Promise<Result> {
  const { check, json, help } = parseArgs({ options: proofOptions }).values;
  if (help) return { text: usage, exitStatus: 0 };

  const parts = await measureAll();
  const problems = findProblems(parts, check ? readFileSync(page, 'utf8') : undefined);
  if (!check && problems.length === 0) writeFileSync(page, renderPage(parts, new Date().toISOString().slice(0, 10)));
  const text = [
    machine(),
    '',
    renderText(parts),
    ...(problems.length > 0 ? problems : [check ? 'Nothing is worse than recorded.' : 'All goals are met.']),
  ];
  return {
    text: json ? JSON.stringify({ machine: machine(), parts, problems }) : text.join('\n'),
    exitStatus: problems.length > 0 ? 1 : 0,
  };
}

async function measureAll(): Promise<readonly Part[]> {
  const api = await startApi();
  const cloud = layOutContenders();
  const folder = mkdtempSync(join(tmpdir(), 'bridge-bench-'));
  const certificateFile = join(folder, 'certificate.pem');
  writeFileSync(certificateFile, api.certificate);
  const newWorker = (): Promise<Worker> => startWorker(cloud.folder, certificateFile);
  const near = benchCall(api.nearUrl);
  const distant = benchCall(api.distantUrl);
  const clean = (): void => {
    api.stop();
    cloud.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', clean);
  onInterrupt(() => process.exit(130));
  try {
    return [
      await measureWarm(newWorker, near, progressOf('Warm')),
      await measureCold(cloud.folder, api, near, progressOf('Cold')),
      await measureDistance(newWorker, distant, progressOf('Distance')),
      await withWorker(newWorker, (worker) => measureLoad(worker, near, progressOf('Load'))),
    ];
  } finally {
    process.off('exit', clean);
    clean();
  }
}

async function withWorker<T>(start: () => Promise<Worker>, measure: (worker: Worker) => Promise<T>): Promise<T> {
  const worker = await start();
  return measure(worker).finally(worker.stop);
}

/** Shows how far a part is, in tenths. */
function progressOf(part: string): (share: number) => void {
  let shown = 0;
  return (share) => {
    if (share * 10 < shown + 1) return;
    shown = Math.floor(share * 10);
    process.stderr.write(`${part.padEnd(10)}${shown * 10} %\n`);
  };
}

void run(main, 'The benchmark could not be run');
