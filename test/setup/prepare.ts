import { resolve } from 'node:path';
import { build } from '../../tools/build/build';

/** What every test file needs before the first one starts: `dist`, and one seed for all properties. */
export default async function prepare(): Promise<void> {
  // Without settings, so that a developer's own .env changes no test.
  const root = resolve(__dirname, '../..');
  await build(root, resolve(root, 'dist'), {});
  const { PROPERTY_RUNS = '100', PROPERTY_SEED = `${Date.now() % 2 ** 31}` } = process.env;
  Object.assign(process.env, { PROPERTY_RUNS, PROPERTY_SEED });
  process.stderr.write(`\nProperties: ${PROPERTY_RUNS} runs each, PROPERTY_SEED=${PROPERTY_SEED}\n`);
}
