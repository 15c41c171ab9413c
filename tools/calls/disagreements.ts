import type { LogLine } from '../../src/assets/log.private';
import { agentLegOf, secondsBetween } from '../twilio/recorded-leg';
import type { Records, SynthflowCall } from './records';
import { isAnswered, requestsOf } from './requests';

/** Seconds by which two clocks, one of them of whole seconds, may differ. */
const tolerance = 3;

/** Where two sources say different things about a call, one sentence each; a source's silence is no disagreement. */
export function disagreementsOf(records: Records): readonly string[] {
  const lines = records.lines.map(({ line }) => line);
  const dialled = lines.findLastIndex(({ outcome }) => outcome === 'agent' || outcome === 'agent_direct');
  // The line that dials an agent may be about the end of another agent's leg.
  const ended = lines.slice(dialled + 1).findLast(({ event, stage }) => event === 'dial-result' && stage === 'agent');
  const synthflow = records.synthflow.find(({ id }) => id === lines[dialled]?.synthflowCallId);
  return [
    ...(ended && synthflow ? [...outcomes(ended, synthflow), ...hangUps(ended, synthflow)] : []),
    ...headers(lines[dialled], synthflow),
    ...durations(records, ended, synthflow),
    ...answers(records),
  ];
}

/** The statuses of a call that Synthflow's agent did not have. */
export const lost: readonly string[] = ['failed', 'busy', 'no-answer', 'canceled'];

function outcomes({ outcome, reason }: LogLine, { status, endReason, error, talkMs = 0 }: SynthflowCall): string[] {
  const why = [endReason, error].filter((text) => text !== undefined).join(': ');
  const synthflow = `Synthflow says ${status}${why && ` (${why})`}`;
  if (outcome === 'completed' && lost.includes(status)) {
    return [`The bridge says completed, ${synthflow}`];
  }
  const isMissed = reason !== undefined && reason !== 'too_short';
  return isMissed && status === 'completed' && talkMs >= 1000 ? [`The bridge says ${reason}, ${synthflow}`] : [];
}

function hangUps({ outcome, seconds = 0 }: LogLine, { hangup }: SynthflowCall): string[] {
  // The other way round isn't a disagreement: Twilio may report too late that the caller has gone.
  return outcome === 'caller_hung_up' && seconds > 0 && hangup === 'callee'
    ? ['The bridge says that the caller hung up, Synthflow says that the agent did']
    : [];
}

/** Twilio leaves out a header that it doesn't take, and the call goes on without (warnings 32110 to 32113). */
function headers(line: LogLine | undefined, synthflow: SynthflowCall | undefined): string[] {
  const { xEi = 'arrived' } = synthflow ?? {};
  if (line?.outcome !== 'agent' || xEi === 'arrived') return [];
  return [`The bridge dialled the agent with X-EI, Synthflow's record of its headers says: ${xEi}`];
}

function durations(
  { legs, callSid }: Records,
  line: LogLine | undefined,
  synthflow: SynthflowCall | undefined,
): string[] {
  const leg = agentLegOf(legs, callSid);
  const said: readonly (readonly [source: string, seconds: number | undefined])[] = [
    ['The bridge', line?.seconds],
    ['Twilio', secondsBetween(leg?.answered, leg?.end)],
    ['Synthflow', synthflow?.talkMs === undefined ? undefined : Math.round(synthflow.talkMs / 1000)],
  ];
  const known = said.flatMap(([source, seconds]) => (seconds === undefined ? [] : [{ source, seconds }]));
  const all = known.map(({ seconds }) => seconds);
  if (Math.max(...all) - Math.min(...all) <= tolerance) return [];
  const list = known.map(({ source, seconds }) => `${source} says ${seconds} s`).join(', ');
  return [`How long the agent talked: ${list}`];
}

/** A function that wrote its line, and whose answer Twilio could not use. */
function answers(records: Records): string[] {
  return requestsOf(records).flatMap(({ path, line, webhook }) => {
    if (line === undefined || webhook === undefined || isAnswered(webhook)) return [];
    const got = webhook.httpStatus === 0 ? 'got no answer' : `got HTTP ${webhook.httpStatus}`;
    return [`The bridge says that ${path} answered ${line.outcome}, Twilio ${got}`];
  });
}
