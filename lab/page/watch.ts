import { type CallHistory, formatShare, totalsOf } from '../../tools/calls/history';
import { type RealCall, realCallOf } from '../../tools/calls/real-call';
import { type History, type Records, readHistory, readRecords } from '../../tools/calls/records';
import { checkAlerts } from '../../tools/check/check-twilio';
import { tell } from '../../tools/story/format';
import { type Mask, messageOf } from '../../tools/text';
import { explained, type Service } from '../../tools/twilio/service';
import type { PageCalls } from './page-calls';

/** Milliseconds for which a page looks back. */
const dayMs = 24 * 3_600_000;

/** Rounds after which the alerts are read again. */
const alertRounds = 10;

/** Keeps a page up to date. */
export interface Watch {
  /** Reads everything about this call, with this round and each time that the call changes. */
  want(callSid: string): void;
  /** Goes on with round after round; never resolves, and never rejects. */
  run(): Promise<never>;
}

/** Keeps a page up to date with the calls of a deployment; the service's client limits the requests to Twilio. */
export function watchService(service: Service, calls: PageCalls, mask: Mask): Watch {
  const { clock } = service.shell;
  const wanted = new Set<string>();
  /** What was last shown of each call, so that only changes are. */
  const shown = new Map<string, string>();
  let alerts = 'not read yet';
  let problem = '';

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
      state: reached,
      told: tell(story),
    });
  };

  const showAll = async (history: History): Promise<void> => {
    calls.announce({ ...sharesOf(history.calls), alerts, problem });
    for (const call of history.calls.toReversed()) {
      const { callSid } = call;
      const known = JSON.stringify([call, wanted.has(callSid)]);
      if (shown.get(callSid) === known) continue;
      shown.set(callSid, known);
      const records = wanted.has(callSid) ? await readRecords(service, callSid, call.lines, mask) : onlyLines(call);
      show(realCallOf(records), call);
    }
  };

  const readAlerts = async (startDate: Date, history: History): Promise<void> => {
    const found = await explained(service.client.monitor.v1.alerts.list({ startDate, pageSize: 1000 }));
    alerts = checkAlerts(found, service.domains, new Set(history.calls.map(({ callSid }) => callSid))).detail;
  };

  const round = async (count: number): Promise<void> => {
    const since = new Date(clock.now() - dayMs);
    const history = await readHistory(service, since);
    problem = history.missing.map((sentence) => `${sentence}. `).join('');
    await showAll(history);
    if (count % alertRounds === 0) await readAlerts(since, history);
  };

  return {
    want: (callSid) => void wanted.add(callSid),
    run: async () => {
      for (let count = 0; ; count += 1) {
        // What fails now may work in the next round.
        await round(count).catch((error: unknown) => {
          problem = messageOf(error);
          calls.announce({ alerts, problem });
        });
      }
    },
  };
}

/** The records of a call that nobody has opened. */
const onlyLines = ({ callSid, lines }: CallHistory): Records => ({
  callSid,
  lines,
  call: undefined,
  knowsLegs: false,
  legs: [],
  requests: [],
  alerts: [],
  synthflow: [],
  missing: ["Twilio's and Synthflow's records are read once somebody opens the call, which takes up to a minute"],
});

/** The share of callers who reached the agent, of each hour and of all. */
function sharesOf(all: readonly CallHistory[]): object {
  const hourOf = ({ time }: CallHistory): string => `${time.toISOString().slice(0, 13)}:00Z`;
  const hours = [...new Set(all.map(hourOf))].sort().map((hour) => {
    const totals = totalsOf(all.filter((call) => hourOf(call) === hour));
    return { hour, calls: totals.calls, agentShare: totals.agentShare, share: formatShare(totals) };
  });
  const totals = totalsOf(all);
  return { hours, calls: totals.calls, tests: totals.tests, share: formatShare(totals) };
}
