import {
  type CallHistory,
  formatShare,
  groupCalls,
  lostCalls,
  type Reached,
  totalsOf,
} from '../../tools/calls/history';
import { type RealCall, realCallOf } from '../../tools/calls/real-call';
import { type Records, readRecords } from '../../tools/calls/records';
import { checkAlerts } from '../../tools/check/check-twilio';
import { tell } from '../../tools/story/format';
import type { Mask } from '../../tools/text';
import type { TimedLine } from '../../tools/twilio/deployment';
import type { Leg } from '../../tools/twilio/recorded-leg';
import { explained, readLegs, readLines, readNumbers, type Service } from '../../tools/twilio/service';
import type { PageCalls } from './page-calls';

/** Milliseconds for which a page looks back. */
const dayMs = 24 * 3_600_000;

/** Rounds after which the alerts are asked for again. */
const alertRounds = 10;

/** Keeps a page up to date. */
export interface Watch {
  /** Reads everything about this call with the next round. */
  want(callSid: string): void;
  /** Goes on with round after round, for ever; never rejects. */
  run(): Promise<never>;
}

/** Keeps a page up to date with what happens to calls; the service's client says how often Twilio is asked. */
export function watchService(service: Service, calls: PageCalls, mask: Mask): Watch {
  const { clock } = service.shell;
  const wanted = new Set<string>();
  /** All records of the calls that somebody has opened: they are asked for again when the call has changed. */
  const read = new Map<string, Records>();
  /** What was last shown of each call, so that only changes are. */
  const shown = new Map<string, { readonly known: string; readonly lines: number }>();
  let lines: readonly TimedLine[] = [];
  let legs: readonly Leg[] = [];
  let numbers: readonly string[] = [];
  let alerts = 'not asked for yet';
  const problems = new Map<string, string>();

  const show = ({ callSid, reached, ...real }: RealCall, { isTest }: CallHistory): void => {
    const { caller, called, placed, disagreements, missing, sources, links, ...story } = real;
    calls.keep({
      id: callSid,
      caller,
      called,
      placed,
      disagreements,
      missing,
      sources,
      links,
      story,
      name: isTest ? 'a test call' : 'a real call',
      title: "Twilio's times are whole seconds",
      state: states[reached],
      told: tell(story),
    });
  };

  /** Shows what log and legs tell of each call that has changed, and all records of those that were asked for. */
  const showAll = async (): Promise<void> => {
    const all = groupCalls(lines, legs, lostCalls(lines, legs, numbers, clock.now()));
    calls.announce({ ...sharesOf(all), alerts, problem: [...problems.values()].join('') });
    for (const history of all.toReversed()) {
      const { callSid } = history;
      const own = legs.filter(({ sid, parentSid }) => sid === callSid || parentSid === callSid);
      const known = JSON.stringify([history, own]);
      const last = shown.get(callSid);
      // The lines of a call that began a day ago are no longer asked for: what is shown of it is more.
      if (last?.known === known || history.lines.length < (last?.lines ?? 0)) continue;
      const masked = own.map((leg) => ({ ...leg, from: mask(leg.from), to: mask(leg.to) }));
      show(realCallOf({ ...recordsOf(history, masked), ...read.get(callSid), lines: history.lines }), history);
      shown.set(callSid, { known, lines: history.lines.length });
      if (read.has(callSid)) wanted.add(callSid);
    }
    for (const history of all.filter(({ callSid }) => wanted.delete(callSid))) {
      const records = await readRecords(service, history.callSid, history.lines, mask);
      read.set(history.callSid, records);
      show(realCallOf(records), history);
    }
  };

  const readAlerts = async (startDate: Date): Promise<void> => {
    const found = await explained(service.client.monitor.v1.alerts.list({ startDate, pageSize: 1000 }));
    const own = new Set(lines.map(({ line }) => line.callSid));
    alerts = checkAlerts(found, [...service.domains], own).detail;
  };
  const readLog = async (since: Date): Promise<void> => {
    lines = await readLines(service, since);
  };
  const readAccount = async (since: Date): Promise<void> => {
    legs = await readLegs(service, since);
  };
  const readWired = async (): Promise<void> => {
    numbers = (await readNumbers(service)).wired;
  };
  /** A login that may read the log alone is enough; the page says what else could not be read. */
  const orProblem = async (what: string, work: Promise<void>): Promise<void> => {
    const failure = await work.then(
      () => '',
      (error: Error) => `Twilio's ${what} could not be read: ${error.message}. `,
    );
    problems.set(what, failure);
  };

  const round = async (count: number): Promise<void> => {
    const since = new Date(clock.now() - dayMs);
    await orProblem('log', readLog(since));
    await showAll();
    await orProblem('calls', readAccount(since));
    await showAll();
    if (count % alertRounds !== 0) return;
    await orProblem('numbers', readWired());
    await orProblem('alerts', readAlerts(since));
  };

  return {
    want: (callSid) => void wanted.add(callSid),
    run: async () => {
      // What fails now may work in the next round.
      for (let count = 0; ; count += 1) await round(count);
    },
  };
}

const states = {
  agent: 'reached',
  'not the agent': 'not reached',
  elsewhere: 'over',
  'hung up': 'over',
  refused: 'over',
  open: 'running',
} as const satisfies Record<Reached, string>;

/** What the log and Twilio's list tell of a call; `legs` are its own. */
function recordsOf({ callSid, lines }: CallHistory, legs: readonly Leg[]): Records {
  const call = legs.find(({ sid }) => sid === callSid);
  return {
    callSid,
    lines,
    call,
    knowsLegs: call !== undefined,
    requests: [],
    alerts: [],
    synthflow: [],
    legs: legs.filter(({ parentSid }) => parentSid === callSid),
    missing: ["Webhooks and Synthflow's record: asked for once somebody opens the call, which takes up to a minute"],
  };
}

/** The share of callers who reached the agent, of each hour and of all. */
function sharesOf(all: readonly CallHistory[]) {
  const hourOf = ({ time }: CallHistory): string => `${time.toISOString().slice(0, 13)}:00Z`;
  const hours = [...new Set(all.map(hourOf))].sort().map((hour) => {
    const totals = totalsOf(all.filter((call) => hourOf(call) === hour));
    return { hour, calls: totals.calls, agentShare: totals.agentShare, share: formatShare(totals) };
  });
  const totals = totalsOf(all);
  return { hours, calls: totals.calls, tests: totals.tests, share: formatShare(totals) };
}
