import type { LogLine } from '../../src/assets/log.private';
import { domain, type StandIn } from './twilio-api';
import { type StandInCall, type StandInEvent, sidOf } from './twilio-state';

/** A leg, in seconds after the call came in; without `answered`, nobody did. */
interface RecordedLeg {
  readonly to: 'agent' | `+${string}`;
  readonly status: 'completed' | 'busy' | 'no-answer' | 'failed';
  readonly start: number;
  readonly answered?: number;
  readonly end: number;
}

/** A log line, its seconds after the call came in, and the webhook that it belongs to. */
type RecordedLine = Omit<LogLine, 'callSid'> & { readonly at: number };

/** What the platforms have on record of a call, written by hand after their documents. */
interface RecordedCall {
  /** Seconds of the caller's leg, of which it was answered for `talked`. */
  readonly seconds: number;
  readonly talked: number;
  readonly legs: readonly RecordedLeg[];
  readonly lines: readonly RecordedLine[];
  /** Whether Synthflow has prepared it, and for how long its agent talked; 0 is a call that nobody answered. */
  readonly agentSeconds?: number;
}

const person = '+15550100190';
const sales = '+15550100191';
const prepared = { event: 'inbound', outcome: 'agent', step: 0, httpStatus: 200, prepareMs: 210, attempts: 1 } as const;
const ended = { event: 'dial-result', stage: 'agent' } as const;

/** Calls by what happened. */
export const recordedCalls = {
  answered: {
    seconds: 9,
    talked: 6,
    legs: [{ to: 'agent', status: 'completed', start: 1, answered: 3, end: 8 }],
    lines: [
      { at: 0, ...prepared },
      { at: 8, ...ended, outcome: 'completed', seconds: 5 },
    ],
    agentSeconds: 5,
  },
  outage: {
    seconds: 14,
    talked: 10,
    legs: [{ to: person, status: 'completed', start: 1, answered: 3, end: 13 }],
    lines: [
      { at: 0, event: 'inbound', outcome: 'person', reason: 'outage', missedAgent: true, step: 1, prepareMs: 200 },
      { at: 13, event: 'dial-result', stage: 'person', outcome: 'completed', seconds: 10 },
    ],
  },
  'agent-busy': {
    seconds: 14,
    talked: 10,
    legs: [
      { to: 'agent', status: 'busy', start: 1, end: 1 },
      { to: person, status: 'completed', start: 2, answered: 4, end: 13 },
    ],
    lines: [
      { at: 0, ...prepared },
      { at: 1, ...ended, outcome: 'person', reason: 'busy', missedAgent: true, step: 1, sipStatus: 486 },
      { at: 13, event: 'dial-result', stage: 'person', outcome: 'completed', seconds: 9 },
    ],
    agentSeconds: 0,
  },
  'agent-drops': {
    seconds: 14,
    talked: 13,
    legs: [
      { to: 'agent', status: 'completed', start: 1, answered: 1, end: 1 },
      { to: person, status: 'completed', start: 2, answered: 4, end: 13 },
    ],
    lines: [
      { at: 0, ...prepared },
      { at: 1, ...ended, outcome: 'person', reason: 'not_connected', missedAgent: true, step: 1, seconds: 0 },
      { at: 13, event: 'dial-result', stage: 'person', outcome: 'completed', seconds: 9 },
    ],
    agentSeconds: 0,
  },
  /** No function answered, and `/fallback.xml` rang the person. */
  'function-gone': {
    seconds: 14,
    talked: 13,
    legs: [{ to: person, status: 'completed', start: 2, answered: 4, end: 13 }],
    lines: [],
  },
  transfer: {
    seconds: 20,
    talked: 17,
    legs: [
      { to: 'agent', status: 'completed', start: 1, answered: 3, end: 9 },
      { to: sales, status: 'completed', start: 6, answered: 9, end: 19 },
    ],
    lines: [
      { at: 0, ...prepared },
      { at: 5, event: 'transfer', stage: 'agent', outcome: 'transfer_number', step: 0 },
      { at: 19, event: 'dial-result', stage: 'transfer', outcome: 'completed', seconds: 10 },
    ],
    agentSeconds: 6,
  },
  'transfer-busy': {
    seconds: 13,
    talked: 10,
    legs: [
      { to: 'agent', status: 'completed', start: 1, answered: 3, end: 12 },
      { to: sales, status: 'busy', start: 6, end: 6 },
    ],
    lines: [
      { at: 0, ...prepared },
      { at: 5, event: 'transfer', stage: 'agent', outcome: 'transfer_number', step: 0 },
      { at: 12, ...ended, outcome: 'completed', seconds: 9 },
    ],
    agentSeconds: 9,
  },
  'transfer-refused': {
    seconds: 13,
    talked: 10,
    legs: [{ to: 'agent', status: 'completed', start: 1, answered: 3, end: 12 }],
    lines: [
      { at: 0, ...prepared },
      { at: 5, event: 'transfer', stage: 'agent', outcome: 'transfer_refused', reason: 'number_not_allowed', step: 0 },
      { at: 12, ...ended, outcome: 'completed', seconds: 9 },
    ],
    agentSeconds: 9,
  },
} as const satisfies Readonly<Record<string, RecordedCall>>;

