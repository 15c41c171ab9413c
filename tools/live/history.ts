import type { LogLine } from '../../src/assets/log.private';
import { alignColumns } from '../table';

/** A log line with the time at which Twilio took it. */
export interface TimedLine {
  readonly time: Date;
  readonly line: LogLine;
}

/**
 * Whom the caller reached, or that the caller hung up before anybody could answer, or was refused. `elsewhere` is a call
 * whose route had no agent before what the caller got, such as one that a person answered first.
 */
export type Reached = 'agent' | 'not the agent' | 'elsewhere' | 'hung up' | 'refused' | 'open';

/** One call, put together from the lines of its requests. */
export interface CallHistory {
  readonly callSid: string;
  readonly time: Date;
  readonly lines: readonly [TimedLine, ...TimedLine[]];
  readonly reached: Reached;
}

/** Reads a line that the bridge wrote; `undefined` for anything else that a function logs. */
export function parseLine(message: string): LogLine | undefined {
  try {
    const line = JSON.parse(message);
    // `in` throws for what isn't an object.
    if ('event' in line && 'outcome' in line) return line;
  } catch {
    // Not a line of the bridge.
  }
  return undefined;
}

/** The calls of these lines, newest first. A line without CallSid is a call of its own. */
export function groupCalls(lines: readonly TimedLine[]): readonly CallHistory[] {
  const calls = new Map<string, [TimedLine, ...TimedLine[]]>();
  const inOrder = lines.toSorted((a, b) => a.time.getTime() - b.time.getTime());
  for (const [index, timed] of inOrder.entries()) {
    const callSid = timed.line.callSid ?? `unknown ${index}`;
    const known = calls.get(callSid);
    if (known === undefined) calls.set(callSid, [timed]);
    else known.push(timed);
  }
  return [...calls]
    .map(([callSid, own]) => ({
      callSid,
      time: own[0].time,
      lines: own,
      reached: reachedOf(own.map(({ line }) => line)),
    }))
    .sort((a, b) => b.time.getTime() - a.time.getTime());
}

/**
 * Who a caller reached. A ringing agent proves nothing, and a caller who hung up while it rang counts neither way:
 * only a leg of the agent that lasted, or an agent who asked for a transfer, shows that the caller had the agent.
 */
function reachedOf(all: readonly LogLine[]): Reached {
  // Those about the leg of a person, and about a recording after the call, don't say where the caller is.
  const lines = all.filter(({ event }) => event !== 'confirm' && event !== 'voicemail');
  const talked = lines.some(
    ({ event, stage, outcome, seconds = 0 }) =>
      event === 'transfer' ||
      (stage === 'agent' && (outcome === 'completed' || (outcome === 'caller_hung_up' && seconds > 0))),
  );
  if (talked) return 'agent';
  if (lines.some(({ outcome }) => outcome === 'refused')) return 'refused';
  // Stryker disable next-line MethodExpression: there is exactly one last line.
  if (lines.slice(-1).some(isRinging)) return 'open';
  if (lines.some(({ missedAgent }) => missedAgent === true)) return 'not the agent';
  const hungUp = lines.some(({ outcome, seconds = 0 }) => outcome === 'caller_hung_up' && seconds === 0);
  return hungUp ? 'hung up' : 'elsewhere';
}

/** Whether a phone rang that nobody has answered yet. Where an agent was missed, ringing somebody else changes nothing. */
function isRinging({ outcome, missedAgent }: LogLine): boolean {
  return outcome === 'agent' || outcome === 'agent_direct' || (outcome === 'person' && missedAgent !== true);
}

/** How many callers reached whom, and the share of those who reached the agent among those who could, from 0 to 1. */
export interface Totals {
  readonly calls: number;
  readonly agent: number;
  readonly notTheAgent: number;
  readonly elsewhere: number;
  readonly hungUp: number;
  readonly refused: number;
  readonly open: number;
  /** `undefined` when no call counts. */
  readonly agentShare: number | undefined;
}

