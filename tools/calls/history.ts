import type { LogLine } from '../../src/assets/log.private';
import { maskAddress } from '../../src/assets/twilio/address.private';
import { alignColumns, countOf } from '../text';
import type { TimedLine } from '../twilio/deployment';
import { agentLegOf, isTestCall, type Leg, secondsBetween } from '../twilio/recorded-leg';

/**
 * Whom the caller reached, or that the caller hung up before anybody could answer, or was refused. `elsewhere`: a call
 * whose route had no agent before what the caller got, for example because a person answered first.
 */
export type Reached = 'agent' | 'not the agent' | 'elsewhere' | 'hung up' | 'refused' | 'open';

/** One call, put together from the lines of its requests. */
export interface CallHistory {
  readonly callSid: string;
  readonly time: Date;
  readonly from: string;
  readonly to: string;
  readonly lines: readonly TimedLine[];
  readonly reached: Reached;
  /** The first thing that went wrong. */
  readonly reason: string | undefined;
  /** Whether `npm run probe` placed it. */
  readonly isTest: boolean;
  /** Seconds for which the agent's phone rang, and for which the two talked, as Twilio recorded them. */
  readonly ringSeconds: number | undefined;
  readonly talkSeconds: number | undefined;
  /** Seconds from the webhook to the answer of the agent. */
  readonly answerSeconds: number | undefined;
}

/** Milliseconds after the end of a call in which its lines may still arrive, and in which the log surely has them. */
const [logLateMs, logKeptMs] = [60_000, 24 * 3_600_000];

/**
 * The calls of the last day to these numbers that have ended without a log line: `/fallback.xml` took them, or nobody.
 */
export function lostCalls(
  lines: readonly TimedLine[],
  legs: readonly Leg[],
  numbers: readonly string[],
  now: number,
): readonly string[] {
  const known = new Set(lines.map(({ line }) => line.callSid));
  return legs
    .filter(({ direction, to }) => direction === 'inbound' && numbers.includes(to))
    .filter(({ sid, end = new Date(now) }) => {
      const ago = now - end.getTime();
      return !known.has(sid) && ago > logLateMs && ago < logKeptMs;
    })
    .map(({ sid }) => sid);
}

/**
 * The calls of these lines and the lost ones, newest first, with what Twilio recorded of their legs. A line without
 * CallSid is a call of its own.
 */
export function groupCalls(
  lines: readonly TimedLine[],
  legs: readonly Leg[] = [],
  lost: readonly string[] = [],
): readonly CallHistory[] {
  const calls = new Map<string, TimedLine[]>(lost.map((callSid) => [callSid, []]));
  const inOrder = lines.toSorted((a, b) => a.time.getTime() - b.time.getTime());
  for (const [index, timed] of inOrder.entries()) {
    const callSid = timed.line.callSid ?? `unknown ${index}`;
    const known = calls.get(callSid);
    if (known === undefined) calls.set(callSid, [timed]);
    else known.push(timed);
  }
  return [...calls]
    .map(([callSid, own]) => historyOf(callSid, own, legs))
    .sort((a, b) => b.time.getTime() - a.time.getTime());
}

function historyOf(callSid: string, lines: readonly TimedLine[], legs: readonly Leg[]): CallHistory {
  const call = legs.find(({ sid }) => sid === callSid);
  const agent = agentLegOf(legs, callSid);
  const [first] = lines;
  const isOver = call === undefined || call.end !== undefined;
  return {
    callSid,
    time: first?.time ?? call?.start ?? new Date(0),
    from: first?.line.from ?? maskAddress(call?.from ?? ''),
    to: first?.line.to ?? maskAddress(call?.to ?? ''),
    lines,
    reached:
      first === undefined
        ? 'not the agent'
        : reachedOf(
            lines.map(({ line }) => line),
            isOver,
          ),
    reason: first === undefined ? 'no line' : lines.find(({ line }) => line.reason !== undefined)?.line.reason,
    isTest: call !== undefined && isTestCall(call, legs),
    ringSeconds: secondsBetween(agent?.start, agent?.answered ?? agent?.end),
    talkSeconds: secondsBetween(agent?.answered, agent?.end),
    answerSeconds: secondsBetween(call?.start, agent?.answered),
  };
}

/**
 * Who a caller reached. A ringing agent proves nothing, and a caller who hung up while it rang counts neither way:
 * only a leg of the agent that lasted, or an agent who asked for a transfer, shows that the caller had the agent.
 */
function reachedOf(all: readonly LogLine[], isOver: boolean): Reached {
  // Those about the leg of a person, and about a recording after the call, don't say where the caller is.
  const lines = all.filter(({ event }) => event !== 'confirm' && event !== 'voicemail');
  const talked = lines.some(
    ({ event, stage, outcome, seconds = 0 }) =>
      event === 'transfer' ||
      (stage === 'agent' && (outcome === 'completed' || (outcome === 'caller_hung_up' && seconds > 0))),
  );
  if (talked) return 'agent';
  if (lines.some(({ outcome }) => outcome === 'refused')) return 'refused';
  if (lines.slice(-1).some(isRinging)) return 'open';
  if (lines.some(({ missedAgent }) => missedAgent === true)) return 'not the agent';
  // Twilio asks nothing when the caller hangs up during a word.
  if (lines.at(-1)?.outcome === 'word') return isOver ? 'hung up' : 'open';
  const hungUp = lines.some(({ outcome, seconds = 0 }) => outcome === 'caller_hung_up' && seconds === 0);
  return hungUp ? 'hung up' : 'elsewhere';
}

