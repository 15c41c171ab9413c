/** What came of one check. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly subject: string;
  readonly result: 'ok' | 'warning' | 'failed' | 'not checked';
  /** What was found. Nothing secret. */
  readonly detail: string;
  /** What to do, where something is to be done. */
  readonly mend?: string;
}

/** A finding that says all is well. */
export const ok = (subject: string, detail: string): Finding => ({ subject, result: 'ok', detail });

/** A finding that must be mended before callers can rely on the bridge. */
export const failed = (subject: string, detail: string, mend: string): Finding => ({
  subject,
  result: 'failed',
  detail,
  mend,
});

/** A finding that calls can live with. */
export const warning = (subject: string, detail: string, mend: string): Finding => ({
  subject,
  result: 'warning',
  detail,
  mend,
});

/** A finding that could not be made. */
export const notChecked = (subject: string, detail: string): Finding => ({ subject, result: 'not checked', detail });

/** Whether all that could be checked is well. */
export const isWell = (findings: readonly Finding[]): boolean => findings.every(({ result }) => result !== 'failed');

/** The findings for a terminal: one aligned line each, the mend below. */
export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ subject }) => subject.length));
  return findings
    .flatMap(({ subject, result, detail, mend }) => [
      `${result.padEnd(12)}${subject.padEnd(width + 2)}${detail}`,
      ...(mend === undefined ? [] : [`${' '.repeat(width + 14)}→ ${mend}`]),
    ])
    .join('\n');
}
