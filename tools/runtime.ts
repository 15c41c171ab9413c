import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const assets = resolve(__dirname, '../src/assets');

/**
 * Gives this process a `Runtime` that finds the assets' sources, so that tools read settings with the code that the
 * functions run. A `Runtime` that is there already stays.
 */
export function installRuntime(): void {
  if ('Runtime' in globalThis) return;
  const modules = readdirSync(assets).filter((file) => file.endsWith('.private.ts'));
  const paths = Object.fromEntries(
    modules.map((file) => [`/${file.replace('.private.ts', '.js')}`, { path: join(assets, file) }]),
  );
  Object.assign(globalThis, { Runtime: { getAssets: () => paths } });
}
