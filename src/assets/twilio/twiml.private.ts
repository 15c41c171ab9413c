import VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { Decision } from '../decision.private';
import type { Phone } from '../route.private';
import type { Settings, Speech } from '../settings.private';
import { type Destination, trunkUri } from '../synthflow/trunk.private';
import { type Call, callerIdOf } from './call.private';

/** Seconds that Synthflow has to join the caller to a person. */
const joinRingSeconds = 20;
/** Seconds of the shortest ring that Twilio allows. */
const shortestRingSeconds = 5;
/** An address that nobody has. A Dial to it fails at once (warning 13254): `.invalid` never resolves (RFC 6761). */
const nobody = 'sip:refused@transfer.invalid';
/** Seconds of the longest voicemail. */
const voicemailSeconds = 120;

/** The settings that TwiML needs. */
type RenderSettings = Pick<Settings, 'speech' | 'callerId'>;

/** The TwiML of a decision. Every Dial and Record names its step in the action URL, since nothing else is remembered. */
export function render(decision: Decision, settings: RenderSettings, call: Call): string {
  return respond(decision, settings, call).toString();
}

/**
 * TwiML for when no function can answer. It is rendered at build time, so nothing of the call is in it and no action
 * can follow. The message comes first: without an action, what follows the Dial would also follow a conversation.
 */
export function renderStatic(phone: Phone | undefined, { speech, callerId }: RenderSettings): string {
  const response = say(new VoiceResponse(), speech.message, speech);
  if (phone === undefined) return hangUp(response).toString();
  response.dial({ timeout: phone.ringSeconds, ...(callerId && { callerId }) }).number(phone.number);
  return response.toString();
}

function respond(decision: Decision, { speech, callerId }: RenderSettings, call: Call): VoiceResponse {
  const response = new VoiceResponse();
  const at = (step: number, stage?: 'transfer'): EndedStep => ({ step, stage });
  switch (decision.outcome) {
    case 'agent':
    case 'agent_direct':
      return dialAgent(response, decision.destination, at(decision.step), call, decision);
    case 'transfer_sip':
      return dialSip(
        response,
        decision.sipUri,
        at(decision.step),
        call,
        dialTo(at(decision.step, 'transfer'), call, joinRingSeconds),
      );
    case 'transfer_refused':
      // After a Dial that nobody answers, Twilio leaves the caller with the agent (docs/decisions/transfers.md).
      response.dial(dialTo(at(decision.step, 'transfer'), call, shortestRingSeconds)).sip(nobody);
      return response;
    case 'transfer_number':
      return dialPhones(response, [decision.phone], at(decision.step, 'transfer'), call, callerId);
    case 'person':
      return dialPhones(response, decision.phones, at(decision.step), call, callerId);
    case 'voicemail':
      return record(response, at(decision.step), decision.isLast, call, speech);
    case 'message':
      return hangUp(say(response, speech.message, speech));
    case 'voicemail_left':
      return hangUp(say(response, speech.closing, speech));
    case 'completed':
      return hangUp(response);
    case 'refused':
      // Costs nothing, because the call is never answered.
      response.reject();
      return response;
    case 'caller_hung_up':
      // Nobody is there to hear anything.
      return response;
  }
}

/** The step that has ended when our action URL is asked. */
interface EndedStep {
  readonly step: number;
  readonly stage: 'transfer' | undefined;
}

/** Where Twilio goes on after a step. After a transfer, the URL hands the called number on. */
function actionUrl({ step, stage }: EndedStep, { parameters: { called } }: Call): string {
  const query = { step: `${step}`, ...(stage && { stage }), ...(called !== undefined && { called }) };
  return `/dial-result?${new URLSearchParams(query)}`;
}

function dialTo(ended: EndedStep, call: Call, timeout: number): VoiceResponse.DialAttributes {
  // The caller's leg stays unanswered until somebody is there, so that nobody pays to listen to silence.
  return { answerOnBridge: true, timeout, action: actionUrl(ended, call) };
}

function dialAgent(
  response: VoiceResponse,
  { trunk, number, ringSeconds, attributes }: Destination,
  ended: EndedStep,
  call: Call,
  { synthflowCallId, headers }: { readonly synthflowCallId?: string; readonly headers?: string },
): VoiceResponse {
  const { callSid, forwardedFrom } = call;
  const sipUri = trunkUri(trunk, number, { synthflowCallId, callSid, forwardedFrom }, headers);
  return dialSip(response, sipUri, ended, call, { ...attributes, ...dialTo(ended, call, ringSeconds) });
}

function dialSip(
  response: VoiceResponse,
  sipUri: string,
  { step }: EndedStep,
  { to }: Call,
  attributes: VoiceResponse.DialAttributes,
): VoiceResponse {
  // Without `referUrl` Twilio refuses the agent's transfers (error 13802).
  const referUrl = `/transfer?${new URLSearchParams({ step: `${step}`, called: to })}`;
  response.dial({ ...attributes, referUrl }).sip(sipUri);
  return response;
}

function dialPhones(
  response: VoiceResponse,
  phones: readonly Phone[],
  ended: EndedStep,
  call: Call,
  configuredCallerId: string | undefined,
): VoiceResponse {
  const callerId = callerIdOf(call, configuredCallerId);
  const ringSeconds = Math.max(...phones.map((phone) => phone.ringSeconds));
  const dial = response.dial({ ...dialTo(ended, call, ringSeconds), ...(callerId && { callerId }) });
  // All ring at once, and the first to answer gets the call (twilio.com/docs/voice/twiml/number).
  for (const { number, sendDigits } of phones) dial.number({ ...(sendDigits && { sendDigits }) }, number);
  return response;
}

function record(response: VoiceResponse, ended: EndedStep, isLast: boolean, call: Call, speech: Speech): VoiceResponse {
  const action = actionUrl(ended, call);
  say(response, speech.voicemailMessage, speech);
  response.record({ action, maxLength: voicemailSeconds, playBeep: true });
  // Reached only when the caller said nothing: Twilio requests no action then.
  if (isLast) return hangUp(say(response, speech.closing, speech));
  response.redirect(action);
  return response;
}

function say(response: VoiceResponse, sentence: string, { language, voice }: Speech): VoiceResponse {
  response.say({ ...(language && { language }), ...(voice && { voice }) }, sentence);
  return response;
}

function hangUp(response: VoiceResponse): VoiceResponse {
  response.hangup();
  return response;
}
