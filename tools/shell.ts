import type { request } from 'node:https';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** Real time, unless a test hands in its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after this many milliseconds. */
  pause(ms: number): Promise<void>;
}

/** Everything that a command takes from outside; a test hands in its own. */
export interface Shell {
  /** The arguments behind the command's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder, in which relative paths begin. */
  readonly project: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly clock: Clock;
  /** Sends HTTPS requests to Twilio and Synthflow; `undefined` leaves that to Node.js. */
  readonly request?: typeof request;
  /** Registers what to undo, however the command ends; a rejection means that it couldn't be undone. */
  atEnd(act: () => Promise<void>): void;
}

/** The real shell of this process, without `atEnd`, which belongs to one run of a command. */
export const processShell = (): Omit<Shell, 'atEnd'> => ({
  args: process.argv.slice(2),
  env: process.env,
  project: resolve(__dirname, '..'),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: { now: Date.now, pause },
});
