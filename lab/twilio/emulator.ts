import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import axios from 'axios';
import type { NumberTable } from '../../src/assets/settings.private';
import { fallbackXml } from '../../tools/build/build';
import { type Environment, formatEnvFile } from '../../tools/environment';
import { makeTemporaryFolder, type Program, programFile, startProgram } from '../../tools/program';
import { pause } from '../clock';
import { freePort } from '../http';

const root = resolve(__dirname, '../..');

/** Twilio's local emulator, twilio-run, serving a copy of a build. */
export interface Emulator {
  /** Without a final slash. */
  readonly url: string;
  /** The headers of a request that it answers; the gateway adds them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The folder that it serves. */
  readonly folder: string;
  /** What it has printed so far. */
  output(): string;
  /** Whether its process has ended. */
  hasEnded(): boolean;
  /** Ends it and every process that it started. */
  stop(): Promise<void>;
}

/** How to run the emulator. */
export interface EmulatorOptions {
  /** The variables that the functions see, as if written in `.env`; `/fallback.xml` is rendered from them, too. */
  readonly env: Environment;
  /** `true` keeps one process for all requests, like a warm instance; `false` starts one for each, like a cold one. */
  readonly warm: boolean;
  /** The folder with the build that it serves (default: `dist`). */
  readonly dist?: string | undefined;
  /** The folder with the maps of its files: errors then name the source. */
  readonly maps?: string | undefined;
  /** Takes the place of the build's number table. */
  readonly numbers?: NumberTable | undefined;
  /** What takes the place of each URL for notices, and of each key, that the number table names. */
  readonly standIns?: { readonly notifyUrl: string; readonly apiKey: string } | undefined;
  /** Called with each line that is printed. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds in which it must serve (default: enough for a busy machine). */
  readonly deadlineMs?: number;
}

/** Starts the emulator on a free port and waits until it serves; throws its output if it ends or takes too long. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { env, warm, dist = join(root, 'dist'), maps, numbers, standIns, onLine, deadlineMs = 120_000 } = options;
  const port = await freePort();
  const token = randomUUID();
  const project = makeTemporaryFolder('emulator');
  for (const name of ['package.json', '.twilioserverlessrc']) cpSync(join(root, name), join(project.path, name));
  cpSync(dist, join(project.path, 'dist'), { recursive: true });
  writeFileSync(join(project.path, 'dist/assets/fallback.protected.xml'), fallbackXml(env));
  const table = join(project.path, 'dist/assets/numbers.private.js');
  if (numbers !== undefined) {
    writeFileSync(table, `exports.numbers = ${JSON.stringify(numbers)};\n`);
  }
  if (standIns !== undefined) {
    const { notifyUrl, apiKey } = standIns;
    const changed = `...(entry.notifyUrl && { notifyUrl: '${notifyUrl}' }), ...(entry.apiKey && { apiKey: '${apiKey}' })`;
    const entries = `Object.entries(exports.numbers).map(([number, entry]) => [number, { ...entry, ${changed} }])`;
    // A table may be frozen, so its entries are copied.
    appendFileSync(table, `\nexports.numbers = Object.fromEntries(${entries});\n`);
  }
  if (maps !== undefined) linkMaps(join(project.path, 'dist'), maps);
  writeFileSync(join(project.path, '.env'), formatEnvFile(env), { mode: 0o600 });

  // Its log of requests shows the numbers in the query of /fallback.xml; the cloud has no such log.
  const args = ['--enable-source-maps', '--require', join(__dirname, 'private-server.cjs'), programFile('twilio-run')];
  const command = ['start', '--port', `${port}`, '--no-logs'];
  const mode = warm ? ['--no-fork-process', '--no-live'] : ['--fork-process'];
  const program = startProgram([...args, ...command, ...mode], {
    cwd: project.path,
    env: { LAB_TOKEN: token },
    ...(onLine && { onLine }),
  });
  let hasEnded = false;
  void program.ended.then(() => {
    hasEnded = true;
  });
  const stop = async (): Promise<void> => {
    program.kill();
    await program.ended;
    project.remove();
  };
  const url = `http://127.0.0.1:${port}`;
  const headers = { 'x-lab-token': token };
  const asked = { headers, proxy: false, timeout: deadlineMs } as const;
  // A static file shows that it serves without running a function.
  const ask = () => axios.get(`${url}/fallback.xml`, asked).catch(() => undefined);
  await untilAnswered(ask, program, deadlineMs).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, headers, folder: project.path, output: program.output, hasEnded: () => hasEnded, stop };
}

/**
 * Names the map of each file in its last line, by its path, so that no map lies among what is served. Node.js reads it
 * as a relative URL, and ignores one with `file:`.
 */
function linkMaps(dist: string, maps: string): void {
  for (const file of readdirSync(maps, { recursive: true, encoding: 'utf8' })) {
    const served = join(dist, file.replace(/\.map$/, ''));
    if (file.endsWith('.map') && existsSync(served)) {
      appendFileSync(served, `\n//# sourceMappingURL=${pathToFileURL(join(maps, file)).pathname}\n`);
    }
  }
}

async function untilAnswered(ask: () => Promise<unknown>, { output, ended }: Program, deadlineMs: number) {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const start = performance.now();
  while (!hasEnded && performance.now() - start < deadlineMs) {
    if (await ask()) return;
    await pause(50);
  }
  const how = hasEnded ? 'ended before it served' : `did not serve within ${deadlineMs / 1000} s`;
  throw new Error(`twilio-run ${how}:\n${output()}`);
}
