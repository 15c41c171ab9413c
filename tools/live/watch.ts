import type { PageCalls } from '../../lab/page/news';
import { tell } from '../story';
import { checkAlerts } from './alerts';
import type { Leg, Mask } from './call/leg';
import { type RealCall, realCallOf } from './call/real-call';
import { type Records, readRecords } from './call/records';
import { type CallHistory, formatShare, groupCalls, type Reached, type TimedLine, totalsOf } from './history';
import { explained, readLegs, readLines, type Service } from './service';

/** Milliseconds for which a page looks back. */
const dayMs = 24 * 3_600_000;

/** Rounds after which the alerts are asked for again. */
const alertRounds = 10;

/** The calls of a deployment for a page. */
export type Watch = ReturnType<typeof watchService>;

/** Keeps a page up to date with what happens to calls; the service's client says how often Twilio is asked. */
export function watchService(service: Service, calls: PageCalls, mask: Mask) {
  const wanted = new Set<string>();
  /** What was last shown of each call, so that only changes are. */
  const shown = new Map<string, string>();
  let lines: readonly TimedLine[] = [];
  let legs: readonly Leg[] = [];
  let alerts = 'not asked for yet';

  const show = ({ callSid, reached, ...real }: RealCall, { isTest }: CallHistory): void => {
    const { caller, called, placed, disagreements, missing, sources, links, ...story } = real;
    calls.keep({
      ...{ id: callSid, caller, called, placed, disagreements, missing, sources, links, story },
      name: isTest ? 'a test call' : 'a real call',
      title: "Twilio's times are whole seconds",
      state: states[reached],
      told: tell(story),
    });
  };

  /** Shows what log and legs tell of each call that has changed, and all records of those that were asked for. */
  const showAll = async (): Promise<void> => {
    const all = groupCalls(lines, legs);
    calls.announce({ ...sharesOf(all), alerts });
    for (const history of all.toReversed()) {
      const { callSid } = history;
      const own = legs.filter(({ sid, parentSid }) => sid === callSid || parentSid === callSid);
      const known = JSON.stringify([history, own]);
      if (wanted.delete(callSid)) {
        const records = await readRecords(service.client, service.api, callSid, history.lines, mask);
        show(realCallOf(records), history);
      } else if (shown.get(callSid) !== known) {
        const masked = own.map((leg) => ({ ...leg, from: mask(leg.from), to: mask(leg.to) }));
        show(realCallOf(recordsOf(history, masked)), history);
      }
      shown.set(callSid, known);
    }
  };

  const readAlerts = async (startDate: Date): Promise<void> => {
    const found = await explained(service.client.monitor.v1.alerts.list({ startDate, pageSize: 1000 }));
    const own = new Set(lines.map(({ line }) => line.callSid));
    alerts = checkAlerts(found, [service.deployment.domain], own).detail;
  };

  const round = async (count: number): Promise<void> => {
    const since = new Date(Date.now() - dayMs);
    lines = await readLines(service, since);
    await showAll();
    legs = await readLegs(service, since);
    await showAll();
    if (count % alertRounds === 0) await readAlerts(since);
  };

  return {
    /** Asks for all that is known of this call, with the next round. */
    want: (callSid: string) => void wanted.add(callSid),
    /** Goes on with round after round, for ever; rejects never. */
    run: async (): Promise<never> => {
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

/** What the log and Twilio's list tell of a call; `legs` are its own. */
function recordsOf({ callSid, lines }: CallHistory, legs: readonly Leg[]): Records {
  const call = legs.find(({ sid }) => sid === callSid);
  return {
    ...{ callSid, lines, call, knowsLegs: call !== undefined, requests: [], alerts: [], synthflow: [] },
    legs: legs.filter(({ parentSid }) => parentSid === callSid),
    missing: ["Webhooks and Synthflow's record: asked for now, which takes up to a minute"],
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
