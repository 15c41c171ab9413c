import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { EventName } from '../../src/assets/log.private';
import { phonesOf } from '../../src/assets/route.private';
import { type NumberTable, readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import type { Environment } from '../environment';
import { makeTemporaryFolder, programFile, runProgram } from '../program';
import { messageOf } from '../text';
import { loadNumberTable } from './number-table';
import { misnamedFiles, unloadableImports } from './uploads';

/** The path of each function. */
export const functionPaths: Readonly<Record<EventName, string>> = {
  inbound: '/inbound',
  'dial-result': '/dial-result',
  transfer: '/transfer',
  confirm: '/confirm',
  voicemail: '/voicemail',
};

/** The path of the TwiML for when no function answers. */
export const fallbackPath = '/fallback.xml';

/**
 * Builds the project's `src` into `outDir`. The folder is emptied first: what an earlier build left there would be
 * deployed, and any stray file is public. Throws what is wrong with the source: a file that would be public, the
 * compiler's report, or an import that the cloud couldn't resolve.
 */
export async function build(project: string, outDir: string, environment: Environment): Promise<Build> {
  refuse(misnamedFiles(project));
  const compiled = await compile(project);
  refuse(unloadableImports(project, compiled));
  rmSync(outDir, { recursive: true, force: true });
  // The cloud would serve a map to everybody.
  cpSync(compiled, outDir, { recursive: true, filter: (file) => !file.endsWith('.map') });
  const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  for (const file of files) linkAssets(outDir, file);
  const fallback = join('assets', 'fallback.protected.xml');
  writeFileSync(join(outDir, fallback), fallbackXml(environment));
  stamp(outDir, [...files, fallback]);
  return { dist: outDir, maps: compiled };
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** A build. */
export interface Build {
  /** The folder that is uploaded. */
  readonly dist: string;
  /** The folder with the map of each file to its source, under the same names. It may vanish. */
  readonly maps: string;
}

/** A build, and what it was made from. */
export interface TemporaryBuild extends Build {
  readonly numbers: NumberTable;
}

/**
 * Builds from a copy of the source, in a folder of its own, and loads the number table from the same copy. So what is
 * checked is what is deployed, whatever another command or an editor does meanwhile.
 */
export async function buildTemporarily(project: string, environment: Environment): Promise<TemporaryBuild> {
  const { path } = makeTemporaryFolder('build');
  const source = join(path, 'source');
  for (const name of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(project, name), join(source, name), { recursive: true });
  }
  const built = await build(source, join(path, 'dist'), environment);
  return { ...built, numbers: await loadNumberTable(source, environment) };
}

/** The folder with the compiled source. What was compiled before is kept beside the packages, and may vanish. */
async function compile(project: string): Promise<string> {
  const cache = resolve(dirname(require.resolve('typescript/package.json')), '../.cache/twilio-synthflow-bridge');
  const target = join(cache, digestOf(project));
  if (existsSync(target)) return target;
  removeOld(cache);
  const unfinished = makeTemporaryFolder('compile');
  const args = [
    programFile('typescript', 'tsc'),
    '-p',
    join(project, 'tsconfig.build.json'),
    '--outDir',
    join(unfinished.path, 'out'),
    '--pretty',
    'false',
  ];
  try {
    await runProgram('the compiler', args, { cwd: project, deadlineMs: 300_000 });
  } catch (error) {
    unfinished.remove();
    throw new Error(formatCompilerReport(project, messageOf(error)));
  }
  // Two commands may compile the same: each copies into a folder of its own, and the first to rename it is as good.
  const copy = `${target}-${process.pid}`;
  cpSync(join(unfinished.path, 'out'), copy, { recursive: true });
  unfinished.remove();
  if (existsSync(target)) rmSync(copy, { recursive: true });
  else renameSync(copy, target);
  return target;
}

/** Milliseconds for which a compiled source is kept. */
const keptMs = 24 * 3_600_000;

function removeOld(cache: string): void {
  const names = existsSync(cache) ? readdirSync(cache) : [];
  const isOld = (name: string): boolean => Date.now() - statSync(join(cache, name)).mtimeMs > keptMs;
  for (const name of names) if (isOld(name)) rmSync(join(cache, name), { recursive: true, force: true });
}

/** A digest of all that the compiler reads: the source, its options, and the installed packages. */
function digestOf(project: string): string {
  const digest = createHash('sha256').update(process.version);
  const source = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' }).sort();
  const files = [...source.map((file) => join('src', file)), 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
  for (const file of files) {
    const path = join(project, file);
    if (statSync(path).isFile()) digest.update(file).update('\0').update(readFileSync(path)).update('\0');
  }
  return digest.digest('hex').slice(0, 20);
}

/** The compiler's errors, one a line, each with its file, line and field; a text without any stays unchanged. */
export function formatCompilerReport(project: string, report: string): string {
  // The compiler finds it where the table is used.
  if (/Property 'numbers' does not exist on type/.test(report))
    return 'src/assets/numbers.private.ts: it exports no `numbers`';
  // Indented lines after an error say more about it.
  const errors = [...report.matchAll(/^(.+)\((\d+),(\d+)\): error TS\d+: (.*(?:\n {2}.*)*)/gm)].map(
    ([, file = '', line = '', column = '', text]) =>
      `${file}:${line}:${column}, at ${fieldAt(resolve(project, file), Number(line), Number(column))}: ${text}`,
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
  writeFileSync(path, code.replace(/^\/\/# sourceMappingURL=.*$/m, ''));
}

/** The id of the build that the code of a function names; `undefined` if it names none. */
export const buildIn = (code: string): string | undefined => /^\/\/ build ([0-9a-f]+)$/m.exec(code)?.[1];

/** The id of the build in a folder; throws if there is none. */
export function readBuild(outDir: string): string {
  const build = buildIn(readFileSync(join(outDir, 'functions/inbound.protected.js'), 'utf8'));
  if (build === undefined) throw new Error('dist names no build: run npm run build');
  return build;
}

/** The `/fallback.xml` of a build. */
export const readFallback = (outDir: string): string =>
  readFileSync(join(outDir, 'assets/fallback.protected.xml'), 'utf8');

/** Writes a digest of everything that is deployed into each function, because Twilio's API shows a function's code. */
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
  const { route, speech, callerId } = readSettings(environment, {}, parseAddress(''));
  const response = new VoiceResponse();
  const { message, language, voice } = speech;
  response.say({ ...(language && { language }), ...(voice && { voice }) }, message);
  const [phone] = phonesOf(route);
  // Nobody can leave a message here: a recording needs an action, and no function may be there to take it.
  if (phone === undefined) response.hangup();
  else response.dial({ timeout: phone.ringSeconds, ...(callerId && { callerId }) }).number(phone.number);
  return response.toString();
}
