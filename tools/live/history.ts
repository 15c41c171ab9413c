import type { LogLine } from '../../src/assets/log.private';

/** A log line with the time at which Twilio took it. */
export interface TimedLine {
  readonly time: Date;
  readonly line: LogLine;
}

/** What became of the caller: who was reached, or that the caller gave up before anybody could be. */
export type Fate = 'agent' | 'not the agent' | 'hung up' | 'open';

/** One call, put together from the lines of its requests. */
export interface CallHistory {
  readonly callSid: string;
  readonly time: Date;
  readonly lines: readonly TimedLine[];
  readonly fate: Fate;
}

/** The lines that the bridge wrote, out of all that functions log. */
export function parseLine(message: string): LogLine | undefined {
  try {
    const line = JSON.parse(message);
    return typeof line === 'object' && line !== null && 'event' in line && 'outcome' in line ? line : undefined;
  } catch {
    return undefined;
  }
}

/** The calls of these lines, newest first. A line without CallSid is a call of its own. */
export function groupCalls(lines: readonly TimedLine[]): readonly CallHistory[] {
  const calls = new Map<string, TimedLine[]>();
  for (const [index, timed] of lines.entries()) {
    const key = timed.line.callSid ?? `unknown ${index}`;
    calls.set(key, [...(calls.get(key) ?? []), timed]);
  }
  return [...calls]
    .map(([callSid, own]) => {
      const sorted = own.toSorted((a, b) => a.time.getTime() - b.time.getTime());
      return {
        callSid,
        lines: sorted,
        time: sorted[0]?.time ?? new Date(0),
        fate: fateOf(sorted.map(({ line }) => line)),
      };
    })
    .sort((a, b) => b.time.getTime() - a.time.getTime());
}

/**
 * Who a caller reached. A ringing agent is no proof, and a caller who hung up while it rang counts neither way:
 * only a leg of the agent that lasted, or an agent who asked for a transfer, shows that the caller had the agent.
 */
function fateOf(lines: readonly LogLine[]): Fate {
  const talked = lines.some(
    ({ event, stage, outcome, seconds = 0 }) =>
      event === 'transfer' ||
      (stage === 'agent' && (outcome === 'completed' || (outcome === 'caller_hung_up' && seconds > 0))),
  );
  if (talked) return 'agent';
  const last = lines.at(-1);
  if (last?.outcome === 'agent' || last?.outcome === 'agent_direct') return 'open';
  return lines.some(({ stage, outcome }) => stage === 'agent' && outcome === 'caller_hung_up')
    ? 'hung up'
    : 'not the agent';
}

/** How many callers had which fate, and the share of those who reached the agent among those who could, from 0 to 1. */
export interface Totals {
  readonly calls: number;
  readonly agent: number;
  readonly notTheAgent: number;
  readonly hungUp: number;
  readonly open: number;
  /** `undefined` when no call says anything about it. */
  readonly agentShare: number | undefined;
}

/** Counts calls by fate. */
export function totalsOf(calls: readonly CallHistory[]): Totals {
  const count = (fate: Fate): number => calls.filter((call) => call.fate === fate).length;
  const [agent, notTheAgent] = [count('agent'), count('not the agent')];
  const decided = agent + notTheAgent;
  return {
    calls: calls.length,
    agent,
    notTheAgent,
    hungUp: count('hung up'),
    open: count('open'),
    agentShare: decided === 0 ? undefined : agent / decided,
  };
}
