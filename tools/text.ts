import { types } from 'node:util';

/** A value as it came from elsewhere, whose texts are without what would steer a terminal. */
export function withoutControls(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[^\P{Cc}\n\t]/gu, '');
  if (Array.isArray(value)) return value.map(withoutControls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutControls(one)]));
}

/** A text in one line: a line of its own would look like one of ours. */
export const oneLine = (text: string): string => text.replace(turning, '').replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** Letters without a width, and marks that turn around what follows them (Unicode Standard Annex 9). */
const turning = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;

/** Rows for a terminal, with each column as wide as its longest cell; the last cell of a row is wrapped to `width`. */
export const alignColumns = (cells: readonly (readonly string[])[], width?: number): string =>
  alignRows(cells, width).join('\n');

/** The same, with the text of each row for itself. */
export function alignRows(cells: readonly (readonly string[])[], width?: number): readonly string[] {
  const rows = cells.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, { length }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, length);
  }
  return rows.map((row) => {
    const before = row.slice(0, -1).map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `);
    return wrap(before.join('') + (row.at(-1) ?? ''), width, before.join('').length);
  });
}

/** The fewest characters of a column that is wrapped: a narrower one is harder to read than a line that is too long. */
const narrowest = 20;

/** Breaks a line between words, so that it fits into this many columns; what goes on begins `indent` blanks in. */
export function wrap(line: string, width = Number.POSITIVE_INFINITY, indent = 0): string {
  if (line.trimEnd().length <= width || width - indent < narrowest) return line.trimEnd();
  const fits = line.slice(0, width + 1).lastIndexOf(' ');
  const longWord = line.indexOf(' ', indent);
  const end = fits > indent ? fits : longWord;
  if (end <= indent) return line.trimEnd();
  const rest = `${' '.repeat(indent)}${line.slice(end).trimStart()}`;
  return `${line.slice(0, end).trimEnd()}\n${wrap(rest, width, indent)}`;
}

/** A count with its noun. */
export const countOf = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;

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
