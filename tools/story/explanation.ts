import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LogLine } from '../../src/assets/log.private';
import { parseJson } from '../text';

/** Reads a line that the bridge wrote; `undefined` for anything else that a function logs. */
export function parseLine(message: string): LogLine | undefined {
  const line: LogLine = Object(parseJson(message));
  return 'event' in line && 'outcome' in line ? line : undefined;
}

/** A log line in the words of docs/log.md. */
export interface Explanation {
  /** What the caller got. */
  readonly what: string;
  /** What went wrong, and what to do. */
  readonly advice: readonly string[];
}

/** Explains a log line. */
export function explain({ event, outcome, reason, stage, lookup, problems = [], error }: LogLine): Explanation {
  const { outcomes, reasons, late } = readPage();
  const [why = '', fix = ''] = reasons.get(reason ?? '') ?? [];
  return {
    what: `/${event}: ${outcome}, ${outcomes.get(outcome)?.[0]}`,
    advice: [
      ...(reason === undefined ? [] : [`${reason}: ${why} → ${forStage(fix, stage)}`]),
      ...(lookup === undefined ? [] : [`lookup ${lookup}: ${late} → npm run check`]),
      ...problems,
      ...(error === undefined ? [] : [error]),
    ],
  };
}

type Rows = ReadonlyMap<string, readonly string[]>;

/** The first two tables of the page, each row by its first cell, and what it says of a lookup; without code marks. */
function readPage(): { readonly outcomes: Rows; readonly reasons: Rows; readonly late: string } {
  const page = readFileSync(resolve(__dirname, '../../docs/log.md'), 'utf8');
  const [outcomes = '', reasons = ''] = page.match(/(?:^\|.*\n)+/gm) ?? [];
  const [, late = ''] = /^- `lookup`: .*?: (.*)$/m.exec(page) ?? [];
  return { outcomes: rowsOf(outcomes), reasons: rowsOf(reasons), late: late.replaceAll('`', '') };
}

function rowsOf(table: string): Rows {
  const plain = table.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
  const rows = [...plain.matchAll(/^\| (`[^|]+) \| (.*) \|$/gm)];
  return new Map(
    rows.flatMap(([, names = '', cells = '']) => {
      const row = cells.replaceAll('`', '').split(/ \|(?: |$)/);
      return [...names.matchAll(/\w+/g)].map(([name]): [string, string[]] => [name, row]);
    }),
  );
}

/** What to do may depend on the leg that ended: `agent: …; person, transfer: …`. */
function forStage(fix: string, stage: LogLine['stage']): string {
  const parts = fix.split('; ').map((part) => /^([a-z, ]+): (.*)$/.exec(part) ?? []);
  const own = parts.find(([, stages = '']) => stages.split(', ').includes(stage ?? ''));
  return own?.[2] ?? fix;
}
