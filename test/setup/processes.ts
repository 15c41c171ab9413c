import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether this machine lists the environment of its processes, as only Linux does. */
export const listsProcesses = existsSync('/proc/self/environ');

/** The ids of the processes whose environment has this text. */
export function processesWith(mark: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
      } catch {
        return false;
      }
    });
}
