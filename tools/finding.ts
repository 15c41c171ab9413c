import { alignColumns } from './text';

/** The result of one check. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly subject: string;
  readonly result: 'ok' | 'warning' | 'failed' | 'not checked';
  /** What was found. Nothing secret. */
  readonly detail: string;
  /** How to fix it, where something is wrong. */
  readonly fix?: string;
}

/** A finding without a problem. */
export const ok = (subject: string, detail: string): Finding => ({ subject, result: 'ok', detail });

const withFix =
  (result: Finding['result']) =>
  (subject: string, detail: string, fix: string): Finding => ({ subject, result, detail, fix });

/** A finding that must be fixed before callers can rely on the bridge. */
export const failed = withFix('failed');

/** A finding that calls can live with. */
export const warning = withFix('warning');

/** A finding that could not be made. */
export const notChecked = (subject: string, detail: string): Finding => ({ subject, result: 'not checked', detail });

/** Whether nothing that could be checked failed. */
export const isOk = (findings: readonly Finding[]): boolean => findings.every(({ result }) => result !== 'failed');

/** The findings for a terminal: one aligned row each, with its fix below. */
export function formatFindings(findings: readonly Finding[], width: number | undefined): string {
  const rows = findings.flatMap(({ subject, result, detail, fix }) => [
    [result, subject, detail],
    ...(fix === undefined ? [] : [['', '', `→ ${fix}`]]),
  ]);
  return alignColumns(rows, width);
}
