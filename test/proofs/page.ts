import { jsonOption } from '../../tools/command';

/** Options of every command that writes a page of docs, or checks it. */
export const proofOptions = {
  check: { type: 'boolean', default: false, help: 'write nothing, and fail when the page is out of date' },
  ...jsonOption,
} as const;

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
