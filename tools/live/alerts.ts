import { type Finding, ok, warning } from './report';

/** An alert as Twilio's Monitor shows it. */
export interface Alert {
  readonly errorCode: string;
  readonly requestUrl?: string | null;
}

/** What the alerts of the last day say about the service at this domain. */
export function checkAlerts(alerts: readonly Alert[], domain: string): Finding {
  const own = alerts.filter(({ requestUrl }) => requestUrl?.includes(domain));
  if (own.length === 0) return ok('alerts', 'none in the last day');
  const codes = new Map<string, number>();
  for (const { errorCode } of own) codes.set(errorCode, (codes.get(errorCode) ?? 0) + 1);
  const list = [...codes].map(([code, count]) => `${code} (${count})`).join(', ');
  return warning('alerts', `${own.length} in the last day: ${list}`, 'npm run calls, and docs/runbook.md');
}
