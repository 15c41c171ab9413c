import type { LogLine } from '../../src/assets/log.private';
import type { Records, SynthflowCall, WebhookRequest } from '../../tools/calls/records';
import type { TimedLine } from '../../tools/twilio/deployment';
import type { Leg } from '../../tools/twilio/recorded-leg';

/** So many seconds after the call came in. */
export const second = (seconds: number): Date => new Date(Date.UTC(2026, 0, 2, 3, 4, seconds));

/** The caller's leg: 50 s, answered after 8. */
export const callerLeg = (changes: Partial<Leg> = {}): Leg => ({
  sid: 'CA1',
  parentSid: undefined,
  direction: 'inbound',
  from: '+15550100142',
  to: '+15550100100',
  isJoining: false,
  status: 'completed',
  start: second(0),
  answered: second(8),
  end: second(50),
  ...changes,
});

/** The agent's leg: rings from the third second, talks from the eighth to the fiftieth. */
export const agentLeg = (changes: Partial<Leg> = {}): Leg =>
  callerLeg({
    sid: 'CA2',
    parentSid: 'CA1',
    direction: 'outbound-dial',
    to: 'sip:15550100100@sipin.synthflow.ai:32681',
    start: second(3),
    ...changes,
  });

/** The line with which /inbound prepared the call. */
export const inboundLine = (changes: Partial<LogLine> = {}): TimedLine => ({
  time: second(1),
  line: { event: 'inbound', outcome: 'agent', callSid: 'CA1', synthflowCallId: 'an-id', prepareMs: 210, ...changes },
});

/** The line about the end of the agent's leg. */
export const resultLine = (changes: Partial<LogLine> = {}): TimedLine => ({
  time: second(50),
  line: { event: 'dial-result', outcome: 'completed', stage: 'agent', callSid: 'CA1', seconds: 42, ...changes },
});

/** What Synthflow has of the call. */
export const synthflowCall = (changes: Partial<SynthflowCall> = {}): SynthflowCall => ({
  id: 'an-id',
  status: 'completed',
  endReason: undefined,
  error: undefined,
  hangup: 'callee',
  talkMs: 42_000,
  ringSeconds: 5,
  hasTranscript: true,
  xEi: undefined,
  ...changes,
});

/** A webhook that was answered well. */
export const webhook = (changes: Partial<WebhookRequest> = {}): WebhookRequest => ({
  time: second(0),
  ms: 300,
  method: 'POST',
  path: '/inbound',
  parameters: {},
  httpStatus: 200,
  contentType: 'text/xml',
  body: '<Response/>',
  ...changes,
});

/** A call that reached the agent, as every source has it. */
export const recordsOf = (changes: Partial<Records> = {}): Records => ({
  callSid: 'CA1',
  lines: [inboundLine(), resultLine()],
  call: callerLeg(),
  legs: [agentLeg()],
  knowsLegs: true,
  requests: [webhook()],
  alerts: [],
  synthflow: [synthflowCall()],
  missing: [],
  ...changes,
});
