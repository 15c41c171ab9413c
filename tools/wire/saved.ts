import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { parseJson } from '../text';
import { type Wiring, wiringFields } from '../twilio/deployment';

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
  // A pipe would be waited for.
  const json = statSync(file).isFile() ? parseJson(readFileSync(file, 'utf8')) : undefined;
  if (isSaved(json)) return json;
  throw new Error(`${file}: expected a record of npm run wire; remove it, and set the numbers by hand in the Console`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isSaved(json: unknown): json is Saved {
  const isWiring = (value: unknown): boolean =>
    isObject(value) && wiringFields.every((field) => typeof value[field] === 'string');
  return (
    isObject(json) && Object.values(json).every((one) => isObject(one) && isWiring(one.before) && isWiring(one.after))
  );
}

/**
 * Saves the change of a number in place of an earlier one; `undefined` forgets the number. Only this user can read the
 * file, because an old URL may hold a password.
 */
export function saveChange(file: string, number: string, change: SavedChange | undefined): void {
  const { [number]: _replaced, ...others } = readSaved(file);
  const all = change === undefined ? others : { ...others, [number]: change };
  // Written beside it, so that a full disk costs no record; a new file, since the mode counts only for that.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
