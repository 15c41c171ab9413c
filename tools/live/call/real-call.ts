import { type CallHistory, groupCalls } from '../history';
import { disagreementsOf } from './disagreements';
import { agentLegOf, type Leg, secondsBetween } from './leg';
import type { Records, SynthflowCall } from './records';
import { realStory } from './story';

/** A real call in the shape of a lab's, with what the sources say beside one another. */
export type RealCall = ReturnType<typeof realCallOf>;

/** What each of some sources says, or the page that it has. */
type BySource = readonly (readonly [source: string, text: string])[];

/** Puts a call together from what is known of it. */
export function realCallOf(records: Records) {
  const { callSid, call, lines, missing, synthflow } = records;
  const [history] = groupCalls(lines);
  const { from = '', to = '' } = lines[0]?.line ?? {};
  const placed = call?.start ?? history?.time;
  const sources: BySource = [
    ['Bridge', history === undefined ? 'no line' : sayHistory(history)],
    ['Twilio', call === undefined ? 'no record' : sayTwilio(call, agentLegOf(records.legs, callSid))],
    ...(synthflow.length === 0 ? ([['Synthflow', 'no record that could be read']] as const) : []),
    ...synthflow.map((one) => ['Synthflow', saySynthflow(one)] as const),
  ];
  const ids = [...new Set(lines.flatMap(({ line }) => line.synthflowCallId ?? []))];
  return {
    ...realStory(records),
    callSid,
    caller: call?.from ?? from,
    called: call?.to ?? to,
    /** When it came in, ISO 8601. */
    placed: placed?.toISOString() ?? '',
    // A call that is over, and of which no function wrote a line, is lost.
    reached: history?.reached ?? (call?.end === undefined ? 'open' : 'not the agent'),
    /** Where two sources say different things, one sentence each. */
    disagreements: disagreementsOf(records),
    /** What a source doesn't have, or doesn't have yet. */
    missing,
    /** What each source says of the whole call. */
    sources,
    /** Pages about the call in the dashboards. */
    links: linksOf(callSid, ids),
  };
}

function sayHistory({ reached, lines }: CallHistory): string {
  const prepared = lines.flatMap(({ line: { prepareMs } }) => (prepareMs === undefined ? [] : `${prepareMs} ms`));
  const outcomes = lines.map(({ line }) => line.outcome).join(', ');
  return [`${reached}: ${outcomes}`, ...prepared.map((ms) => `prepared in ${ms}`)].join('; ');
}

function sayTwilio({ status }: Leg, agent: Leg | undefined): string {
  if (agent === undefined) return `${status}; no leg to the agent`;
  const rang = secondsBetween(agent.start, agent.answered ?? agent.end);
  const lasted = secondsBetween(agent.answered, agent.end);
  return [
    status,
    ...(rang === undefined ? ['the agent rings'] : [`the agent rang for ${rang} s`]),
    ...(agent.answered === undefined ? [agent.status] : [lasted === undefined ? 'talks' : `talked for ${lasted} s`]),
  ].join('; ');
}

function saySynthflow(call: SynthflowCall): string {
  const { status, endReason, error, hangup, talkMs, ringSeconds, hasTranscript } = call;
  return [
    status,
    ...(endReason === undefined ? [] : [endReason]),
    ...(error === undefined ? [] : [error]),
    ...(ringSeconds === undefined ? [] : [`rang for ${ringSeconds} s`]),
    ...(talkMs === undefined ? [] : [`talked for ${Math.round(talkMs / 1000)} s`]),
    ...(hangup === undefined ? [] : [`the ${hangup === 'caller' ? 'caller' : 'agent'} hung up`]),
    hasTranscript ? 'a transcript' : 'no transcript yet',
  ].join('; ');
}

/** The dashboards' pages; Synthflow documents no address of a single call, so its list is where to look for the id. */
export function linksOf(callSid: string, ids: readonly string[]): BySource {
  return [
    ['Twilio', `https://www.twilio.com/console/voice/calls/logs/${callSid}`],
    ...ids.map((id) => ['Synthflow', `https://app.synthflow.ai/ (Logs, ${id})`] as const),
  ];
}
