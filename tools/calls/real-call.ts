import type { LogLine } from '../../src/assets/log.private';
import type { Screen } from '../command';
import { formatStory } from '../story/format';
import { labelOfStatus, shortNumber } from '../story/labels';
import type { Step, Story } from '../story/recorder';
import { alignColumns, oneLine, wrap } from '../text';
import type { TimedLine } from '../twilio/deployment';
import { agentLegOf, isSip, type Leg, secondsBetween } from '../twilio/recorded-leg';
import { disagreementsOf } from './disagreements';
import { type CallHistory, groupCalls, type Reached } from './history';
import type { Records, SynthflowCall, WebhookRequest } from './records';
import { isAnswered } from './requests';

/** What each source says, or the page that it has. */
export type BySource = readonly (readonly [source: string, text: string])[];

/** A real call: one step for each record, and nothing that no source recorded. */
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
  readonly sources: BySource;
  /** Pages about the call in the dashboards. */
  readonly links: BySource;
}

/** Puts a call together from its records. */
export function realCallOf(records: Records): RealCall {
  const { callSid, call, lines, missing, synthflow, alerts } = records;
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
    steps: stepsOf(records),
    heard: [],
    warnings: alerts.map((code) => ({ at: 0, code, text: "in Twilio's debugger" })),
    log: lines.map(({ line }) => JSON.stringify(line)),
    printed: [],
    callSid,
    caller: call?.from ?? from,
    called: call?.to ?? to,
    placed: placed?.toISOString() ?? '',
    // A call that is over without a log line is lost.
    reached: history?.reached ?? (call?.end === undefined ? 'open' : 'not the agent'),
    disagreements: disagreementsOf(records),
    missing,
    sources,
    links: linksOf(callSid, ids),
  };
}

/** A step with the time at which its record says that it happened. */
interface TimedStep extends Omit<Step, 'at'> {
  readonly time: Date;
}

/** One step for each record, in order of time: Twilio's times are whole seconds, and its log may be late. */
function stepsOf({ call, lines, legs, requests, synthflow }: Records): readonly Step[] {
  const timed = [
    ...(call === undefined ? [] : [callerStep(call)]),
    ...requests.map(webhookStep),
    ...lines.map(lineStep),
    ...legs.map(legStep),
    ...synthflow.flatMap((one) => recordStep(one, lines)),
  ].sort((a, b) => a.time.getTime() - b.time.getTime());
  const start = timed[0]?.time.getTime() ?? 0;
  return timed.map(({ time, ...step }) => ({ at: time.getTime() - start, ...step }));
}

const callerStep = (call: Leg): TimedStep => ({
  time: call.start,
  from: 'caller',
  to: 'Twilio',
  title: `calls ${shortNumber(call.to)}: ${lengthOf(call)}`,
  failed: false,
  content: call.sid,
});

const legStep = (leg: Leg): TimedStep => ({
  time: leg.start,
  from: 'Twilio',
  to: isSip(leg) ? 'Synthflow SIP' : 'person',
  title: lengthOf(leg),
  failed: leg.answered === undefined && leg.end !== undefined,
  content: `${leg.sid}\n${leg.to}`,
});

/** How long a leg rang and lasted, as in `rang 3 s, talked 43 s`. */
function lengthOf({ start, answered, end, status }: Leg): string {
  const rang = secondsBetween(start, answered ?? end);
  if (rang === undefined) return 'rings';
  if (answered === undefined) return `rang ${rang} s: ${status}`;
  const talked = secondsBetween(answered, end);
  return `rang ${rang} s, ${talked === undefined ? 'talks' : `talked ${talked} s`}`;
}

function webhookStep(webhook: WebhookRequest): TimedStep {
  const { time, ms, method, path, httpStatus, body } = webhook;
  const parameters = Object.entries(webhook.parameters).map(([name, value]) => `${name}=${value}`);
  const answer = httpStatus === 0 ? 'no answer' : labelOfStatus(httpStatus);
  return {
    time,
    from: 'Twilio',
    to: 'function',
    title: `${method} ${path}: ${answer} in ${ms} ms`,
    failed: !isAnswered(webhook),
    content: [...parameters, '', body].join('\n'),
  };
}

const lineStep = ({ time, line }: TimedLine): TimedStep => ({
  time,
  from: 'function',
  to: 'Twilio',
  title: titleOf(line),
  failed: line.reason !== undefined,
  content: JSON.stringify(line),
});

const titleOf = ({ event, outcome, reason }: LogLine): string =>
  [`/${event} logs ${outcome}`, ...(reason === undefined ? [] : [reason])].join(', ');

/** Synthflow's record has no time of its own, so it stands beside the line of the call that was prepared. */
function recordStep(call: SynthflowCall, lines: readonly TimedLine[]): readonly TimedStep[] {
  const prepared = lines.find(({ line }) => line.synthflowCallId === call.id);
  if (prepared === undefined) return [];
  const title = `record: ${saySynthflow(call)}`;
  const failed = call.error !== undefined;
  return [{ time: prepared.time, from: 'Synthflow API', to: 'function', title, failed, content: call.id }];
}

/** A real call for a terminal: where its sources disagree comes first, and then what is missing. */
export function formatRealCall(call: RealCall, isVerbose: boolean, screen: Screen): string {
  const { callSid, caller, called, placed, disagreements, missing, sources, links } = call;
  const remarks = [
    ...disagreements.map((sentence) => screen.paint('red', wrap(`✗ ${oneLine(sentence)}`, screen.width, 2))),
    ...missing.map((sentence) => wrap(`  ${oneLine(sentence)}`, screen.width, 2)),
  ];
  const head = [['Call', `${callSid}, ${caller} to ${called}, ${placed.slice(0, 19).replace('T', ' ')}`], ...sources];
  return [
    ...(remarks.length > 0 ? [...remarks, ''] : []),
    alignColumns(head, screen.width),
    '',
    formatStory(call, isVerbose, screen),
    '',
    alignColumns(links),
  ].join('\n');
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
  const { status, endReason, error, hangup, talkMs, ringSeconds, hasTranscript, xEi } = call;
  return [
    status,
    ...(endReason === undefined ? [] : [endReason]),
    ...(error === undefined ? [] : [error]),
    ...(ringSeconds === undefined ? [] : [`rang for ${ringSeconds} s`]),
    ...(talkMs === undefined ? [] : [`talked for ${Math.round(talkMs / 1000)} s`]),
    ...(hangup === undefined ? [] : [`the ${hangup === 'caller' ? 'caller' : 'agent'} hung up`]),
    ...(xEi === undefined ? [] : [`X-EI: ${xEi}`]),
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
