import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Environment, readEnvironment } from './environment';
import { installRuntime } from './runtime';

const root = resolve(__dirname, '..');

/**
 * Builds what is deployed into an empty folder: what an earlier build left there would be deployed too, and a stray
 * file is public. Throws with the compiler's own report when the source does not compile.
 */
export function build(outDir = resolve(root, 'dist'), environment = readEnvironment()): void {
  rmSync(outDir, { recursive: true, force: true });
  const compiler = resolve(root, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', resolve(root, 'tsconfig.build.json'), '--outDir', outDir], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`src does not compile:\n${run.stdout}${run.stderr}`);
  stamp(outDir);
  writeFileSync(join(outDir, 'assets/fallback.protected.xml'), fallbackXml(environment));
}

/** The build that `dist` holds, as each of its functions names it; throws when there is none. */
export function readBuild(outDir = resolve(root, 'dist')): string {
  const [, build] =
    /^\/\/ build ([0-9a-f]+)$/m.exec(readFileSync(join(outDir, 'functions/inbound.protected.js'), 'utf8')) ?? [];
  if (build === undefined) throw new Error('dist names no build: run npm run build');
  return build;
}

/** Writes a digest of all code into each function: the one thing of a deployment that Twilio's API shows again. */
function stamp(outDir: string): void {
  const files = ['functions', 'assets'].flatMap((kind) =>
    readdirSync(join(outDir, kind)).map((name) => join(kind, name)),
  );
  const digest = createHash('sha256');
  for (const file of files.sort()) digest.update(file).update(readFileSync(join(outDir, file)));
  const build = digest.digest('hex').slice(0, 12);
  for (const file of files.filter((name) => name.startsWith('functions'))) {
    appendFileSync(join(outDir, file), `// build ${build}\n`);
  }
}

/** The TwiML for when no function answers. It knows no called number, so the number table plays no part in it. */
export function fallbackXml(environment: Environment): string {
  installRuntime();
  const { readSettings }: typeof import('../src/assets/settings.private') = require(
    Runtime.getAssets()['/settings.js'].path,
  );
  const { renderStatic }: typeof import('../src/assets/twiml.private') = require(Runtime.getAssets()['/twiml.js'].path);
  // Nobody can leave a message here: a recording needs an action, and no function may be there to take it.
  const { ladder, speech, problems } = readSettings({ ...environment, FALLBACK_VOICEMAIL: '' }, {}, '');
  for (const problem of problems.filter((one) => one.startsWith('FALLBACK_')))
    process.stderr.write(`/fallback.xml: ${problem}\n`);
  return renderStatic(ladder.number, speech);
}

if (require.main === module) build();
