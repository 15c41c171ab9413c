import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseJson } from '../../lab/json';
import { type CallHistory, formatShare, type Totals } from './history';
import { ask } from './http';

/** What there is to tell: the share has fallen below what is wanted, or it is well again. */
export type News = 'fell' | 'recovered';

/** What there is to tell about a share that is below or not. */
export function newsOf(wasBelow: boolean, isBelow: boolean): News | undefined {
  if (isBelow === wasBelow) return undefined;
  return isBelow ? 'fell' : 'recovered';
}

/** The message for a chat. */
export function messageOf(news: News, where: string, wanted: number, totals: Totals, calls: readonly CallHistory[]) {
  const counted = totals.agent + totals.notTheAgent;
  const share = `${formatShare(totals)} of ${counted} callers reached the agent of ${where}`;
  if (news === 'recovered') return `Well again: ${share}, at least the ${wanted} % that are wanted.`;
  const reasons = calls
    .filter(({ reached, isTest }) => reached === 'not the agent' && !isTest)
    .map(({ reason = 'no reason' }) => reason);
  const counts = [...new Set(reasons)].map((reason) => ({
    reason,
    count: reasons.filter((one) => one === reason).length,
  }));
  const list = counts.sort((a, b) => b.count - a.count).map(({ reason, count }) => `${reason} (${count})`);
  return `Callers don't reach the agent: only ${share}, below ${wanted} %. Reasons: ${list.join(', ')}. See npm run calls, and docs/runbook.md.`;
}

/** What was posted last; it is in a file that may vanish. */
export type Memory = ReturnType<typeof createMemory>;

/** Remembers in this file whether the share was below what is wanted, apart for each thing that is watched. */
export function createMemory(file: string, watched: string) {
  // Whatever it holds, somebody is told once more at worst.
  const read = (): Record<string, unknown> =>
    // Stryker disable next-line StringLiteral: JSON.parse takes a buffer, too.
    existsSync(file) ? Object(parseJson(readFileSync(file, 'utf8'))) : {};
  return {
    wasBelow: () => read()[watched] === 'below',
    remember: (isBelow: boolean): void => {
      const state = JSON.stringify({ ...read(), [watched]: isBelow ? 'below' : 'well' });
      writeFileSync(file, `${state}\n`, { mode: 0o600 });
    },
  };
}

/** The address of a chat's webhook; throws, without the address, which is secret, when it isn't one, or when there is nothing to watch. */
export function parseNotifyUrl(text: string | undefined, wanted: number | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (wanted === undefined) throw new Error('--notify: expected --min-agent-share, too');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost';
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return text;
  throw new Error('--notify: expected an https URL, such as that of an incoming webhook of Slack');
}

/** Posts what is new, as chats take it (`text`); throws when it wasn't taken, so that the next run posts it. */
export async function tellNews(url: string, memory: Memory, isBelow: boolean, describe: (news: News) => string) {
  const news = newsOf(memory.wasBelow(), isBelow);
  if (news === undefined) return;
  // Whoever can't remember what was posted would post it with each run.
  memory.remember(memory.wasBelow());
  // The SDK's client looks for this header in these capitals.
  const { status, found } = await ask('post', url, { 'Content-Type': 'application/json' }, { text: describe(news) });
  if (Math.floor(status / 100) !== 2) throw new Error(`the message could not be posted to --notify: ${found}`);
  memory.remember(isBelow);
}
