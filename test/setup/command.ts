import { spawn, spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatEnvFile } from '../../tools/environment';
import { makeTemporaryFolder } from '../../tools/temporary';

const root = resolve(__dirname, '../..');

const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasTerminal) console.warn('skipped: no terminal without the program script of util-linux');

/** A test that needs a terminal, where this machine can make one. */
export const inTerminal = hasTerminal ? test : test.skip;

/** What a command printed, and how it ended. */
export interface CommandRun {
  readonly exitStatus: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running. */
export interface RunningCommand {
  kill(signal: NodeJS.Signals): void;
  /** Reads no more of its output, as `head` does. */
  closeStdout(): void;
  /** Resolves with what it has printed once that matches; rejects when it ends before. */
  printed(pattern: RegExp): Promise<string>;
  readonly ended: Promise<CommandRun>;
}

/** A folder with its own env file, for commands under test. */
export interface Workplace {
  readonly envFile: string;
  /** The folder of the project that the commands belong to. */
  readonly project: string;
  /** Starts a command of `tools` against the stand-in of this port, without any credentials of the developer. */
  start(command: string, args?: readonly string[], shell?: Readonly<Record<string, string>>): RunningCommand;
  /** Starts a command and waits for its end. */
  run(command: string, args?: readonly string[], shell?: Readonly<Record<string, string>>): Promise<CommandRun>;
  /** The same in a colour terminal, whose whole text is in `stdout`; once it shows a question, its answer is typed. */
  runInTerminal(
    command: string,
    args: readonly string[],
    ...dialogue: readonly (readonly [question: string, typed: string])[]
  ): Promise<CommandRun>;
  remove(): void;
}

/** Makes a workplace whose env file holds these variables; with `clone` the project itself is a fresh copy, too. */
export function makeWorkplace(env: Readonly<Record<string, string>>, port: number, clone = false): Workplace {
  // In the project, so that a copy finds the packages, too.
  const { path: folder, remove } = makeTemporaryFolder('command');
  const project = clone ? copyProject(join(folder, 'project')) : root;
  const envFile = join(folder, '.env');
  writeFileSync(envFile, formatEnvFile(env));
  const preload = `--require ${resolve(__dirname, 'redirect.cjs')}`;
  const { PATH = '', HOME = '' } = process.env;
  const base = { PATH, HOME, NODE_OPTIONS: preload, STAND_IN_PORT: `${port}` };
  const argumentsFor = (command: string, args: readonly string[]): readonly string[] => [
    '--import',
    'tsx',
    `tools/${command}.ts`,
    '--env',
    envFile,
    ...args,
  ];
  const start: Workplace['start'] = (command, args = [], shell = {}) => {
    const child = spawn(process.execPath, argumentsFor(command, args), {
      cwd: project,
      env: { ...base, ...shell },
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
  return {
    envFile,
    project,
    start,
    run: (...args) => start(...args).ended,
    runInTerminal: (command, args, ...dialogue) => {
      const words = [process.execPath, ...argumentsFor(command, args)].map((word) => JSON.stringify(word));
      const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
        cwd: project,
        env: { ...base, TERM: 'xterm-256color' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const open = [...dialogue];
      let stdout = '';
      let asked = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        const [question = '', typed = ''] = open[0] ?? [];
        const place = stdout.indexOf(question, asked);
        if (open.length === 0 || place < 0) return;
        asked = stdout.length;
        open.shift();
        child.stdin.write(typed);
      });
      return new Promise((done) => child.on('close', (exitStatus) => done({ exitStatus, stdout, stderr: '' })));
    },
    remove,
  };
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
