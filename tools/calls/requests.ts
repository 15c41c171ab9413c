import type { LogLine } from '../../src/assets/log.private';
import type { Records, WebhookRequest } from './records';

/** A request to a function, as Twilio's webhook, the log line, or both tell of it. */
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

/** The requests in order: each webhook with the line that its function wrote, and lines of which Twilio shows no webhook. */
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
  // A function that answered has written its line; of one that failed, there may be none.
  const inTurn = [...requests.entries()].sort(([, a], [, b]) => Number(isAnswered(b)) - Number(isAnswered(a)));
  const known = inTurn.map(([place, webhook]) => ({ place, request: takeLine(webhook) }));
  const logged = [...rest].map(({ time, line }): Request => {
    const began = new Date(time.getTime() - (line.ms ?? 0));
    return { time: began, path: `/${line.event}`, line, webhook: undefined };
  });
  const inOrder = known.sort((a, b) => a.place - b.place).map(({ request }) => request);
  return [...inOrder, ...logged].sort((a, b) => a.time.getTime() - b.time.getTime());
}
