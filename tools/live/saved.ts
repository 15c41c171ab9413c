import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Wiring } from './deployment';

/** What a number pointed at before it was wired, and since. */
export interface SavedWiring {
  readonly before: Wiring;
  /** What it was wired to; `undefined` in a file of version 0.1. */
  readonly after: Wiring | undefined;
}

/** What numbers pointed at before they were wired, kept in a file. */
export interface Saved {
  read(): Readonly<Record<string, SavedWiring>>;
  /** Keeps what was there before the first wiring, and what the number is wired to now. */
  keep(number: string, before: Wiring, after: Wiring): void;
  forget(number: string): void;
}

/** The record in this file, which need not exist. Only this user can read it, because an old URL may hold a password. */
export function savedIn(file: string): Saved {
  const read = (): Readonly<Record<string, SavedWiring>> => {
    if (!existsSync(file)) return {};
    const entries: Readonly<Record<string, SavedWiring | Wiring>> = JSON.parse(readFileSync(file, 'utf8'));
    return Object.fromEntries(
      Object.entries(entries).map(([number, one]) => [
        number,
        'before' in one ? one : { before: one, after: undefined },
      ]),
    );
  };
  const write = (all: object): void => {
    writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    // The mode above counts for a new file alone.
    chmodSync(file, 0o600);
  };
  return {
    read,
    keep: (number, before, after) => {
      const known = read();
      write({ ...known, [number]: { before: known[number]?.before ?? before, after } });
    },
    forget: (number) => write(Object.fromEntries(Object.entries(read()).filter(([known]) => known !== number))),
  };
}
