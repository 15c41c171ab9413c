import { cpSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labEnvironment } from '../lab/settings';
import { buildTemporarily } from './build';
import { readEnvironment, settingNames } from './environment';
import { loadNumberTable } from './number-table';
import { makeTemporaryFolder } from './temporary';

const source = resolve(__dirname, '../src');

/**
 * Returns what gives the settings that a lab plays, as they are when it is called: those of this env file, or the lab's
 * own where it has none, and a build of the source.
 */
export function followSettings(envFile: string) {
  let known: { readonly stamp: string; readonly built: ReturnType<typeof buildSource> } | undefined;
  return async () => {
    const environment = readEnvironment(envFile);
    const areOwn = settingNames.some((name) => environment[name] !== undefined);
    const stamp = stampOf(source);
    if (stamp !== known?.stamp) known = { stamp, built: buildSource() };
    return { ...(await known.built), environment: areOwn ? environment : labEnvironment, areOwn };
  };
}

/** Changes whenever a file of the folder does. */
function stampOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  // A file may be gone by now: editors save by way of files that exist for a moment.
  return files.map((file) => `${file} ${statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs}`).join('\n');
}

async function buildSource() {
  // The compiler knows what is wrong in the number table better than whoever loads it.
  const dist = await buildTemporarily();
  // Node.js loads a file once, and the table may have changed since: a copy is another file.
  const copy = join(makeTemporaryFolder('source').path, 'src');
  cpSync(source, copy, { recursive: true });
  return { dist, numbers: await loadNumberTable(copy) };
}
