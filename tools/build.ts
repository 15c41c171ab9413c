import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import { phonesOf } from '../src/assets/route.private';
import { readSettings } from '../src/assets/settings.private';
import { type Environment, readEnvironment } from './environment';
import { programFile, runProgram } from './program';
import { makeTemporaryFolder } from './temporary';

const root = resolve(__dirname, '..');

/**
 * Builds what is deployed into an empty folder, since what an earlier build left there would be deployed, and any stray
 * file is public. Throws with the compiler's report when the source does not compile.
 */
export async function build(outDir = resolve(root, 'dist'), environment = readEnvironment()): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  const project = resolve(root, 'tsconfig.build.json');
  const args = [programFile('typescript', 'tsc'), '-p', project, '--outDir', outDir, '--pretty', 'false'];
  await runProgram('the compiler', args, { cwd: root, deadlineMs: 300_000 }).catch((error: unknown) => {
    throw new Error(formatCompilerReport(error instanceof Error ? error.message : String(error)));
  });
  const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  for (const file of files) linkAssets(outDir, file);
  const fallback = join('assets', 'fallback.protected.xml');
  writeFileSync(join(outDir, fallback), fallbackXml(environment));
  stamp(outDir, [...files, fallback]);
}

/** The compiler's errors, one a line, each with its file, line and field; the text as it is where it has none. */
export function formatCompilerReport(report: string): string {
  // What follows an error on lines of its own, indented, says more about it.
  const errors = [...report.matchAll(/^(.+)\((\d+),(\d+)\): error TS\d+: (.*(?:\n {2}.*)*)/gm)].map(
    ([, file = '', line = '', column = '', text]) =>
      `${file}:${line}:${column}, at ${fieldAt(resolve(root, file), Number(line), Number(column))}: ${text}`,
  );
  if (errors.length === 0) return report;
  const where = 'NumberSettings in src/assets/settings.private.ts says what each field of the number table takes.';
  return [...errors, ...(report.includes('numbers.private.ts') ? [where] : [])].join('\n');
}

/** The word, or the text in quotes, that begins at this place of a file. */
function fieldAt(file: string, line: number, column: number): string {
  const text = readFileSync(file, 'utf8').split('\n')[line - 1] ?? '';
  return /^(['"`]).*?\1|^\w+/.exec(text.slice(column - 1))?.[0] ?? 'this place';
}

/** Builds into a temporary folder and returns it, for a command that deploys nothing and so must leave `dist` alone. */
export async function buildTemporarily(environment?: Environment): Promise<string> {
  const { path } = makeTemporaryFolder('build');
  await build(path, environment);
  return path;
}

/**
 * Turns each relative `require` of a private module into one through `Runtime`: in Twilio's cloud a private asset is a
 * file such as `/var/task/files/ZN0123…`, without a folder or an extension, and only `Runtime` knows where it is.
 */
function linkAssets(outDir: string, file: string): void {
  const path = join(outDir, file);
  const privateModule = /require\((["'])(\..+?)\.private\1\)/g;
  const code = readFileSync(path, 'utf8').replace(privateModule, (_require, _quote, module) => {
    const asset = relative(join(outDir, 'assets'), resolve(dirname(path), module)).replaceAll(sep, '/');
    return `require(Runtime.getAssets()['/${asset}.js'].path)`;
  });
  writeFileSync(path, code);
}

/** The build that `dist` holds, as each of its functions names it; throws when there is none. */
export function readBuild(outDir = resolve(root, 'dist')): string {
  const code = readFileSync(join(outDir, 'functions/inbound.protected.js'), 'utf8');
  const build = /^\/\/ build ([0-9a-f]+)$/m.exec(code)?.[1];
  if (build === undefined) throw new Error('dist names no build: run npm run build');
  return build;
}

/** The `/fallback.xml` that a build holds. */
export const readFallback = (outDir: string): string =>
  readFileSync(join(outDir, 'assets/fallback.protected.xml'), 'utf8');

/** Writes a digest of everything that is deployed into each function, because a function's code is what Twilio's API shows. */
function stamp(outDir: string, files: readonly string[]): void {
  const digest = createHash('sha256');
  for (const file of [...files].sort()) digest.update(file).update(readFileSync(join(outDir, file)));
  const build = digest.digest('hex').slice(0, 12);
  for (const file of files.filter((name) => name.startsWith('functions'))) {
    appendFileSync(join(outDir, file), `// build ${build}\n`);
  }
}

/**
 * The TwiML for when no function answers. It can't know the called number, so the number table plays no part in it. The
 * message comes first: no action can follow here, so what follows the Dial would also follow a conversation.
 */
export function fallbackXml(environment: Environment): string {
  const { route, speech, callerId } = readSettings(environment, {}, '');
  const response = new VoiceResponse();
  const { message, language, voice } = speech;
  response.say({ ...(language && { language }), ...(voice && { voice }) }, message);
  const [phone] = phonesOf(route);
  // Nobody can leave a message here: a recording needs an action, and no function may be there to take it.
  if (phone === undefined) response.hangup();
  else response.dial({ timeout: phone.ringSeconds, ...(callerId && { callerId }) }).number(phone.number);
  return response.toString();
}
