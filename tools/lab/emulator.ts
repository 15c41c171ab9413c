import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fallbackXml } from '../build';
import { freePort } from './port';

const root = resolve(__dirname, '../..');

/** Twilio's local emulator, twilio-run, serving a copy of `dist`. */
export interface Emulator {
  readonly url: string;
  /** The folder with the project that it serves. */
  readonly folder: string;
  /** All that it and the functions printed so far. */
  output(): string;
  /** Ends it and every process that it started. */
  stop(): Promise<void>;
}

/** How to run the emulator. */
export interface EmulatorOptions {
  /** The variables that the functions see, as if written in `.env`; `/fallback.xml` is rendered from them, too. */
  readonly env: Readonly<Record<string, string>>;
  /** `true` keeps one process for all requests, as a warm instance of the cloud; `false` starts one for each, as a cold one. */
  readonly warm: boolean;
  /** Told of each line that is printed. */
  readonly onLine?: (line: string) => void;
}

/** Starts the emulator on a free port and waits until it serves; rejects with its output when it ends before. */
export async function startEmulator({ env, warm, onLine }: EmulatorOptions): Promise<Emulator> {
  const port = await freePort();
  const folder = projectFolder(env);
  // Its log of requests holds their URLs, and with them the numbers in the query of /fallback.xml; the cloud has no such log.
  const args = [resolve(root, 'node_modules/twilio-run/bin/twilio-run.js'), 'start', '--port', `${port}`, '--no-logs'];
  const mode = warm ? ['--no-fork-process', '--no-live'] : ['--fork-process'];
  // A group of its own, so that stopping it also ends the processes that it starts for requests.
  const child = spawn(process.execPath, [...args, ...mode], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

  let output = '';
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const serving = new Promise<void>((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output += `${line}\n`;
        onLine?.(line);
        if (line.includes(`localhost:${port}/inbound`)) done();
      });
    }
  });
  // At the latest when this process exits, for whatever reason it can still notice: the folder holds the key.
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', end);
  const stop = async (): Promise<void> => {
    end();
    await ended;
    process.off('exit', end);
  };
  const failed = ended.then(() => Promise.reject(new Error(`twilio-run ended before it served /inbound:\n${output}`)));
  await Promise.race([serving, failed]).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  failed.catch(() => undefined);
  return { url: `http://localhost:${port}`, folder, output: () => output, stop };
}

/** A project with settings of its own beside the developer's: a copy of `dist`, and links to what it needs. */
function projectFolder(env: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-emulator-'));
  for (const name of ['node_modules', 'package.json', '.twilioserverlessrc'])
    symlinkSync(join(root, name), join(folder, name));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'dist/assets/fallback.protected.xml'), fallbackXml(env));
  writeFileSync(
    join(folder, '.env'),
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return folder;
}
