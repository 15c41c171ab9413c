import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from '../../tools/build';
import { runCommand } from '../../tools/command';
import { measureCold } from './bench/cold';
import { measureDistance } from './bench/distance';
import type { Part } from './bench/figure';
import { measureLoad } from './bench/load';
import { benchCall, layOutContenders, startApi, startWorker, type Worker } from './bench/process';
import { findProblems, machine, renderPage, renderText } from './bench/report';
import { measureWarm } from './bench/warm';
import { proofOptions } from './page';

const page = resolve(__dirname, '../../docs/performance.md');

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
  try {
    return [
      await measureWarm(newWorker, near, progressOf('Warm')),
      await measureCold(cloud.folder, api, progressOf('Cold')),
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

void runCommand({
  name: 'bench',
  usage: '[--check] [--json]',
  summary: `Measures the bridge against a plain function and smaller ones, and writes docs/performance.md.
It takes about five minutes, on this machine alone.`,
  options: proofOptions,
  notes:
    'Exit status: 0 all goals are met, or with --check nothing is worse than docs/performance.md says; 1 otherwise.',
  failure: 'The benchmark could not be run',
  run: async ({ check, json }) => {
    await build();
    const recorded = check ? readFileSync(page, 'utf8') : undefined;
    let parts = await measureAll();
    let problems = findProblems(parts, recorded);
    if (check && problems.length > 0) {
      // A busy moment of the machine is not a regression: what is worse must be so twice.
      process.stderr.write(`${problems.join('\n')}\nMeasuring once more …\n`);
      parts = await measureAll();
      problems = findProblems(parts, recorded);
    }
    if (!check) writeFileSync(page, renderPage(parts, new Date().toISOString().slice(0, 10)));
    const end = check ? 'Nothing is worse than recorded.' : 'All goals are met.';
    const text = [machine(), '', renderText(parts), ...(problems.length > 0 ? problems : [end])].join('\n');
    return {
      text: json ? JSON.stringify({ machine: machine(), parts, problems }) : text,
      exitStatus: problems.length > 0 ? 1 : 0,
    };
  },
});
