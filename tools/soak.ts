import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onInterrupt, type Result, run } from './command';

const usage = `npm run soak -- [--times N]

Runs the whole suite, coverage included, so many times in a row, ten unless given, each time in another random order,
and stops at the first run that fails. A seed that failed plays again with: npx jest --randomize --seed SEED
Exit status: 0 every run passed, 1 one did not.`;

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** One for each file; the message is empty when all is well. */
  readonly testResults: readonly { readonly message: string }[];
}

/** A run of the suite, and why it failed; `undefined` when it passed. */
type Run = Pick<Report, 'numPassedTests' | 'numFailedTests'> & { readonly failure: string | undefined };

async function main(): Promise<Result> {
  const { times, help } = parseArgs({
    options: { times: { type: 'string', default: '10' }, help: { type: 'boolean', default: false } },
  }).values;
  if (help) return { text: usage, exitStatus: 0 };
  if (!/^[1-9]\d{0,2}$/.test(times)) throw new Error(`--times: expected a number from 1 to 999; found "${times}"`);

  const stopped = new AbortController();
  onInterrupt(() => stopped.abort());
  process.stderr.write(`Node.js ${process.versions.node}\n`);
  for (let count = 1; count <= Number(times); count += 1) {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { numPassedTests, numFailedTests, failure } = await runSuite(seed, stopped.signal);
    const line = `run ${`${count}`.padStart(3)}   seed ${`${seed}`.padEnd(10)}   ${numPassedTests} passed, ${numFailedTests} failed\n`;
    process.stderr.write(line);
    if (failure !== undefined) return { text: failure, exitStatus: 1 };
  }
  return { text: `${times} of ${times} runs passed`, exitStatus: 0 };
}

async function runSuite(seed: number, stopped: AbortSignal): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-soak-'));
  const outputFile = join(folder, 'report.json');
  const jest = resolve(__dirname, '../node_modules/jest/bin/jest.js');
  const args = ['--randomize', '--seed', `${seed}`, '--json', '--outputFile', outputFile];
  const child = spawn(process.execPath, [jest, ...args], { stdio: ['ignore', 'ignore', 'pipe'], signal: stopped });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  // What became of it stands in the report; without one, reading it fails.
  child.on('error', () => undefined);
  try {
    const exitStatus = await new Promise((done) => child.once('close', done));
    const { numPassedTests, numFailedTests, testResults }: Report = JSON.parse(readFileSync(outputFile, 'utf8'));
    const messages = testResults.map(({ message }) => message).join('\n');
    // Where no test failed, coverage did, and Jest says so at its end.
    const failure = messages.trim() || said.join('').trim().split('\n').slice(-20).join('\n');
    return { numPassedTests, numFailedTests, failure: exitStatus === 0 ? undefined : failure };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void run(main, 'The suite could not be run');
