import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onExit } from './exit';

/** A program of Node.js in a process of its own. */
export type Program = ReturnType<typeof startProgram>;

/** How to start a program. */
export interface ProgramOptions {
  readonly cwd: string;
  /** Variables in addition to those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

/** The file of an installed package's program, found as Node.js finds the package, so that a hoisted workspace works. */
export function programFile(packageName: string, programName = packageName): string {
  const packageFile = require.resolve(`${packageName}/package.json`);
  const { bin } = JSON.parse(readFileSync(packageFile, 'utf8'));
  return resolve(dirname(packageFile), bin[programName]);
}

/** Starts a program without colours. It ends with this process at the latest, however this process ends. */
export function startProgram(args: readonly string[], { cwd, env = {}, onLine }: ProgramOptions) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, FORCE_COLOR: '0', ...env },
    // A process group of its own, which `kill` ends as a whole.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = { stdout: '', all: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => {
      lines.all += `${line}\n`;
      if (name === 'stdout') lines.stdout += `${line}\n`;
      onLine?.(line);
    });
  }
  /** Ends it and every process that it started. */
  const kill = (): void => killTree(child);
  onExit(kill);
  /** Its exit status once it has ended; `null` after a signal. Never rejects. */
  const ended = new Promise<number | null>((done) => {
    child.once('error', () => done(null));
    child.once('close', done);
  });
  /** What it has printed so far, to stdout and to stderr. */
  const output = (): string => lines.all;
  return { output, stdout: () => lines.stdout, ended, kill };
}

/** Runs a program to its end and returns its stdout; throws with its whole output when it fails, or runs for longer than `deadlineMs`. */
export async function runProgram(
  name: string,
  args: readonly string[],
  options: ProgramOptions & { readonly deadlineMs: number },
): Promise<string> {
  const program = startProgram(args, options);
  const late = AbortSignal.timeout(options.deadlineMs);
  late.addEventListener('abort', program.kill);
  const status = await program.ended;
  if (status === 0) return program.stdout();
  const end = late.aborted ? `did not end within ${options.deadlineMs / 1000} s` : `ended with ${status}`;
  throw new Error(`${name} ${end}:\n${program.output()}`);
}

function killTree({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', `${pid}`, '/T', '/F']);
  else process.kill(-pid, 'SIGKILL');
}