/** Whether a phone rang that nobody has answered yet. After an agent was missed, ringing others changes nothing. */
function isRinging({ outcome, missedAgent }: LogLine): boolean {
  return outcome === 'agent' || outcome === 'agent_direct' || (outcome === 'person' && missedAgent !== true);
}

/** The middle of some numbers, and what 95 % of them are at most. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** How many callers reached whom. */
export interface Totals {
  readonly calls: number;
  readonly agent: number;
  readonly notTheAgent: number;
  readonly elsewhere: number;
  readonly hungUp: number;
  readonly refused: number;
  readonly open: number;
  /** Test calls, which count nowhere else. */
  readonly tests: number;
  /** The callers who reached the agent among those who could, from 0 to 1; `undefined` when no call counts. */
  readonly agentShare: number | undefined;
  /** Milliseconds that preparing took. */
  readonly prepareMs: Percentiles | undefined;
  /** Seconds until the agent answered. */
  readonly answerSeconds: Percentiles | undefined;
}

/** Counts the calls by whom the caller reached. */
export function totalsOf(all: readonly CallHistory[]): Totals {
  const calls = all.filter(({ isTest }) => !isTest);
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
    tests: all.length - calls.length,
    agentShare: decided === 0 ? undefined : agent / decided,
    prepareMs: percentilesOf(calls.flatMap(({ lines }) => lines.flatMap(({ line }) => line.prepareMs ?? []))),
    answerSeconds: percentilesOf(calls.flatMap(({ answerSeconds }) => answerSeconds ?? [])),
  };
}

/** The totals of each called number, as the log shows it. */
export function totalsByNumber(calls: readonly CallHistory[]): Readonly<Record<string, Totals>> {
  const numberOf = ({ to }: CallHistory): string => to || 'unknown';
  const numbers = [...new Set(calls.map(numberOf))].sort();
  return Object.fromEntries(
    numbers.map((number) => [number, totalsOf(calls.filter((call) => numberOf(call) === number))]),
  );
}

/** By nearest rank: each percentile is one of the numbers. `undefined` without any. */
function percentilesOf(numbers: readonly number[]): Percentiles | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return sorted.length === 0 ? undefined : { p50: at(0.5), p95: at(0.95) };
}

/** The date this long before `now` (ms), such as `30m`, `12h` or `7d`. Throws if the text isn't a duration. */
export function parseSince(text: string, now: number): Date {
  if (!/^\d{1,4}[mhd]$/.test(text)) {
    throw new Error(`--since: expected a length of time such as 30m, 12h or 7d; found "${text}"`);
  }
  const unitMinutes = text.endsWith('m') ? 1 : text.endsWith('h') ? 60 : 1440;
  return new Date(now - Number.parseInt(text, 10) * unitMinutes * 60_000);
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
export function hasAgentShare(totals: Pick<Totals, 'agent' | 'notTheAgent'>, percentage: number): boolean {
  const decided = totals.agent + totals.notTheAgent;
  // Decimal places have no exact binary form: 161 of 1000 are 16.1 %, although 16.1 * 1000 is more than 16,100.
  const missing = percentage * decided - totals.agent * 100;
  return missing < decided * 1e-9;
}

const head = ['time', 'caller', 'called', 'reached', 'last outcome', 'reason', 'prepare', 'ring', 'talk', 'call'];

/** The calls for a terminal, one line each. */
export function formatCalls(calls: readonly CallHistory[]): string {
  const seconds = (value: number | undefined): string => (value === undefined ? '' : `${value} s`);
  const rows = calls.map((call) => {
    const { callSid, time, from, to, lines, reached, reason = '', isTest, ringSeconds, talkSeconds } = call;
    const prepareMs = lines[0]?.line.prepareMs;
    const outcome = lines.at(-1)?.line.outcome ?? '';
    const prepared = prepareMs === undefined ? '' : `${prepareMs} ms`;
    const who = isTest ? `${reached} (test)` : reached;
    const [rang, talked] = [seconds(ringSeconds), seconds(talkSeconds)];
    return [formatTime(time), from, to, who, outcome, reason, prepared, rang, talked, callSid];
  });
  return alignColumns([head, ...rows]);
}

/** The totals for a terminal: of all calls, and of each number where there are several. */
export function formatTotals(totals: Totals, byNumber: Readonly<Record<string, Totals>>): string {
  const { calls, agent, notTheAgent, elsewhere, hungUp, refused, open, tests } = totals;
  const testCalls = tests === 0 ? '' : `, and ${countOf(tests, 'test call')} that don't count`;
  const rows = [['all', totals] as const, ...Object.entries(byNumber)].map(([number, one]) => [
    number,
    `${one.calls}`,
    formatShare(one),
    formatPercentiles(one.prepareMs, 'ms'),
    formatPercentiles(one.answerSeconds, 's'),
  ]);
  const table = [['called', 'calls', 'reached the agent', 'prepare p50, p95', 'answer p50, p95'], ...rows];
  return `${countOf(calls, 'call')}: ${agent} with the agent, ${notTheAgent} without, ${elsewhere} elsewhere, ${hungUp} hung up while it rang, ${refused} refused, ${open} still open${testCalls}; ${formatShare(totals) || 'an unknown share'} reached the agent\n\n${alignColumns(table)}`;
}

/** The share of callers who reached the agent, in words. */
export const formatShare = ({ agentShare }: Totals): string =>
  agentShare === undefined ? '' : `${(agentShare * 100).toFixed(1)} %`;

function formatPercentiles(percentiles: Percentiles | undefined, unit: string): string {
  return percentiles === undefined ? '' : `${percentiles.p50} ${unit}, ${percentiles.p95} ${unit}`;
}

/** UTC, so that it matches Twilio's debugger whatever the machine's zone. */
const formatTime = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');