/** Counts the calls by whom the caller reached. */
export function totalsOf(calls: readonly CallHistory[]): Totals {
  const count = (reached: Reached): number => calls.filter((call) => call.reached === reached).length;
  const [agent, notTheAgent] = [count('agent'), count('not the agent')];
  const decided = agent + notTheAgent;
  return {
    calls: calls.length,
    agent,
    notTheAgent,
    elsewhere: count('elsewhere'),
    hungUp: count('hung up'),
    refused: count('refused'),
    open: count('open'),
    agentShare: decided === 0 ? undefined : agent / decided,
  };
}

/** The date this long ago, such as `30m`, `12h` or `7d`. Throws if the text isn't a duration. */
export function parseSince(text: string): Date {
  if (!/^\d{1,4}[mhd]$/.test(text)) {
    throw new Error(`--since: expected a length of time such as 30m, 12h or 7d; found "${text}"`);
  }
  const unitMinutes = text.endsWith('m') ? 1 : text.endsWith('h') ? 60 : 1440;
  return new Date(Date.now() - Number.parseInt(text, 10) * unitMinutes * 60_000);
}

/** The percentage of `--min-agent-share`; `undefined` when it is not given. Throws if the text isn't a percentage. */
export function parsePercentage(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // An empty text is an unset variable of a pipeline, and must not switch the watch off.
  const percentage = text.trim() === '' ? Number.NaN : Number(text);
  if (percentage >= 0 && percentage <= 100) return percentage;
  throw new Error(`--min-agent-share: expected a percentage from 0 to 100; found "${text}"`);
}

/** Whether at least this percentage of the callers who could reached the agent; not when there was none. */
export function hasAgentShare({ agent, notTheAgent }: Totals, percentage: number): boolean {
  const decided = agent + notTheAgent;
  // Decimal places have no exact binary form: 161 of 1000 are 16.1 %, although 16.1 * 1000 is more than 16,100.
  const missing = percentage * decided - agent * 100;
  return missing < decided * 1e-9;
}

/** The calls for a terminal, one line each, with their totals below. */
export function formatCalls(calls: readonly CallHistory[], totals: Totals): string {
  const head = ['time', 'caller', 'called', 'reached', 'last outcome', 'reason', 'prepare'];
  const rows = calls.map(({ time, lines, reached }) => {
    const { from = '', to = '', prepareMs } = lines[0].line;
    const { outcome } = (lines.at(-1) ?? lines[0]).line;
    const reason = lines.find(({ line }) => line.reason !== undefined)?.line.reason ?? '';
    return [formatTime(time), from, to, reached, outcome, reason, prepareMs === undefined ? '' : `${prepareMs} ms`];
  });
  return `${alignColumns([head, ...rows])}\n\n${formatTotals(totals)}`;
}

function formatTotals({ calls, agent, notTheAgent, elsewhere, hungUp, refused, open, agentShare }: Totals): string {
  const share =
    agentShare === undefined ? 'no call tells the share' : `${(agentShare * 100).toFixed(1)} % reached the agent`;
  return `${calls} calls: ${agent} with the agent, ${notTheAgent} without, ${elsewhere} elsewhere, ${hungUp} hung up while it rang, ${refused} refused, ${open} still open; ${share}`;
}

/** One call for a terminal, request by request; `undefined` says that there is none. */
export function formatCall(call: CallHistory | undefined, callSid: string): string {
  if (call === undefined) return `No line of ${callSid} in this time; look further back with --since.`;
  const steps = call.lines.map(({ time, line: { event, outcome, ...rest } }) => {
    const details = Object.entries(rest).filter(([name]) => name !== 'callSid');
    return [
      `${formatTime(time)}  /${event}  ${outcome}`,
      ...details.map(([name, value]) => `${' '.repeat(21)}${name.padEnd(17)}${value}`),
    ].join('\n');
  });
  return [`${callSid}: ${call.reached}`, '', ...steps].join('\n');
}

/** UTC, so that it matches Twilio's debugger whatever the machine's zone. */
const formatTime = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');
