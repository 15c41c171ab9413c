import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Wiring } from './deployment';

/** What numbers pointed at before they were wired, kept in a file. */
export interface Saved {
  read(): Readonly<Record<string, Wiring>>;
  /** Keeps what was there before the first wiring; later ones change nothing. */
  keep(number: string, wiring: Wiring): void;
  forget(number: string): void;
}

/** The record in this file, which need not exist. */
export function savedIn(file: string): Saved {
  const read = (): Readonly<Record<string, Wiring>> => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  const write = (all: object): void => writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  return {
    read,
    keep: (number, wiring) => write({ [number]: wiring, ...read() }),
    forget: (number) => write(Object.fromEntries(Object.entries(read()).filter(([known]) => known !== number))),
  };
}
