import {
  defineCommand,
  deploymentOptions,
  domainOption,
  flag,
  parseDomain,
  type Result,
  runCommand,
  screenOf,
  suffixOf,
  text,
  textOr,
} from '../command';
import { alignColumns, maskUnless } from '../text';
import { openService, readLines, type Service } from '../twilio/service';
import {
  type CallHistory,
  formatCalls,
  formatTotals,
  hasAgentShare,
  parsePercentage,
  parseSince,
  totalsByNumber,
  totalsOf,
} from './history';
import { type BySource, formatRealCall, linksOf, realCallOf } from './real-call';
import { type History, readHistory, readRecords } from './records';

/** How the calls are to be shown. */
type Shown = Readonly<Record<'json' | 'verbose' | 'numbers', boolean>>;

async function showCall(service: Service, callSid: string, since: Date, shown: Shown): Promise<Result> {
  const { json, verbose, numbers } = shown;
  if (!/^CA\w+$/.test(callSid)) throw new Error(`--call: expected a CallSid such as CA0123…; found "${callSid}"`);
  const lines = await readLines(service, since);
  const own = lines.filter((one) => one.line.callSid === callSid);
  const records = await readRecords(service, callSid, own, maskUnless(numbers));
  if (own.length === 0 && records.call === undefined) {
    const where = 'see --since, --environment and --production';
    throw new Error(`--call: neither the log nor Twilio has ${callSid}: ${where} (${records.missing.join('; ')})`);
  }
  const call = realCallOf(records);
  const text = json ? JSON.stringify(call) : formatRealCall(call, verbose, screenOf(service.shell));
  return { text, exitStatus: 0 };
}

/** Milliseconds between two looks at the log. */
const followMs = 10_000;

/** Shows calls as they come and change; never resolves. */
async function follow(service: Service, since: Date, { json }: Shown): Promise<never> {
  const { stdout, stderr, clock } = service.shell;
  const shown = new Map<string, string>();
  let said = '';
  for (;;) {
    // What fails now may work in ten seconds.
    const { calls, missing } = await readHistory(service, since).catch(
      (error: Error): History => ({ calls: [], outage: [], missing: [error.message] }),
    );
    const problems = missing.map((sentence) => `${sentence}\n`).join('');
    if (problems !== said) stderr.write(problems);
    said = problems;
    const [head, ...rows] = formatCalls(calls).split('\n');
    const news = [...calls.entries()].filter(([, call]) => shown.get(call.callSid) !== JSON.stringify(call));
    if (!json && shown.size === 0 && news.length > 0) stdout.write(`${head}\n`);
    for (const [index, call] of news.reverse()) {
      stdout.write(`${json ? JSON.stringify(withLinks(call)) : rows[index]}\n`);
      shown.set(call.callSid, JSON.stringify(call));
    }
    await clock.pause(followMs);
  }
}

const whereToLook = alignColumns(linksOf('CA…', ['the synthflowCallId of --call']));

/** A call with the pages about it in both dashboards. */
function withLinks(call: CallHistory): CallHistory & { readonly links: BySource } {
  const ids = call.lines.flatMap(({ line }) => line.synthflowCallId ?? []);
  return { ...call, links: linksOf(call.callSid, ids) };
}

function showCalls({ calls, missing, outage }: History, minAgentShare: number | undefined, json: boolean): Result {
  const totals = totalsOf(calls);
  const byNumber = totalsByNumber(calls);
  const ok = minAgentShare === undefined || hasAgentShare(totals, minAgentShare);
  const exitStatus = ok ? 0 : 1;
  if (json) {
    const report = { ok, totals, byNumber, outage, missing, calls: calls.map(withLinks) };
    return { text: JSON.stringify(report), exitStatus };
  }
  const switched = outage.length > 0 ? [`The outage switch is on, no agent answers: ${outage.join(', ')}`] : [];
  const parts = [...switched, ...missing, formatCalls(calls), formatTotals(totals, byNumber), whereToLook];
  return { text: parts.join('\n\n'), exitStatus };
}

/** `npm run calls` */
export const calls = defineCommand({
  name: 'calls',
  usage: '[options]',
  summary: "What happened to the last calls, from the deployed service's log and Twilio's records.",
  options: {
    since: textOr('1d', 'TIME', 'how far to look back, such as 30m, 12h or 7d (default: 1d)'),
    call: text('CA…', 'everything that the log, Twilio and Synthflow recorded of one call'),
    verbose: flag('with --call: every message whole'),
    numbers: flag('with --call: full phone numbers (default: masked)'),
    follow: flag('go on with new calls as they come, until Ctrl-C'),
    'min-agent-share': text('P', 'exit with 1 when fewer than P percent of the callers reached the agent'),
    ...domainOption,
    ...deploymentOptions,
  },
  notes: [
    'Exit status: 0, 1 when fewer callers reached the agent than --min-agent-share asks for, 2 when the calls could not be read.',
    "Callers who hung up while the agent's phone rang count neither way, and neither do the calls of npm run probe. A call to a wired number without a log line counts as one that didn't reach the agent.",
  ],
  failure: 'The calls could not be read',
  failureStatus: 2,
  run: async (values, _positionals, shell) => {
    const minAgentShare = parsePercentage(values['min-agent-share']);
    const suffix = suffixOf(values, shell);
    const since = parseSince(values.since, shell.clock.now());
    if (values.follow && minAgentShare !== undefined) {
      throw new Error("--min-agent-share and --follow can't be combined: the share belongs to one look");
    }
    const customDomain = parseDomain(values.domain);
    const service = await openService(shell, { env: values.env, suffix, customDomain });
    if (values.call !== undefined) return showCall(service, values.call, since, values);
    if (values.follow) return follow(service, since, values);
    return showCalls(await readHistory(service, since), minAgentShare, values.json);
  },
});

if (require.main === module) void runCommand(calls);
