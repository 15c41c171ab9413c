import { aborted, type Clock } from '../clock';
import type { SipAgent } from '../sip/user-agent';
import type { Recorder } from '../story';
import { type DocumentRequest, fetchDocument } from './document';
import { dialPerson, dialSip, type EndedLeg, type LegContext, type PersonBehaviour, type SipLeg } from './leg';
import { voiceParameters } from './parameters';
import { schemaWarnings } from './schema';
import type { Verb } from './twiml';

/** What Twilio plays when neither the webhook nor the fallback URL gives TwiML. */
export const errorVoice = 'We are sorry, an application error has occurred. Goodbye.';

/**
 * What Twilio does when the agent asks for a transfer. Its page documents that with `answerOnBridge` the agent's leg
 * stays until the target answers, and that the caller is with the agent again when it does not, or when the referUrl
 * fails (twilio.com/docs/voice/api/refer-to-twilio). It does not say whether the target's action is asked then, nor
 * whose leg a request to the referUrl describes: in the third mode the agent's leg ends first, and is what it describes.
 */
export const transferModes = ['the agent stays', 'the agent stays, action asked', 'the agent leaves'] as const;

/** See {@link transferModes}; the first is the documented one. */
export type TransferMode = (typeof transferModes)[number];

/** A number as it is wired, and the world that the call meets. */
export interface CarrierCall {
  readonly voiceUrl: string;
  /** Asked with GET when no valid TwiML comes; `undefined` when none is set. */
  readonly fallbackUrl: string | undefined;
  readonly caller: string;
  readonly called: string;
  readonly callSid: string;
  readonly forwardedFrom?: string;
  /** The number of the account that is called: besides the caller's own, what Twilio takes as caller id. */
  readonly accountNumber: string;
  readonly sip: SipAgent;
  /** `host:port` of the trunk that stands in for all of Synthflow's SIP hosts. */
  readonly synthflowAt: string;
  /** What the person at a phone number does. */
  readonly person: (number: string) => PersonBehaviour;
  /** Milliseconds that Twilio waits for a webhook; 15,000 unless given. */
  readonly timeoutMs?: number;
  /** When the caller hangs up: seconds after the agent's phone starts to ring, or never. */
  readonly hangsUpAfterSeconds: number | undefined;
  /** Seconds that the caller speaks onto a voicemail; 0 is silence. */
  readonly voicemailSeconds: number;
  readonly transferMode: TransferMode;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** Where the call goes on: the next document, nowhere, or, after a transfer that failed, with the agent. */
type Next = DocumentRequest | 'end' | 'agent again';

/** Takes one call as Twilio does, from the webhook to the last verb. */
export async function carry(call: CarrierCall): Promise<void> {
  const { recorder } = call;
  const callerGone = new AbortController();
  let callStatus: 'ringing' | 'in-progress' | 'completed' = 'ringing';
  let cancelHangUp: (() => void) | undefined;
  let documents = 0;
  const state: CallState = {
    callerGone: callerGone.signal,
    status: () => (callerGone.signal.aborted ? 'completed' : callStatus),
    answer: () => {
      if (callStatus === 'ringing') recorder.step('Twilio', 'caller', 'answers the call');
      callStatus = 'in-progress';
    },
    agentRings: () => {
      if (call.hangsUpAfterSeconds === undefined) return;
      cancelHangUp ??= call.clock.after(call.hangsUpAfterSeconds, () => {
        recorder.step('caller', 'Twilio', 'hangs up');
        callerGone.abort();
      });
    },
    countDocument: () => {
      documents += 1;
      // Twilio follows documents without end; the lab says when a call goes in a circle.
      if (documents > 20) throw new Error('the call went through 20 documents: it goes in a circle');
    },
    heldAgent: undefined,
  };
  recorder.step('caller', 'Twilio', `dials ${call.called}`);
  let next: Next = { url: call.voiceUrl, method: 'POST', parameters: {} };
  while (typeof next === 'object') next = await play(next, call, state);
  cancelHangUp?.();
  if (!callerGone.signal.aborted) recorder.step('Twilio', 'caller', 'ends the call');
}

interface CallState {
  readonly callerGone: AbortSignal;
  status(): string;
  answer(): void;
  /** The agent has started to ring: from now on the seconds count after which the caller hangs up. */
  agentRings(): void;
  countDocument(): void;
  /** The agent who waits for the end of the transfer for which it has asked. */
  readonly heldAgent: SipLeg | undefined;
}

async function play(next: DocumentRequest, call: CarrierCall, state: CallState): Promise<Next> {
  state.countDocument();
  const verbs = await fetchVerbs(next, call, state);
  if (state.callerGone.aborted) return 'end';
  if (verbs === 'none') return 'agent again';
  for (const warning of schemaWarnings(verbs)) call.recorder.warn(12200, warning);
  for (const verb of verbs) {
    const followed = await execute(verb, next.url, call, state);
    call.recorder.hush();
    if (followed !== undefined) return followed;
    if (state.callerGone.aborted) return 'end';
  }
  return 'end';
}

/**
 * The verbs of the document, or of the fallback URL when none came; no verbs when the error voice had to speak.
 * `none` when the document of a transfer did not come, and the agent is still there.
 */
async function fetchVerbs(
  next: DocumentRequest,
  call: CarrierCall,
  state: CallState,
): Promise<readonly Verb[] | 'none'> {
  const parameters = { ...baseParameters(call, state), ...next.parameters };
  const document = await fetchDocument({ ...next, parameters }, call.recorder, call.timeoutMs);
  if ('verbs' in document) return document.verbs;
  call.recorder.warn(document.code, document.text);
  if (state.heldAgent?.isUp()) return 'none';
  if (call.fallbackUrl === undefined) return playErrorVoice(call, state);
  const form = { ...parameters, ErrorCode: `${document.code}`, ErrorUrl: next.url };
  const fallback = await fetchDocument(
    { url: call.fallbackUrl, method: 'GET', parameters: form },
    call.recorder,
    call.timeoutMs,
  );
  return 'verbs' in fallback ? fallback.verbs : playErrorVoice(call, state);
}

function playErrorVoice(call: CarrierCall, state: CallState): readonly Verb[] {
  state.answer();
  call.recorder.hear(`error voice: "${errorVoice}"`);
  return [];
}

function baseParameters(call: CarrierCall, state: CallState): Record<string, string> {
  const forwarded = call.forwardedFrom === undefined ? {} : { ForwardedFrom: call.forwardedFrom };
  return { ...voiceParameters(call.caller, call.called, call.callSid), CallStatus: state.status(), ...forwarded };
}

/** Executes a verb; the next document, or `undefined` to go on with the next verb. */
async function execute(
  verb: Verb,
  documentUrl: string,
  call: CarrierCall,
  state: CallState,
): Promise<Next | undefined> {
  const { recorder, clock } = call;
  const wait = (seconds: number) => Promise.race([clock.pause(seconds), aborted(state.callerGone)]);
  const follow: Follow = (url, parameters, method = verb.attributes.method ?? 'POST') => ({
    url: new URL(url, documentUrl).href,
    method,
    parameters,
  });
  switch (verb.name) {
    case 'Say':
    case 'Play':
      state.answer();
      recorder.hear(verb.name === 'Say' ? `"${verb.text}"` : `plays ${verb.text}`);
      await wait(1);
      return undefined;
    case 'Pause':
      state.answer();
      await wait(Number(verb.attributes.length ?? 1));
      return undefined;
    case 'Record': {
      state.answer();
      recorder.hear('a tone');
      await wait(call.voicemailSeconds || Number(verb.attributes.timeout ?? 5));
      if (call.voicemailSeconds === 0) return undefined;
      recorder.step('caller', 'Twilio', `speaks for ${call.voicemailSeconds} s`);
      const RecordingUrl = 'https://api.twilio.com/recordings/RE0';
      return follow(verb.attributes.action ?? documentUrl, {
        RecordingUrl,
        RecordingDuration: `${call.voicemailSeconds}`,
      });
    }
    case 'Dial':
      return dial(verb, follow, call, state);
    case 'Redirect':
      return follow(verb.text, {});
    case 'Reject':
      recorder.hear(verb.attributes.reason === 'busy' ? 'the busy tone' : 'a rejection');
      return 'end';
    case 'Hangup':
      return 'end';
    default:
      // What Twilio does not know it passes over, and the warning has been given.
      return undefined;
  }
}

type Follow = (url: string, parameters: Record<string, string>, method?: string) => DocumentRequest;

async function dial(verb: Verb, follow: Follow, call: CarrierCall, state: CallState): Promise<Next | undefined> {
  const { attributes } = verb;
  const noun = verb.children[0] ?? { name: 'Number', text: verb.text, attributes: {}, children: [] };
  if (attributes.answerOnBridge !== 'true') state.answer();
  if (noun.name === 'Sip') state.agentRings();
  const context: LegContext = {
    // Twilio rings about 5 s longer than the timeout says (twilio.com/docs/voice/twiml/dial).
    ringSeconds: Number(attributes.timeout ?? 30) + 5,
    clock: call.clock,
    callerGone: state.callerGone,
    onAnswer: () => {
      state.answer();
      state.heldAgent?.notify(200, 'OK');
      state.heldAgent?.hangUp();
    },
    transferable: attributes.referUrl !== undefined,
    recorder: call.recorder,
  };
  const leg =
    noun.name === 'Sip'
      ? await dialSip(call.sip, noun.text, call.synthflowAt, context)
      : await callPerson(noun.text, attributes.callerId, context, call);
  const next = 'talk' in leg ? await converse(leg, verb, follow, call, state) : leg;
  if (next === 'end' || next === 'agent again' || 'url' in next) return next;

  if (state.heldAgent?.isUp()) {
    if (call.transferMode === 'the agent stays' && !state.callerGone.aborted) return 'agent again';
    state.heldAgent.hangUp();
  }
  return attributes.action === undefined ? undefined : follow(attributes.action, resultParameters(next));
}

/** Rings a person, if Twilio takes the caller id (twilio.com/docs/voice/twiml/dial). */
async function callPerson(
  number: string,
  callerId: string | undefined,
  context: LegContext,
  { caller, called, accountNumber, person, recorder }: CarrierCall,
): Promise<EndedLeg> {
  const isPhone = !/^(sip|client|whatsapp):/i.test(caller);
  // For a caller who isn't at a phone, neither party's address counts.
  const allowed = isPhone ? [undefined, caller, called, accountNumber] : [accountNumber];
  if (allowed.includes(callerId)) return dialPerson(number, person(number), context);
  recorder.warn(13214, `the caller id ${callerId ?? caller} is not allowed`);
  return { status: 'failed', seconds: 0, bridged: false };
}

/** The caller talks with an agent until the leg has ended, or the call goes on elsewhere with a transfer. */
async function converse(
  agent: SipLeg,
  { attributes }: Verb,
  follow: Follow,
  call: CarrierCall,
  state: CallState,
): Promise<EndedLeg | Next> {
  call.recorder.hear('the agent');
  for (;;) {
    const event = await agent.talk();
    if (event === 'ended' || attributes.referUrl === undefined) {
      agent.hangUp();
      return agent.result();
    }
    const parameters = { ReferTransferTarget: event.referTo };
    const request = follow(attributes.referUrl, parameters, attributes.referMethod);
    if (call.transferMode === 'the agent leaves') {
      agent.hangUp();
      const ofAgentLeg = { To: agent.uri, Called: agent.uri, CallStatus: 'completed', Direction: 'outbound-dial' };
      return { ...request, parameters: { ...ofAgentLeg, ...parameters } };
    }
    let next: Next = request;
    while (typeof next === 'object' && agent.isUp()) next = await play(next, call, { ...state, heldAgent: agent });
    if (next !== 'agent again') {
      agent.hangUp();
      return next;
    }
    agent.notify(503, 'Service Unavailable');
    call.recorder.hear('the agent again');
  }
}

function resultParameters(ended: EndedLeg): Record<string, string> {
  return {
    DialCallStatus: ended.status,
    DialCallDuration: `${ended.seconds}`,
    DialBridged: `${ended.bridged}`,
    ...(ended.sipStatus !== undefined && { DialSipResponseCode: `${ended.sipStatus}` }),
  };
}
