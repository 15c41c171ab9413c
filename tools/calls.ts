import { dirname, join, resolve } from 'node:path';
import { pause } from '../lab/clock';
import { deploymentOptions, flag, type Result, runCommand, suffixOf, text, textOr } from './command';
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
import { createMemory, messageOf, parseNotifyUrl, tellNews } from './live/notice';
import { openService, readHistory, readLines, type Service, switchedNumbers } from './live/service';
import { formatRealCall } from './story';
import { alignColumns } from './table';

/** How the calls are to be shown. */
interface Shown {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly numbers: boolean;
}

async function tellCall(
  service: Service,
  callSid: string,
  since: Date,
  { json, verbose, numbers }: Shown,
): Promise<Result> {
  if (!/^CA\w+$/.test(callSid)) throw new Error(`--call: expected a CallSid such as CA0123…; found "${callSid}"`);
  const lines = await readLines(service, since);
  const own = lines.filter((one) => one.line.callSid === callSid);
  const call = realCallOf(await readRecords(service.client, service.api, callSid, own, maskUnless(numbers)));
  return { text: json ? JSON.stringify(call) : formatRealCall(call, verbose), exitStatus: 0 };
}

/** Milliseconds between two looks at the log. */
const followMs = 10_000;

/** Shows calls as they come and change, for ever. */
async function follow(service: Service, since: Date, { json }: Shown): Promise<never> {
  const shown = new Map<string, string>();
  for (;;) {
    const read = await readHistory(service, since).catch((error: Error) => error);
    // What fails now may work in ten seconds: whoever watches is told, and goes on watching.
    if (read instanceof Error) process.stderr.write(`${read.message}\n`);
    else {
      const news = read.calls.filter((call) => shown.get(call.callSid) !== JSON.stringify(call)).reverse();
      for (const call of news) {
        const text = json ? JSON.stringify(call) : formatCalls([call]).split('\n').at(-1);
        process.stdout.write(`${text}\n`);
        shown.set(call.callSid, JSON.stringify(call));
      }
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
    ...deploymentOptions,
  },
  notes: `Exit status: 0, 1 when fewer callers reached the agent than --min-agent-share asks for, 2 when the calls could not be read.

Callers who hung up while the agent's phone rang count neither way, and neither do calls of npm run call -- --live.
With --notify, a time without calls is no news, and .notified.json next to .env remembers what was posted.`,
  failure: 'The calls could not be read',
  failureStatus: 2,
  run: async (values) => {
    const minAgentShare = parsePercentage(values['min-agent-share']);
    const notifyUrl = parseNotifyUrl(values.notify, minAgentShare);
    const suffix = suffixOf(values);
    const since = parseSince(values.since);
    const service = await openService(values.env, suffix);
    if (values.call !== undefined) return tellCall(service, values.call, since, values);
    if (values.follow) return follow(service, since, values);
    const [{ calls, missing }, outage] = await Promise.all([readHistory(service, since), switchedNumbers(service)]);
    const totals = totalsOf(calls);
    const byNumber = totalsByNumber(calls);
    const isBelow = minAgentShare !== undefined && !hasAgentShare(totals, minAgentShare);
    const isQuiet = totals.agentShare === undefined;
    if (notifyUrl !== undefined && minAgentShare !== undefined && !isQuiet) {
      const memory = createMemory(join(dirname(resolve(values.env)), '.notified.json'), suffix || 'production');
      const where = `${service.deployment.domain} in the last ${values.since}`;
      await tellNews(notifyUrl, memory, isBelow, (news) => messageOf(news, where, minAgentShare, totals, calls));
    }
    const ok = !isBelow || (isQuiet && notifyUrl !== undefined);
    const switched = outage.length > 0 ? [`The outage switch is on, no agent answers: ${outage.join(', ')}`] : [];
    const parts = [...switched, ...missing, formatCalls(calls), formatTotals(totals, byNumber), whereToLook];
    return {
      text: values.json
        ? JSON.stringify({ ok, totals, byNumber, outage, missing, calls: calls.map(withLinks) })
        : parts.join('\n\n'),
      exitStatus: ok ? 0 : 1,
    };
  },
});