/** See {@link recordedCalls}. */
export type RecordedName = keyof typeof recordedCalls;

/** Who called whom, and when. */
export interface Recording {
  readonly placed: Date;
  readonly caller?: string;
  readonly called?: string;
}

/** Twilio's API has whole seconds. */
const rfc2822 = (time: Date): string => time.toUTCString().replace('GMT', '+0000');
let count = 0;

/** Puts a call on record at both platforms, and returns its CallSid. Twilio shows webhooks 15 minutes after the end. */
export function record(api: StandIn, name: RecordedName, { placed, ...parties }: Recording): string {
  const { caller = '+15550100142', called = '+15550100100' } = parties;
  const { seconds, talked, legs, lines, agentSeconds }: RecordedCall = recordedCalls[name];
  count += 1;
  const callSid = sidOf('CA', count * 100);
  const synthflowCallId = `synthflow-${count}`;
  const at = (second: number): Date => new Date(placed.getTime() + second * 1000);
  const legOf = (start: number, end: number, answered: number): Omit<StandInCall, 'sid' | 'to' | 'status'> => ({
    parent_call_sid: callSid,
    direction: 'outbound-dial',
    from: caller,
    date_created: rfc2822(at(start)),
    start_time: rfc2822(at(start)),
    end_time: rfc2822(at(end)),
    duration: `${answered}`,
  });
  const own = { ...legOf(0, seconds, talked), parent_call_sid: null, direction: 'inbound', status: 'completed' };
  api.calls.push({ ...own, sid: callSid, to: called });
  for (const [index, { to, status, start, end, answered = end }] of legs.entries()) {
    const sid = sidOf('CA', count * 100 + index + 1);
    const sip = `sip:${called}@sip.eu.synthflow.ai:32681?X-EI=S.${synthflowCallId}%3B`;
    api.calls.push({ ...legOf(start, end, end - answered), sid, status, to: to === 'agent' ? sip : to });
  }
  for (const { at: second, ...line } of lines) {
    const ids = line.event === 'inbound' && agentSeconds !== undefined ? { synthflowCallId } : {};
    const message = JSON.stringify({
      ...line,
      ...ids,
      callSid,
      from: `…${caller.slice(-4)}`,
      to: `…${called.slice(-4)}`,
    });
    api.logs.push({ message, date_created: at(second).toISOString() });
  }
  const isShown = Date.now() - placed.getTime() > 16 * 60_000;
  if (isShown) api.events[callSid] = lines.map((line) => eventOf(line, at(line.at), { caller, called, callSid }));
  if (agentSeconds === undefined) return callSid;
  api.synthflow.calls[synthflowCallId] = {
    call_id: synthflowCallId,
    status: agentSeconds > 0 ? 'completed' : 'no-answer',
    end_call_reason: agentSeconds > 0 ? 'human_goodbye' : null,
    telephony_hangup: 'callee',
    telephony_duration: agentSeconds * 1000,
    telephony_ringing_duration: 0,
    error_message: null,
    transcript: agentSeconds > 0 ? 'bot: Hello. human: Goodbye.' : '',
  };
  return callSid;
}

/** An event as Twilio documents it, with snake-case parameters (twilio.com/docs/voice/api/call-event-resource). */
function eventOf(
  { event }: RecordedLine,
  time: Date,
  { caller, called, callSid }: Readonly<Record<'caller' | 'called' | 'callSid', string>>,
): StandInEvent {
  return {
    request: {
      method: 'POST',
      url: `https://${domain}/${event}`,
      parameters: { call_sid: callSid, from: caller, caller, to: called, called },
    },
    response: {
      date_created: rfc2822(time),
      request_duration: 250,
      response_code: 200,
      content_type: 'text/xml',
      response_body: '<Response><Hangup/></Response>',
    },
  };
}

/** The whole second that was this many minutes ago. */
export const minutesAgo = (minutes: number): Date => new Date((Math.floor(Date.now() / 1000) - minutes * 60) * 1000);
