import { lost } from '../calls/disagreements';
import { groupCalls } from '../calls/history';
import type { Records } from '../calls/records';
import type { CommandLine } from '../command';
import { type Finding, failed, isOk, notChecked, ok, warning } from '../finding';
import { agentLegOf, type Leg, secondsBetween } from '../twilio/recorded-leg';

/** What a test call is to show. */
export const expectations = ['agent', 'transfer'] as const;

/** See {@link expectations}. */
export type Expectation = (typeof expectations)[number];

/** What a test call has shown, part by part. */
export interface Verdict {
  readonly reached: boolean;
  readonly findings: readonly Finding[];
}

/** Judges a test call: the agent was reached when Twilio, the bridge, the trunk and Synthflow all say so. */
export function judge(placed: Leg, records: Records | undefined, expected: Expectation, command: CommandLine): Verdict {
  const calls = command('calls', '--call', records?.callSid ?? placed.sid);
  const look = `${calls}, and docs/runbook.md`;
  const findings = [
    answer(placed, look),
    ...(records === undefined
      ? [failed('/inbound', 'Twilio has no inbound call: did it reach the number?', 'see the number in the Console')]
      : [
          prepared(records, look, command),
          ...agent(records, look),
          synthflow(records, look, calls),
          ...(expected === 'transfer' ? [transfer(records)] : []),
        ]),
  ];
  return { reached: isOk(findings), findings };
}

function answer({ status, start, answered, sid }: Leg, look: string): Finding {
  const subject = 'Twilio';
  if (answered === undefined) return failed(subject, `the call ${sid} was not answered: ${status}`, look);
  return ok(subject, `answered after ${secondsBetween(start, answered)} s`);
}

function prepared({ lines }: Records, look: string, command: CommandLine): Finding {
  const all = lines.map(({ line }) => line);
  const [first] = all.filter(({ event }) => event === 'inbound');
  if (first === undefined) return failed('/inbound', 'wrote no line', command('check'));
  // A word may come before the agent.
  const { event, outcome, reason, prepareMs = 0 } = all.find((line) => line.outcome === 'agent') ?? first;
  if (outcome === 'agent') return ok(`/${event}`, `prepared the call in ${prepareMs} ms`);
  return failed('/inbound', reason === undefined ? `the call got: ${outcome}` : `${outcome}: ${reason}`, look);
}

function agent({ legs, knowsLegs, callSid, lines }: Records, look: string): Finding[] {
  const [{ reached } = { reached: 'nothing' }] = groupCalls(lines);
  if (!knowsLegs) {
    const said = `the bridge says: ${reached}`;
    const unknown = notChecked('trunk', "Twilio's legs could not be read");
    return [unknown, reached === 'agent' ? ok('agent', said) : failed('agent', said, look)];
  }
  const leg = agentLegOf(legs, callSid);
  if (leg === undefined) return [failed('trunk', 'was not dialled', look)];
  const rang = secondsBetween(leg.start, leg.answered ?? leg.end) ?? 0;
  if (leg.answered === undefined) return [failed('trunk', `did not answer in ${rang} s: ${leg.status}`, look)];
  const talked = secondsBetween(leg.answered, leg.end) ?? 0;
  return [
    ok('trunk', `answered after ${rang} s`),
    reached === 'agent'
      ? ok('agent', `talked for ${talked} s`)
      : failed('agent', `its leg lasted ${talked} s, and the bridge says: ${reached}`, look),
  ];
}

function synthflow({ lines, synthflow: known, missing }: Records, look: string, calls: string): Finding {
  const call = known.at(-1);
  const subject = 'Synthflow';
  if (lines.length === 0) return notChecked(subject, 'no line names its call');
  if (call === undefined) return failed(subject, missing.at(-1) ?? 'has no record of the call', look);
  const has = `has the call ${call.id}: ${call.status}`;
  if (lost.includes(call.status)) return failed(subject, has, look);
  if (call.xEi === 'missing' || call.xEi === 'another id') {
    return failed(
      subject,
      `${has}; X-EI: ${call.xEi}, so that it isn't bound to the call`,
      'see INVITE in docs/runbook.md',
    );
  }
  if (call.hasTranscript) return ok(subject, `${has}, with a transcript`);
  return warning(subject, `${has}, without a transcript yet`, `look again in a minute: ${calls}`);
}

/** Milliseconds that are at once, since Twilio's times are whole seconds. */
const tolerance = 1000;

/** Whether the agent transferred the call, and what Twilio did with the agent's leg meanwhile. */
function transfer({ lines, legs, callSid }: Records): Finding {
  const asked = lines.find(({ line }) => line.event === 'transfer');
  const missing = 'see Transfer in docs/runbook.md';
  if (asked === undefined) return failed('transfer', 'the agent asked for none, or Twilio took none', missing);
  if (asked.line.outcome === 'transfer_refused')
    return failed('transfer', `was refused: ${asked.line.reason}`, missing);
  const before = legs.filter(({ start }) => start < asked.time);
  const agentLeg = agentLegOf(before, callSid);
  const isTarget = (leg: Leg): boolean => leg !== agentLeg && leg.start.getTime() >= asked.time.getTime() - tolerance;
  const answered = legs.find((leg) => isTarget(leg) && leg.answered !== undefined)?.answered;
  if (answered === undefined) return failed('transfer', `${asked.line.outcome}: nobody answered`, missing);
  const isSoon = (time: Date | undefined): boolean =>
    time !== undefined && time.getTime() <= asked.time.getTime() + tolerance;
  const mode = isSoon(agentLeg?.end) ? 'Twilio ended the agent at once' : "Twilio kept the agent's leg meanwhile";
  const told = isSoon(answered) ? 'the target answered at once, which hides what Twilio does meanwhile' : mode;
  return ok('transfer', `${asked.line.outcome}; ${told} (docs/decisions/transfers.md)`);
}
