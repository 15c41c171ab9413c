import type { PageCalls } from '../../lab/page/news';
import { tell } from '../story';
import { checkAlerts } from './alerts';
import type { Leg, Mask } from './call/leg';
import { type RealCall, realCallOf } from './call/real-call';
import { readRecords } from './call/records';
import { type CallHistory, formatShare, groupCalls, type Reached, type TimedLine, totalsOf } from './history';
import { explained, type Line, readLegs, readLines } from './line';

/** Milliseconds for which a page looks back. */
const dayMs = 24 * 3_600_000;

/** Rounds after which the alerts are asked for again. */
const alertRounds = 10;

/** Calls of a line for a page. */
export interface Watch {
  /** Asks for all that is known of this call, with the next round. */
  want(callSid: string): void;
  /** Goes on with round after round, for ever; rejects never. */
  run(): Promise<never>;
}

/** Keeps a page up to date with what happens on a line; the line's client says how often Twilio is asked. */
export function watchLine(line: Line, calls: PageCalls, mask: Mask): Watch {
  const wanted = new Set<string>();
  const shown = new Map<string, string>();
  let known: { lines: readonly TimedLine[]; legs: readonly Leg[] } = { lines: [], legs: [] };
  let alerts = 'not asked for yet';

  const show = (real: RealCall, history: CallHistory | undefined): void => {
    const text = JSON.stringify([real, history?.isTest]);
    if (shown.get(real.callSid) === text) return;
    shown.set(real.callSid, text);
    const { callSid, caller, called, placed, reached, disagreements, missing, sources, links, ...story } = real;
    calls.keep({
      ...{ id: callSid, caller, called, placed, disagreements, missing, sources, links, story },
      name: history?.isTest ? 'a test call' : 'a real call',
      title: "Twilio's times are whole seconds",
      state: states[reached],
      told: tell(story),
    });
  };

  /** Shows what log and legs tell; a call that was asked for is told from all its records, until it changes. */
  const showAll = (): void => {
    const all = groupCalls(known.lines, known.legs);
    const legs = known.legs.map((leg) => ({ ...leg, from: mask(leg.from), to: mask(leg.to) }));
    for (const history of all.toReversed()) {
      const stamp = `${history.lines.length} ${history.talkSeconds}`;
      if (shown.get(`whole ${history.callSid}`) === stamp) continue;
      show(realCallOf(recordsOf(history, legs)), history);
    }
    calls.announce({ ...sharesOf(all), alerts });
  };

  const readWanted = async (callSid: string): Promise<void> => {
    const history = groupCalls(known.lines, known.legs).find((one) => one.callSid === callSid);
    const records = await readRecords(line.client, line.api, callSid, history?.lines ?? [], mask);
    show(realCallOf(records), history);
    shown.set(`whole ${callSid}`, `${history?.lines.length} ${history?.talkSeconds}`);
  };

  const readAlerts = async (): Promise<void> => {
    const startDate = new Date(Date.now() - dayMs);
    const found = await explained(line.client.monitor.v1.alerts.list({ startDate, pageSize: 1000 }));
    const own = new Set(known.lines.map((one) => one.line.callSid));
    alerts = checkAlerts(found, [line.deployment.domain], own).detail;
  };

  const round = async (count: number): Promise<void> => {
    const since = new Date(Date.now() - dayMs);
    known = { ...known, lines: await readLines(line, since) };
    showAll();
    known = { ...known, legs: await readLegs(line, since) };
    for (const callSid of wanted) {
      wanted.delete(callSid);
      await readWanted(callSid);
    }
    if (count % alertRounds === 0) await readAlerts();
    showAll();
  };

  return {
    want: (callSid) => void wanted.add(callSid),
    run: async () => {
      for (let count = 0; ; count += 1) {
        // What fails now may work in the next round: the page says so, and goes on.
        await round(count).catch((error: Error) => calls.announce({ problem: error.message, alerts }));
      }
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

/** What the log and Twilio's list tell of a call. */
function recordsOf({ callSid, lines }: CallHistory, all: readonly Leg[]) {
  const legs = all.filter(({ parentSid }) => parentSid === callSid);
  const call = all.find(({ sid }) => sid === callSid);
  const missing = ["Webhooks and Synthflow's record: asked for now, which takes up to a minute"];
  return { callSid, lines, call, legs, missing, requests: [], alerts: [], synthflow: [] };
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
