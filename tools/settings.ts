import { cpSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labEnvironment, type PlayedSettings } from '../lab/settings';
import { buildTemporarily } from './build';
import { readEnvironment, settingNames } from './environment';
import { loadNumberTable } from './number-table';
import { makeTemporaryFolder } from './temporary';

const source = resolve(__dirname, '../src');

/** The settings that a lab plays. */
export interface FollowedSettings extends PlayedSettings {
  /** Whether they are the user's; without any, the lab has its own. */
  readonly areOwn: boolean;
}

/** Returns what gives the settings of this env file, and a build of the source, as they are when it is called. */
export function followSettings(envFile: string | undefined): () => Promise<FollowedSettings> {
  let known = { stamp: '', built: Promise.resolve({ dist: '', numbers: {} }) };
  return async () => {
    const environment = readEnvironment(envFile);
    const areOwn = settingNames.some((name) => environment[name] !== undefined);
    const stamp = stampOf(source);
    if (stamp !== known.stamp) known = { stamp, built: buildSource() };
    return { ...(await known.built), environment: areOwn ? environment : labEnvironment, areOwn };
  };
}

/** Changes whenever a file of the folder does. */
function stampOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  // A file may be gone by now: editors save by way of files that exist for a moment.
  return files.map((file) => `${file} ${statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs}`).join('\n');
}

async function buildSource(): Promise<Pick<Required<PlayedSettings>, 'dist' | 'numbers'>> {
  // The compiler knows what is wrong in the number table better than whoever loads it.
  const dist = await buildTemporarily();
  // Node.js loads a file once, and the table may have changed since: a copy is another file.
  const copy = join(makeTemporaryFolder('source').path, 'src');
  cpSync(source, copy, { recursive: true });
  return { dist, numbers: await loadNumberTable(copy) };
}
