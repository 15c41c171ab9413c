import { aborted, type Clock } from '../clock';
import type { SipAgent } from '../sip/user-agent';
import type { Recorder } from '../story';
import { type DocumentRequest, fetchDocument } from './document';
import { dialPerson, dialSip, type EndedLeg, type LegContext, type PersonBehaviour } from './leg';
import { voiceParameters } from './parameters';
import { schemaWarnings } from './schema';
import type { Verb } from './twiml';

/** What Twilio plays when neither the webhook nor the fallback URL gives TwiML. */
export const errorVoice = 'We are sorry, an application error has occurred. Goodbye.';

/** A number as it is wired, and the world that the call meets. */
export interface CarrierCall {
  readonly voiceUrl: string;
  /** Asked with GET when no valid TwiML comes; `undefined` when none is set. */
  readonly fallbackUrl: string | undefined;
  readonly caller: string;
  readonly called: string;
  readonly callSid: string;
  readonly forwardedFrom?: string;
  readonly sip: SipAgent;
  /** What the person at a phone number does. */
  readonly person: (number: string) => PersonBehaviour;
  /** Milliseconds that Twilio waits for a webhook; 15,000 unless given. */
  readonly timeoutMs?: number;
  /** When the caller hangs up: seconds after the agent's phone starts to ring, or never. */
  readonly hangsUpAfterSeconds: number | undefined;
  /** Seconds that the caller speaks onto a voicemail; 0 is silence. */
  readonly voicemailSeconds: number;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** Where the call goes on: the next document, or nowhere. */
type Next =
  | { readonly url: string; readonly method: string; readonly parameters: Readonly<Record<string, string>> }
  | 'end';

/** Takes one call as Twilio does, from the webhook to the last verb. */
export async function carry(call: CarrierCall): Promise<void> {
  const { recorder } = call;
  const callerGone = new AbortController();
  let callStatus: 'ringing' | 'in-progress' | 'completed' = 'ringing';
  const state: CallState = {
    callerGone: callerGone.signal,
    status: () => (callerGone.signal.aborted ? 'completed' : callStatus),
    answer: () => {
      if (callStatus === 'ringing') recorder.step('Twilio', 'caller', 'answers the call');
      callStatus = 'in-progress';
    },
    hangUp: () => {
      if (callerGone.signal.aborted) return;
      recorder.step('caller', 'Twilio', 'hangs up');
      callerGone.abort();
    },
  };
  recorder.step('caller', 'Twilio', `dials ${call.called}`);
  let next: Next = { url: call.voiceUrl, method: 'POST', parameters: {} };
  // Twilio follows documents without end; the lab says when a call goes in a circle.
  for (let documents = 0; next !== 'end'; documents += 1) {
    if (documents === 20) throw new Error('the call went through 20 documents: it goes in a circle');
    next = await play(next, call, state);
  }
  if (!callerGone.signal.aborted) recorder.step('Twilio', 'caller', 'ends the call');
}

interface CallState {
  readonly callerGone: AbortSignal;
  status(): string;
  answer(): void;
  hangUp(): void;
}

async function play(next: DocumentRequest, call: CarrierCall, state: CallState): Promise<Next> {
  const verbs = await fetchVerbs(next, call, state);
  if (state.callerGone.aborted) return 'end';
  for (const warning of schemaWarnings(verbs)) call.recorder.warn(12200, warning);
  for (const verb of verbs) {
    const followed = await execute(verb, next.url, call, state);
    call.recorder.hush();
    if (followed !== undefined) return followed;
    if (state.callerGone.aborted) return 'end';
  }
  return 'end';
}

/** The verbs of the document, or of the fallback URL when none came; no verbs when the error voice had to speak. */
async function fetchVerbs(next: DocumentRequest, call: CarrierCall, state: CallState): Promise<readonly Verb[]> {
  const parameters = { ...baseParameters(call, state), ...next.parameters };
  const document = await fetchDocument({ ...next, parameters }, call.recorder, call.timeoutMs);
  if ('verbs' in document) return document.verbs;
  call.recorder.warn(document.code, document.text);
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
  const follow = (
    url: string,
    parameters: Record<string, string>,
    method = verb.attributes.method ?? 'POST',
  ): Next => ({
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

async function dial(
  verb: Verb,
  follow: (url: string, parameters: Record<string, string>, method?: string) => Next,
  call: CarrierCall,
  state: CallState,
): Promise<Next | undefined> {
  const { attributes } = verb;
  const noun = verb.children[0] ?? { name: 'Number', text: verb.text, attributes: {}, children: [] };
  if (attributes.answerOnBridge !== 'true') state.answer();
  call.recorder.hear('ringing');
  const cancelHangUp =
    noun.name === 'Sip' && call.hangsUpAfterSeconds !== undefined
      ? call.clock.after(call.hangsUpAfterSeconds, state.hangUp)
      : undefined;
  const leg: LegContext = {
    // Twilio rings about 5 s longer than the timeout says (twilio.com/docs/voice/twiml/dial).
    ringSeconds: Number(attributes.timeout ?? 30) + 5,
    clock: call.clock,
    callerGone: state.callerGone,
    onAnswer: () => {
      state.answer();
      if (noun.name === 'Sip') call.recorder.hear('the agent');
    },
    transferable: attributes.referUrl !== undefined,
    recorder: call.recorder,
  };
  const ended =
    noun.name === 'Sip'
      ? await dialSip(call.sip, noun.text, leg)
      : await dialPerson(noun.text, call.person(noun.text), leg);
  cancelHangUp?.();
  if (ended.referTo !== undefined && attributes.referUrl !== undefined) {
    return follow(attributes.referUrl, { ReferTransferTarget: ended.referTo }, attributes.referMethod);
  }
  return attributes.action === undefined ? undefined : follow(attributes.action, resultParameters(ended));
}

function resultParameters(ended: EndedLeg): Record<string, string> {
  return {
    DialCallStatus: ended.status,
    DialCallDuration: `${ended.seconds}`,
    DialBridged: `${ended.bridged}`,
    ...(ended.sipStatus !== undefined && { DialSipResponseCode: `${ended.sipStatus}` }),
  };
}
