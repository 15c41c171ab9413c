import { C } from 'jssip';
import { shortNumber } from '../../../lab/labels';
import type { Lane, Recorder } from '../../../lab/story';
import type { LogLine } from '../../../src/assets/log.private';
import type { Answer } from './answers';
import { isSip, type Leg } from './leg';
import type { Request } from './requests';

/** A story while it is told. */
export interface Telling {
  readonly recorder: Recorder;
  /** Goes on to this time, but never back, whatever Twilio's whole seconds say. */
  at(time: Date): void;
  /** Lets milliseconds pass. */
  wait(ms: number): void;
  /** Whether Synthflow says that the caller hung up. */
  readonly isHungUpByCaller: boolean;
  readonly knowsLegs: boolean;
  /** Legs of which nothing was told yet. */
  readonly untold: Leg[];
  /** Legs that ring. */
  ringing: readonly Leg[] | undefined;
  /** The agent's leg once it was answered. */
  agent: Leg | undefined;
  isAnswered: boolean;
  /** Whether a person has answered who is asked to press 1. */
  isPickedUp: boolean;
  hasEnded: boolean;
}

type Way = readonly [from: Lane, to: Lane];
const fromAgent: Way = ['Synthflow SIP', 'Twilio'];
const toAgent: Way = ['Twilio', 'Synthflow SIP'];
const fromPerson: Way = ['person', 'Twilio'];

/** The legs of a Dial ring; without a number of phones, those that rang before the next request. */
export function dial(told: Telling, { dials, phones }: Answer, next: Request | undefined): void {
  const own = told.untold.filter((leg) => isSip(leg) === (dials === 'agent'));
  // Twilio's whole seconds may put the first one behind the request that followed it.
  const latest = (index: number): number => (next?.time.getTime() ?? Number.MAX_SAFE_INTEGER) + (index === 0 ? 999 : 0);
  const before = own.filter(({ start }, index) => start.getTime() <= latest(index));
  const legs = dials === 'phones' && phones === undefined ? before : own.slice(0, phones ?? 1);
  for (const leg of legs) {
    told.untold.splice(told.untold.indexOf(leg), 1);
    told.at(leg.start);
    if (isSip(leg)) told.recorder.step(...toAgent, 'INVITE', leg.to);
    else told.recorder.step('Twilio', 'person', `rings ${shortNumber(leg.to)}`, leg.to);
  }
  if (legs.length > 0) told.recorder.hear('ringing');
  else if (next !== undefined && told.knowsLegs)
    told.recorder.fail('Twilio', dials === 'agent' ? 'Synthflow SIP' : 'person', 'not dialled');
  told.ringing = legs;
}

/** What became of the legs that ring, up to the next request. */
export function settle(told: Telling, next: Request | undefined): void {
  const legs = told.ringing ?? [];
  const taken = legs.find(({ answered }) => answered !== undefined);
  for (const leg of legs) if (leg !== taken && leg.end !== undefined) tellUnanswered(told, leg, leg.end, next);
  if (taken?.answered !== undefined) tellAnswered(told, taken, taken.answered, next);
  else if (told.ringing !== undefined && !told.hasEnded) {
    hearAgentAgain(told, Math.max(0, ...legs.map(({ end }) => end?.getTime() ?? 0)));
  }
  told.ringing = undefined;
  told.isPickedUp = false;
  if (next?.path !== '/transfer') endAgent(told, next?.line);
}

function tellUnanswered(told: Telling, leg: Leg, end: Date, next: Request | undefined): void {
  const { step, fail } = told.recorder;
  told.at(end);
  const seconds = Math.round((end.getTime() - leg.start.getTime()) / 1000);
  const isGone = next?.line?.outcome === 'caller_hung_up';
  if (isGone) hangUp(told);
  else fail(...(isSip(leg) ? fromAgent : fromPerson), failureOf(leg, seconds, next));
  // Twilio cancels what still rings.
  if (isSip(leg) && (isGone || leg.status === 'no-answer')) step(...toAgent, 'CANCEL');
}

function failureOf(leg: Leg, seconds: number, next: Request | undefined): string {
  if (leg.status === 'no-answer') return `no answer in ${seconds} s`;
  if (!isSip(leg)) return leg.status === 'busy' ? 'is busy' : leg.status;
  const status = next?.line?.sipStatus ?? Number(next?.webhook?.parameters.dial_sip_response_code);
  // A status of success is that of another leg.
  return status >= 300 ? `${status} ${C.REASON_PHRASE[status] ?? ''}`.trim() : leg.status;
}

function tellAnswered(told: Telling, leg: Leg, answered: Date, next: Request | undefined): void {
  const { step, hear } = told.recorder;
  told.at(answered);
  if (isSip(leg)) step(...fromAgent, '200 OK');
  else if (!told.isPickedUp) step(...fromPerson, 'answers');
  if (next?.line?.reason === 'not_confirmed') {
    step('Twilio', 'person', 'hangs up');
    return;
  }
  // The agent's leg of a transfer ends once the target has answered.
  if (told.agent !== undefined) step(...toAgent, 'BYE');
  told.agent = isSip(leg) ? leg : undefined;
  answerCall(told);
  hear(isSip(leg) ? 'the agent' : 'a person');
  if (!isSip(leg) && leg.end !== undefined) endPerson(told, leg.end, next);
}

function endPerson(told: Telling, end: Date, next: Request | undefined): void {
  told.at(end);
  if (next?.line?.outcome === 'caller_hung_up') hangUp(told);
  else told.recorder.step(...fromPerson, 'hangs up');
  told.recorder.hush();
}

/** A transfer came to nothing at this time, Unix ms: the caller is with the agent again, unless it has gone. */
export function hearAgentAgain({ agent, recorder }: Telling, time: number): void {
  const end = agent?.end?.getTime() ?? Number.MAX_SAFE_INTEGER;
  if (agent !== undefined && end > time + 1000) recorder.hear('the agent again');
}

/** The leg of an agent ends, unless it goes on. */
function endAgent(told: Telling, line: LogLine | undefined): void {
  if (told.agent?.end === undefined) return;
  told.at(told.agent.end);
  const isCaller = line === undefined ? told.isHungUpByCaller : line.outcome === 'caller_hung_up';
  if (isCaller) hangUp(told);
  told.recorder.step(...(isCaller ? toAgent : fromAgent), 'BYE');
  told.recorder.hush();
  told.agent = undefined;
}

/** The caller's call is answered, unless it was before. */
export function answerCall(told: Telling): void {
  if (!told.isAnswered) told.recorder.step('Twilio', 'caller', 'answers the call');
  told.isAnswered = true;
}

function hangUp(told: Telling): void {
  if (told.hasEnded) return;
  told.recorder.step('caller', 'Twilio', 'hangs up');
  told.hasEnded = true;
}

/** The person whose phone rings has answered, and is asked to press 1. */
export function pickUp(told: Telling): void {
  if (!told.isPickedUp) told.recorder.step(...fromPerson, 'answers');
  told.isPickedUp = true;
}
