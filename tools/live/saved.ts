import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseJson } from '../../lab/json';
import type { Wiring } from './deployment';

/** One change of a number. */
export interface SavedChange {
  readonly before: Wiring;
  /** What it was changed to; `undefined` in a file of version 0.1. */
  readonly after: Wiring | undefined;
}

/** The changes of numbers that can be undone, kept in a file: of each number first its wiring, then the outage switch. */
export type Saved = Readonly<Record<string, readonly SavedChange[]>>;

/** Reads the record in this file, which need not exist. */
export function readSaved(file: string): Saved {
  if (!existsSync(file)) return {};
  const json = parseJson(readFileSync(file, 'utf8'));
  if (json === undefined) {
    throw new Error(`${file}: expected JSON; correct it or remove it, and set the numbers by hand in the Console`);
  }
  const entries = Object.entries<readonly SavedChange[] | Wiring>(Object(json));
  return Object.fromEntries(
    entries.map(([number, one]) => [number, 'voiceUrl' in one ? [{ before: one, after: undefined }] : one]),
  );
}

/**
 * Keeps these changes of a number instead of those that it had; none forgets the number. Only this user can read the
 * file, because an old URL may hold a password.
 */
export function keepChanges(file: string, number: string, changes: readonly SavedChange[]): void {
  const { [number]: _replaced, ...others } = readSaved(file);
  const all = changes.length > 0 ? { ...others, [number]: changes } : others;
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  // The mode above counts for a new file alone.
  chmodSync(file, 0o600);
}
