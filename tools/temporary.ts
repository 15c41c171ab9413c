import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onExit } from './exit';

const parent = resolve(__dirname, '../.tmp');

/** A folder that holds settings, and with them secrets, for a short time. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

/**
 * Makes a folder that only this user can read. It is removed when this process exits, at the latest; a folder that a
 * killed process left is removed by the next one. It lies in the project, so that Node.js finds the project's packages
 * from there without a link.
 */
export function makeTemporaryFolder(purpose: string): TemporaryFolder {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) if (isLeftOver(name)) removeFolder(join(parent, name));
  const path = mkdtempSync(join(parent, `${purpose}-${process.pid}-`));
  const remove = (): void => removeFolder(path);
  const cancel = onExit(remove);
  return {
    path,
    remove: () => {
      cancel();
      remove();
    },
  };
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
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
