import type { LogLine } from '../../src/assets/log.private';
import type { Records, WebhookRequest } from './records';

/** A request to a function, with Twilio's webhook, its log line, or both. */
export interface Request {
  readonly time: Date;
  readonly path: string;
  readonly line: LogLine | undefined;
  readonly webhook: WebhookRequest | undefined;
}

/** Milliseconds by which the log may be late, or its clock be wrong. */
const toleranceMs = 60_000;

/** Whether Twilio got an answer that it could use. */
export const isAnswered = ({ httpStatus }: WebhookRequest): boolean => httpStatus >= 200 && httpStatus <= 299;

/** Matches each webhook to its log line; lines without a webhook are requests, too. In order of time. */
export function requestsOf({ lines, requests }: Pick<Records, 'lines' | 'requests'>): readonly Request[] {
  const rest = new Set(lines);
  const takeLine = (webhook: WebhookRequest): Request => {
    const lateBy = (time: Date): number => Math.abs(time.getTime() - webhook.time.getTime() - webhook.ms);
    const [own] = [...rest]
      .filter(({ line, time }) => `/${line.event}` === webhook.path && lateBy(time) < toleranceMs)
      .sort((a, b) => lateBy(a.time) - lateBy(b.time));
    if (own !== undefined) rest.delete(own);
    return { time: webhook.time, path: webhook.path, line: own?.line, webhook };
  };
  // A function that answered has written its line; one that failed may not have.
  const inTurn = [...requests.entries()].sort(([, a], [, b]) => Number(isAnswered(b)) - Number(isAnswered(a)));
  const known = inTurn.map(([place, webhook]) => ({ place, request: takeLine(webhook) }));
  const logged = [...rest].map(({ time, line }): Request => {
    const began = new Date(time.getTime() - (line.ms ?? 0));
    return { time: began, path: `/${line.event}`, line, webhook: undefined };
  });
  const inOrder = known.sort((a, b) => a.place - b.place).map(({ request }) => request);
  return [...inOrder, ...logged].sort((a, b) => a.time.getTime() - b.time.getTime());
}
