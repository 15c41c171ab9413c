import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './port';

const root = resolve(__dirname, '../..');

/** Twilio's local emulator, twilio-run, serving `dist`. */
export interface Emulator {
  readonly url: string;
  /** All that it and the functions printed so far. */
  output(): string;
  /** Ends it and every process that it started. */
  stop(): Promise<void>;
}

/** How to run the emulator. */
export interface EmulatorOptions {
  /** The variables that the functions see, as if written in `.env`. */
  readonly env: Readonly<Record<string, string>>;
  /** `true` keeps one process for all requests, as a warm instance of the cloud; `false` starts one for each, as a cold one. */
  readonly warm: boolean;
}

/** Starts the emulator on a free port and waits until it serves; rejects with its output when it ends before. */
export async function startEmulator({ env, warm }: EmulatorOptions): Promise<Emulator> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'bridge-emulator-'));
  const envFile = join(folder, 'env');
  writeFileSync(
    envFile,
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const mode = warm ? ['--no-fork-process', '--no-live'] : ['--fork-process'];
  const args = [
    resolve(root, 'node_modules/twilio-run/bin/twilio-run.js'),
    'start',
    '--port',
    `${port}`,
    '--env',
    envFile,
  ];
  // A group of its own, so that stopping it also ends the processes that it starts for requests.
  const child = spawn(process.execPath, [...args, ...mode], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

  let output = '';
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const serving = new Promise<void>((done) => {
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      if (output.includes(`localhost:${port}/inbound`)) done();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
  });
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const failed = ended.then(() => Promise.reject(new Error(`twilio-run ended before it served /inbound:\n${output}`)));
  await Promise.race([serving, failed]).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  failed.catch(() => undefined);
  return { url: `http://localhost:${port}`, output: () => output, stop };
}
