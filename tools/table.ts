type Rows = readonly (readonly string[])[];

/** Rows for a terminal, with each column as wide as its longest cell. */
export function alignColumns(rows: Rows): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_none, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const alignRow = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(alignRow).join('\n');
}
