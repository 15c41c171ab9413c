import { spawn, spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { execute } from '../../tools/command';
import { formatEnvFile } from '../../tools/environment';
import { makeTemporaryFolder } from '../../tools/program';
import type { Clock, Shell } from '../../tools/shell';
import { redirectTo } from './redirect.cjs';

const root = resolve(__dirname, '../..');

const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasTerminal) console.warn('skipped: no terminal without the program script of util-linux');

/** A test that needs a terminal, where this machine can make one. */
export const inTerminal = hasTerminal ? test : test.skip;

/** Every command by its name in package.json, with its module, which is loaded when the command runs. */
export const commands = {
  build: async (shell: Shell) => execute((await import('../../tools/build/run-build')).runBuild, shell),
  deploy: async (shell: Shell) => execute((await import('../../tools/deploy/deploy')).deploy, shell),
  check: async (shell: Shell) => execute((await import('../../tools/check/check')).check, shell),
  wire: async (shell: Shell) => execute((await import('../../tools/wire/wire')).wire, shell),
  calls: async (shell: Shell) => execute((await import('../../tools/calls/calls')).calls, shell),
  probe: async (shell: Shell) => execute((await import('../../tools/probe/probe')).probe, shell),
  call: async (shell: Shell) => execute((await import('../../lab/call')).call, shell),
  lab: async (shell: Shell) => execute((await import('../../lab/serve')).lab, shell),
};

/** The name of a command. */
export type CommandName = keyof typeof commands;

/** What a command printed, and how it ended. */
export interface CommandRun {
  readonly exitStatus: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running as a process. */
export interface RunningCommand {
  kill(signal: NodeJS.Signals): void;
  /** Reads no more of its output, as `head` does. */
  closeStdout(): void;
  /** Resolves with its output once that matches; rejects if it ends before. */
  printed(pattern: RegExp): Promise<string>;
  readonly ended: Promise<CommandRun>;
}

/** What a test hands to a command in its own process. */
export interface ShellChanges {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Typed on a terminal; without it, there is none. */
  readonly typed?: string;
  /** Called with what the command prints. */
  readonly onOutput?: (stdout: string, stderr: string) => void;
}

/** A folder with its own env file, for commands under test. */
export interface Workplace {
  readonly envFile: string;
  /** The folder of the project that the commands belong to. */
  readonly project: string;
  /** Runs a command in this process against the stand-in, without any credentials of the developer. */
  run(command: CommandName, args?: readonly string[], changes?: ShellChanges): Promise<CommandRun>;
  /** Starts a command as `npm run` does. */
  start(command: CommandName, args?: readonly string[], env?: Readonly<Record<string, string>>): RunningCommand;
  /** The same in a colour terminal, whose text is in `stdout`; once it shows the question, the answer is typed. */
  runInTerminal(command: CommandName, args: readonly string[], question: string, typed: string): Promise<CommandRun>;
  /** Runs what the commands of `run` have registered to undo. */
  end(): Promise<void>;
  remove(): void;
}

/** A shell without anything in it, for the parts of a command. */
export const shellOf = (changes: Partial<Shell> = {}): Shell => ({
  args: [],
  env: {},
  project: root,
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  clock: fastClock(),
  atEnd: () => undefined,
  ...changes,
});

/** A clock on which waiting takes no time. */
export function fastClock(): Clock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    pause: async (ms) => {
      ahead += ms;
      // Whatever else is going on gets its turn.
      await new Promise((done) => setImmediate(done));
    },
  };
}

/** Makes a workplace whose env file holds these variables; with `clone` its project is a fresh copy, of that name. */
export function makeWorkplace(
  env: Readonly<Record<string, string>>,
  port: number,
  clone: boolean | string = false,
): Workplace {
  // In the project, so that a copy finds the packages, too.
  const { path: folder, remove } = makeTemporaryFolder('command');
  const project = clone === false ? root : copyProject(join(folder, clone === true ? 'project' : clone));
  const envFile = join(folder, '.env');
  writeFileSync(envFile, formatEnvFile(env));
  const { PATH = '', HOME = '' } = process.env;
  const base = { PATH, HOME };
  const acts: (() => Promise<void>)[] = [];

  const run: Workplace['run'] = async (command, args = [], changes = {}) => {
    const { typed, onOutput = () => undefined } = changes;
    const output = { stdout: '', stderr: '' };
    const streamFor = (name: keyof typeof output): PassThrough => {
      const stream = new PassThrough();
      stream.on('data', (chunk: Buffer) => {
        output[name] += chunk.toString();
        onOutput(output.stdout, output.stderr);
      });
      return Object.assign(stream, { isTTY: typed !== undefined });
    };
    const stdin = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
    stdin.end(typed);
    const exitStatus = await commands[command]({
      args: command === 'build' ? args : ['--env', envFile, ...args],
      env: { ...base, ...changes.env },
      project,
      stdin,
      stdout: streamFor('stdout'),
      stderr: streamFor('stderr'),
      clock: changes.clock ?? fastClock(),
      request: redirectTo(port),
      atEnd: (act) => void acts.push(act),
    });
    return { exitStatus, ...output };
  };

  const preload = `--require ${resolve(__dirname, 'redirect.cjs')}`;
  const processEnv = { ...base, NODE_OPTIONS: preload, STAND_IN_PORT: `${port}` };
  const words = (command: CommandName, args: readonly string[]): string[] => {
    const [, ...words] = require(join(root, 'package.json')).scripts[command].split(' ');
    return [...words, ...(command === 'build' ? [] : ['--env', envFile]), ...args];
  };

  const start: Workplace['start'] = (command, args = [], env = {}) => {
    const child = spawn(process.execPath, words(command, args), {
      cwd: project,
      env: { ...processEnv, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<CommandRun>((done) =>
      child.on('close', (exitStatus) => done({ exitStatus, stdout, stderr })),
    );
    const printed = (pattern: RegExp): Promise<string> =>
      new Promise((resolve, reject) => {
        child.stdout.on('data', () => pattern.test(stdout) && resolve(stdout));
        void ended.then(() => reject(new Error(`it ended without ${pattern}: ${stdout}${stderr}`)));
      });
    const closeStdout = (): void => void child.stdout.destroy();
    return { kill: (signal) => void child.kill(signal), closeStdout, ended, printed };
  };

  const runInTerminal: Workplace['runInTerminal'] = (command, args, question, typed) => {
    const line = [process.execPath, ...words(command, args)].map((word) => JSON.stringify(word)).join(' ');
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: project,
      env: { ...processEnv, TERM: 'xterm-256color' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let stdout = '';
    let isAnswered = false;
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (isAnswered || !stdout.includes(question)) return;
      isAnswered = true;
      child.stdin.write(typed);
    });
    return new Promise((done) => child.on('close', (exitStatus) => done({ exitStatus, stdout, stderr: '' })));
  };

  const end = async (): Promise<void> => {
    for (const act of acts.splice(0)) await act();
  };
  return { envFile, project, run, start, runInTerminal, end, remove };
}

/** What a clone on a new machine holds: the tracked files that deploying needs. */
function copyProject(to: string): string {
  const tracked = [
    'src',
    'tools',
    'lab',
    'docs',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    '.twilioserverlessrc',
  ];
  for (const name of tracked) cpSync(join(root, name), join(to, name), { recursive: true });
  return to;
}
