import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(__dirname, '..');

/**
 * Compiles `src` into an empty folder: what an earlier build left there would be deployed too, and a stray file is public.
 * Throws with the compiler's own report when the source does not compile.
 */
export function build(outDir = resolve(root, 'dist')): void {
  rmSync(outDir, { recursive: true, force: true });
  const compiler = resolve(root, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', resolve(root, 'tsconfig.build.json'), '--outDir', outDir], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`src does not compile:\n${run.stdout}${run.stderr}`);
}

if (require.main === module) build();
