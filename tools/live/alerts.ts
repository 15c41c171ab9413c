import { type Finding, ok, warning } from './report';

/** An alert as Twilio's Monitor shows it. */
export interface Alert {
  readonly errorCode: string;
  readonly requestUrl?: string | null;
  /** The call that it is about, for one that names no URL, such as a warning of SIP. */
  readonly resourceSid?: string | null;
}

/** What the alerts of the last day say about the service at these domains, and about its calls. */
export function checkAlerts(
  alerts: readonly Alert[],
  domains: readonly string[],
  callSids: ReadonlySet<string | null | undefined>,
): Finding {
  const own = alerts.filter(
    ({ requestUrl, resourceSid }) =>
      domains.some((domain) => requestUrl?.includes(domain)) || callSids.has(resourceSid),
  );
  if (own.length === 0) return ok('alerts', 'none in the last day');
  const codes = new Map<string, number>();
  for (const { errorCode } of own) codes.set(errorCode, (codes.get(errorCode) ?? 0) + 1);
  const list = [...codes].map(([code, count]) => `${code} (${count})`).join(', ');
  return warning('alerts', `${own.length} in the last day: ${list}`, 'npm run calls, and docs/runbook.md');
}
