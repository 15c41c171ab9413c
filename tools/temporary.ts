import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { types } from 'node:util';
import { onExit } from './exit';

const parent = resolve(__dirname, '../.tmp');

/** A folder that holds settings, and with them secrets, for a short time. */
export type TemporaryFolder = ReturnType<typeof makeTemporaryFolder>;

/** Removes the folders of processes that were killed before they could. */
export function removeLeftOvers(): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) if (isLeftOver(name)) removeFolder(join(parent, name));
}

/**
 * Makes a folder that only this user can read. It is removed when this process exits, at the latest. It lies in the
 * project, so that Node.js finds the project's packages from there without a link.
 */
export function makeTemporaryFolder(purpose: string) {
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, `${purpose}-${process.pid}-`));
  const remove = (): void => removeFolder(path);
  onExit(remove);
  return { path, remove };
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Whether the process that made the folder of this name has ended. */
function isLeftOver(name: string): boolean {
  const pid = Number(/-(\d+)-[^-]+$/.exec(name)?.[1]);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM is a process of somebody else, which is running.
    return types.isNativeError(error) && 'code' in error && error.code === 'ESRCH';
  }
}
