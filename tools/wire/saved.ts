import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseJson } from '../text';
import type { Wiring } from '../twilio/deployment';

/** The change of a number that `--undo` takes back. */
export interface SavedChange {
  readonly before: Wiring;
  readonly after: Wiring;
}

/** The last change of each number, by number. */
export type Saved = Readonly<Record<string, SavedChange>>;

/** Reads the record in this file, which need not exist. */
export function readSaved(file: string): Saved {
  if (!existsSync(file)) return {};
  const json = parseJson(readFileSync(file, 'utf8'));
  const entries = Object.entries<Partial<SavedChange>>(Object(json));
  const isRecord = entries.every(([, { before, after }]) => before !== undefined && after !== undefined);
  if (json !== undefined && isRecord) return Object(json);
  throw new Error(`${file}: expected a record of npm run wire; remove it, and set the numbers by hand in the Console`);
}

/**
 * Saves the change of a number in place of an earlier one; `undefined` forgets the number. Only this user can read the
 * file, because an old URL may hold a password.
 */
export function saveChange(file: string, number: string, change: SavedChange | undefined): void {
  const { [number]: _replaced, ...others } = readSaved(file);
  const all = change === undefined ? others : { ...others, [number]: change };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  // The mode above counts only for a new file.
  chmodSync(file, 0o600);
}
