import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { types } from 'node:util';

/** A program of Node.js in a process of its own. */
export interface Program {
  /** What it has printed so far, to stdout and to stderr. */
  output(): string;
  /** Its exit status once it has ended; `null` after a signal. Never rejects. */
  readonly ended: Promise<number | null>;
  /** Ends it and every process that it started. */
  kill(): void;
}

/** How to start a program. */
export interface ProgramOptions {
  readonly cwd: string;
  /** Variables in addition to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

/** Finds the file of a package's program as Node.js finds the package, so that a hoisted workspace works. */
export function programFile(packageName: string, programName = packageName): string {
  const packageFile = require.resolve(`${packageName}/package.json`);
  const { bin } = JSON.parse(readFileSync(packageFile, 'utf8'));
  return resolve(dirname(packageFile), bin[programName]);
}

/** Starts a program without colours. It ends with this process at the latest. */
export function startProgram(args: readonly string[], { cwd, env = {}, onLine }: ProgramOptions): Program {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, FORCE_COLOR: '0', ...env },
    // A process group of its own, which `kill` ends as a whole.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output += `${line}\n`;
      onLine?.(line);
    });
  }
  const kill = (): void => killTree(child);
  const forget = onExit(kill);
  const ended = new Promise<number | null>((done) => {
    child.once('error', () => done(null));
    child.once('close', done);
  });
  void ended.then(forget);
  return { output: () => output, ended, kill };
}

/** Runs a program to its end; throws its output if it fails or takes longer than `deadlineMs`. */
export async function runProgram(
  name: string,
  args: readonly string[],
  options: ProgramOptions & { readonly deadlineMs: number },
): Promise<void> {
  const program = startProgram(args, options);
  const late = AbortSignal.timeout(options.deadlineMs);
  late.addEventListener('abort', program.kill);
  const status = await program.ended;
  if (status === 0) return;
  const end = late.aborted ? `did not end within ${options.deadlineMs / 1000} s` : `ended with ${status}`;
  throw new Error(`${name} ${end}:\n${program.output()}`);
}

function killTree({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', `${pid}`, '/T', '/F']);
  else process.kill(-pid, 'SIGKILL');
}

/** A folder for settings and builds, which holds secrets for a short time. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

const temporary = resolve(__dirname, '../.tmp');

/** This machine or container, of which several may share the project's folder, each with process ids of its own. */
function hostId(): string {
  const namespace = '/proc/self/ns/pid';
  const processIds = existsSync(namespace) ? readlinkSync(namespace) : '';
  return createHash('sha256').update(`${hostname()} ${processIds}`).digest('hex').slice(0, 8);
}

/** When this process began, in ms since 1970: a later one may get its id. */
const start = Math.round(performance.timeOrigin);

/**
 * Makes a folder that only this user can read. It is gone when this process exits, at the latest. It lies in the
 * project, so that Node.js finds the project's packages from there.
 */
export function makeTemporaryFolder(purpose: string): TemporaryFolder {
  mkdirSync(temporary, { recursive: true });
  const path = mkdtempSync(join(temporary, `${purpose}-${hostId()}-${process.pid}-${start}-`));
  const removeNow = (): void => removeFolder(path);
  const forget = onExit(removeNow);
  const remove = (): void => {
    removeNow();
    forget();
  };
  return { path, remove };
}

/** Removes the folders of processes that were killed before they could. */
export function removeLeftOvers(): void {
  if (!existsSync(temporary)) return;
  for (const name of readdirSync(temporary)) {
    if (!isLeftOver(name)) continue;
    try {
      removeFolder(join(temporary, name));
    } catch {
      // Another user's: it is for them to remove.
    }
  }
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Whether the process that made the folder of this name has surely ended. */
function isLeftOver(name: string): boolean {
  const [, host, id, began] = /-([0-9a-f]{8})-(\d+)-(\d+)-[^-]+$/.exec(name) ?? [];
  if (host !== hostId()) return false;
  const pid = Number(id);
  if (pid === process.pid) return Number(began) !== start;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM means that it runs, and belongs to somebody else.
    return types.isNativeError(error) && 'code' in error && error.code === 'ESRCH';
  }
}

/** Calls back when this process exits, the last one first; returns a function that cancels it. */
function onExit(act: () => void): () => void {
  // Each listener is expected: without this, Node.js would warn of a leak at the eleventh.
  process.setMaxListeners(process.getMaxListeners() + 1);
  process.prependOnceListener('exit', act);
  return () => {
    process.off('exit', act);
    process.setMaxListeners(process.getMaxListeners() - 1);
  };
}
