import type { Story } from '../../../lab/story';
import { type CallHistory, groupCalls, type Reached } from '../history';
import { disagreementsOf } from './disagreements';
import { agentLegOf, type Leg, secondsBetween } from './leg';
import type { Records, SynthflowCall } from './records';
import { realStory } from './story';

/** A real call in the shape of a lab's, with what the sources say beside one another. */
export interface RealCall extends Story {
  readonly callSid: string;
  readonly caller: string;
  readonly called: string;
  /** When it came in, ISO 8601. */
  readonly placed: string;
  readonly reached: Reached;
  /** Where two sources say different things, one sentence each. */
  readonly disagreements: readonly string[];
  /** What a source doesn't have, or doesn't have yet. */
  readonly missing: readonly string[];
  /** What each source says of the whole call. */
  readonly sources: readonly (readonly [source: string, says: string])[];
  /** Pages about the call in the dashboards. */
  readonly links: readonly (readonly [source: string, url: string])[];
}

/** Puts a call together from what is known of it. */
export function realCallOf(records: Records): RealCall {
  const { callSid, call, lines, missing, synthflow } = records;
  const [history] = groupCalls(lines);
  const { from = '', to = '' } = lines[0]?.line ?? {};
  const placed = call?.start ?? history?.time;
  return {
    ...realStory(records),
    callSid,
    caller: call?.from ?? from,
    called: call?.to ?? to,
    placed: placed?.toISOString() ?? '',
    reached: history?.reached ?? 'open',
    disagreements: disagreementsOf(records),
    missing,
    sources: [
      ['Bridge', history === undefined ? 'no line' : sayHistory(history)],
      ['Twilio', call === undefined ? 'no record' : sayTwilio(call, agentLegOf(records.legs, callSid))],
      ...(synthflow.length === 0 ? ([['Synthflow', 'no record']] as const) : []),
      ...synthflow.map((one) => ['Synthflow', saySynthflow(one)] as const),
    ],
    links: linksOf(
      callSid,
      synthflow.map(({ id }) => id),
    ),
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
export function linksOf(callSid: string, ids: readonly string[]): RealCall['links'] {
  return [
    ['Twilio', `https://www.twilio.com/console/voice/calls/logs/${callSid}`],
    ...ids.map((id) => ['Synthflow', `https://app.synthflow.ai/ (Logs, ${id})`] as const),
  ];
}
