import { types } from 'node:util';

/** A value as it came from elsewhere, whose texts are without what would steer a terminal. */
export function withoutControls(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[^\P{Cc}\n\t]/gu, '');
  if (Array.isArray(value)) return value.map(withoutControls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutControls(one)]));
}

/** A text in one line: a line of its own would look like one of ours. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** Rows for a terminal, a line each, with each column as wide as its longest cell. */
export function alignColumns(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const [column, { length }] of rows.flatMap((row) => [...row.entries()])) {
    widths[column] = Math.max(widths[column] ?? 0, length);
  }
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The JSON value in a text; `undefined` if it isn't JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The message of whatever was thrown. Never throws, although the owner's code can throw what does when it's read. */
export function messageOf(error: unknown): string {
  try {
    return types.isNativeError(error) ? String(error.message) : String(error);
  } catch {
    return 'an error that cannot be read';
  }
}

/** How phone numbers are shown. */
export type Mask = (text: string) => string;

/** Leaves four digits of each phone number in a text; ids have letters or dashes around their digits. */
export const maskNumbers: Mask = (text) =>
  text
    // As people write them: +1 (555) 010-0142, (555) 010-0142 or 555-010-0142.
    .replace(/(?<![A-Za-z0-9-])(?:\+\d[\d ().-]{3,14}|\(?\d{3}[) .-]{1,2}\d{3}[ .-])(\d{4})(?![\w-])/g, '…$1')
    .replace(/(?<![A-Za-z0-9-])(?:\+|%2B)?\d{3,11}(\d{4})(?![\w-])/g, '…$1');

/** Shows full phone numbers when asked to, and masks them otherwise. */
export const maskUnless = (isAskedFor: boolean): Mask => (isAskedFor ? (text) => text : maskNumbers);
