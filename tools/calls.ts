import { dirname, join, resolve } from 'node:path';
import { pause } from '../lab/clock';
import { deploymentOptions, domainOption, flag, parseDomain, runCommand, suffixOf, text, textOr } from './command';
import { maskUnless } from './live/call/leg';
import { linksOf, realCallOf } from './live/call/real-call';
import { readRecords } from './live/call/records';
import {
  type CallHistory,
  formatCalls,
  formatTotals,
  hasAgentShare,
  parsePercentage,
  parseSince,
  totalsByNumber,
  totalsOf,
} from './live/history';
import { createMemory, messageOf, type News, parseNotifyUrl, tellNews } from './live/notice';
import { openService, readHistory, readLines, type Service } from './live/service';
import { formatRealCall } from './story';
import { alignColumns } from './table';

/** How the calls are to be shown. */
type Shown = Readonly<Record<'json' | 'verbose' | 'numbers', boolean>>;

async function tellCall(service: Service, callSid: string, since: Date, { json, verbose, numbers }: Shown) {
  if (!/^CA\w+$/.test(callSid)) throw new Error(`--call: expected a CallSid such as CA0123…; found "${callSid}"`);
  const lines = await readLines(service, since);
  const own = lines.filter((one) => one.line.callSid === callSid);
  const records = await readRecords(service, callSid, own, maskUnless(numbers));
  if (own.length === 0 && records.call === undefined) {
    const where = 'see --since, --environment and --production';
    throw new Error(`--call: neither the log nor Twilio tells of ${callSid} (${records.missing.join('; ')}): ${where}`);
  }
  const call = realCallOf(records);
  return { text: json ? JSON.stringify(call) : formatRealCall(call, verbose), exitStatus: 0 };
}

/** Milliseconds between two looks at the log. */
const followMs = 10_000;

/** Shows calls as they come and change, for ever. */
async function follow(service: Service, since: Date, { json }: Shown): Promise<never> {
  const shown = new Map<string, string>();
  let said = '';
  for (;;) {
    // What fails now may work in ten seconds: whoever watches is told, and goes on watching.
    const read = readHistory(service, since).catch((error: Error) => ({ calls: [], missing: [error.message] }));
    const { calls, missing } = await read;
    const problems = missing.map((sentence) => `${sentence}\n`).join('');
    if (problems !== said) process.stderr.write(problems);
    said = problems;
    const [head, ...rows] = formatCalls(calls).split('\n');
    const news = [...calls.entries()].filter(([, call]) => shown.get(call.callSid) !== JSON.stringify(call));
    if (!json && shown.size === 0 && news.length > 0) process.stdout.write(`${head}\n`);
    for (const [index, call] of news.reverse()) {
      process.stdout.write(`${json ? JSON.stringify(withLinks(call)) : rows[index]}\n`);
      shown.set(call.callSid, JSON.stringify(call));
    }
    await pause(followMs);
  }
}

const whereToLook = alignColumns(linksOf('CA…', ['the synthflowCallId of --call']));

/** A call with the pages about it in both dashboards. */
function withLinks(call: CallHistory) {
  const ids = call.lines.flatMap(({ line }) => line.synthflowCallId ?? []);
  return { ...call, links: linksOf(call.callSid, ids) };
}

void runCommand({
  name: 'calls',
  usage: '[options]',
  summary: "What happened to the last calls, from the deployed service's log and Twilio's records.",
  options: {
    since: textOr('1d', 'TIME', 'how far to look back, such as 30m, 12h or 7d; 1d unless given'),
    call: text('CA…', "one call's whole story, from the log, Twilio and Synthflow"),
    verbose: flag('with --call: every message whole'),
    numbers: flag('with --call: phone numbers whole; masked unless given'),
    follow: flag('go on with new calls as they come, until Ctrl-C'),
    'min-agent-share': text('P', 'exit with 1 when fewer than P percent of the callers reached the agent'),
    notify: text(
      'URL',
      'with --min-agent-share: post one message when the share falls below, and one when it is well again',
    ),
    ...domainOption,
    ...deploymentOptions,
  },
  notes: `Exit status: 0, 1 when fewer callers reached the agent than --min-agent-share asks for, 2 when the calls could not be
read, or the message could not be posted.

Callers who hung up while the agent's phone rang count neither way, and neither do calls of npm run call -- --live.
A call to a wired number of which no function wrote a line counts as one that didn't reach the agent.
With --notify, a time without calls is no news, and .notified.json next to .env remembers what was posted.`,
  failure: 'The calls could not be read',
  failureStatus: 2,
  run: async (values) => {
    const minAgentShare = parsePercentage(values['min-agent-share']);
    const notifyUrl = parseNotifyUrl(values.notify, minAgentShare);
    const suffix = suffixOf(values);
    const since = parseSince(values.since);
    if (values.follow && minAgentShare !== undefined) {
      throw new Error('--min-agent-share: expected it without --follow, since the share is that of one look');
    }
    const service = await openService(values.env, suffix, parseDomain(values.domain));
    if (values.call !== undefined) return tellCall(service, values.call, since, values);
    if (values.follow) return follow(service, since, values);
    const { calls, missing, outage } = await readHistory(service, since);
    const totals = totalsOf(calls);
    const byNumber = totalsByNumber(calls);
    const isBelow = minAgentShare !== undefined && !hasAgentShare(totals, minAgentShare);
    const isQuiet = totals.agentShare === undefined;
    const notTold: string[] = [];
    if (notifyUrl !== undefined && minAgentShare !== undefined && !isQuiet) {
      const watched = `${suffix || 'production'} ${values.since} ${minAgentShare}`;
      const memory = createMemory(join(dirname(resolve(values.env)), '.notified.json'), watched);
      const where = `${service.deployment.domain} in the last ${values.since}`;
      const tell = (news: News): string => messageOf(news, where, minAgentShare, totals, calls);
      await tellNews(notifyUrl, memory, isBelow, tell).catch((error: Error) => notTold.push(error.message));
    }
    const ok = notTold.length === 0 && (!isBelow || (isQuiet && notifyUrl !== undefined));
    const switched = outage.length > 0 ? [`The outage switch is on, no agent answers: ${outage.join(', ')}`] : [];
    const problems = [...notTold, ...missing];
    const parts = [...switched, ...problems, formatCalls(calls), formatTotals(totals, byNumber), whereToLook];
    return {
      text: values.json
        ? JSON.stringify({ ok, totals, byNumber, outage, missing: problems, calls: calls.map(withLinks) })
        : parts.join('\n\n'),
      exitStatus: notTold.length > 0 ? 2 : Number(!ok),
    };
  },
});
