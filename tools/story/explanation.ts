import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LogLine } from '../../src/assets/log.private';
import { parseJson } from '../text';

/** Reads a line that the bridge wrote; `undefined` for anything else that a function logs. */
export function parseLine(message: string): LogLine | undefined {
  const line: LogLine = Object(parseJson(message));
  return 'event' in line && 'outcome' in line ? line : undefined;
}

/** A log line in words. */
export interface Explanation {
  /** What the caller got. */
  readonly what: string;
  /** What went wrong, and what to do. */
  readonly advice: readonly string[];
}

/** Explains a log line in the words of docs/log.md, with what docs/runbook.md says to do. */
export function explain({ event, outcome, reason, stage, lookup, problems = [], error }: LogLine): Explanation {
  const log = readFileSync(resolve(docs, 'log.md'), 'utf8');
  const runbook = readFileSync(resolve(docs, 'runbook.md'), 'utf8');
  const [, late = ''] = /^- `lookup`: .*?: (.*)$/m.exec(log) ?? [];
  return {
    what: `/${event}: ${outcome}, ${cellOf(log, outcome)}`,
    advice: [
      ...(reason === undefined
        ? []
        : [`${reason}: ${cellOf(log, reason)} → ${forStage(cellOf(runbook, reason), stage)}`]),
      ...(lookup === undefined ? [] : [`lookup ${lookup}: ${late.replaceAll('`', '')} → npm run check`]),
      ...problems,
      ...(error === undefined ? [] : [error]),
    ],
  };
}

const docs = resolve(__dirname, '../../docs');

/** The second cell of the first table row that is about this word alone, without code marks and links. */
function cellOf(page: string, word: string): string {
  const row = new RegExp(`^\\| (?:\`\\w+\`, )*\`${word}\`(?:, \`\\w+\`)* \\| (.*?) \\|(?: |$)`, 'm').exec(page);
  return row?.[1]?.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '') ?? '';
}

/** What to do may depend on the leg that ended: `agent: …; person, transfer: …`. */
function forStage(fix: string, stage: LogLine['stage']): string {
  const parts = fix.split('; ').map((part) => /^([a-z, ]+): (.*)$/.exec(part) ?? []);
  const own = parts.find(([, stages = '']) => stages.split(', ').includes(stage ?? ''));
  return own?.[2] ?? fix;
}
