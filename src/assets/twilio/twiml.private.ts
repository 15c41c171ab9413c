import VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { Decision } from '../ladder.private';
import type { Settings, Speech } from '../settings.private';
import { type Destination, trunkUri } from '../synthflow/trunk.private';
import { type Call, callerIdOf } from './call.private';
import type { Stage } from './leg.private';

/**
 * Seconds that a person has to answer, without the 5 that Twilio adds to every Dial (twilio.com/docs/voice/twiml/dial):
 * short enough that a mobile network's voicemail doesn't answer first.
 */
const personRingSeconds = 20;
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

/** The TwiML of a decision. Every Dial and Record names its stage in the action URL, since nothing else is remembered. */
export function render(decision: Decision, settings: RenderSettings, call: Call): string {
  return respond(decision, settings, call).toString();
}

/**
 * TwiML for when no function can answer. It is rendered at build time, so nothing of the call is in it and no action
 * can follow. The message comes first: without an action, what follows the Dial would also follow a conversation.
 */
export function renderStatic(number: string | undefined, { speech, callerId }: RenderSettings): string {
  const response = say(new VoiceResponse(), speech.message, speech);
  if (number === undefined) return hangUp(response).toString();
  response.dial({ timeout: personRingSeconds, ...(callerId && { callerId }) }).number(number);
  return response.toString();
}

function respond(decision: Decision, { speech, callerId }: RenderSettings, call: Call): VoiceResponse {
  const response = new VoiceResponse();
  switch (decision.outcome) {
    case 'agent':
      return dialAgent(response, decision.destination, call, decision.synthflowCallId);
    case 'agent_direct':
      return dialAgent(response, decision.destination, call, undefined);
    case 'transfer_sip':
      return dialSip(response, decision.sipUri, call, dialTo('transfer', call, joinRingSeconds));
    case 'transfer_refused':
      // After a Dial that nobody answers, Twilio leaves the caller with the agent (docs/decisions/transfers.md).
      response.dial(dialTo('transfer', call, shortestRingSeconds)).sip(nobody);
      return response;
    case 'transfer_number':
      return dialPerson(response, decision.number, decision.stage, call, callerId);
    case 'fallback_number':
      return dialPerson(response, decision.number, 'number', call, callerId);
    case 'voicemail':
      return record(response, call, speech);
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

/** Where Twilio goes on after a leg of this stage. After a transfer, the URL hands the called number on. */
function actionUrl(stage: Stage, { parameters: { called } }: Call): string {
  return `/dial-result?${new URLSearchParams({ stage, ...(called !== undefined && { called }) })}`;
}

function dialTo(stage: Stage, call: Call, timeout: number): VoiceResponse.DialAttributes {
  // The caller's leg stays unanswered until somebody is there, so that nobody pays to listen to silence.
  return { answerOnBridge: true, timeout, action: actionUrl(stage, call) };
}

function dialAgent(
  response: VoiceResponse,
  { trunk, number, ringSeconds, attributes }: Destination,
  call: Call,
  synthflowCallId: string | undefined,
): VoiceResponse {
  const { callSid, forwardedFrom } = call;
  const sipUri = trunkUri(trunk, number, { synthflowCallId, callSid, forwardedFrom });
  return dialSip(response, sipUri, call, { ...attributes, ...dialTo('agent', call, ringSeconds) });
}

function dialSip(
  response: VoiceResponse,
  sipUri: string,
  { to }: Call,
  attributes: VoiceResponse.DialAttributes,
): VoiceResponse {
  // Without `referUrl` Twilio refuses the agent's transfers (error 13802).
  response.dial({ ...attributes, referUrl: `/transfer?${new URLSearchParams({ called: to })}` }).sip(sipUri);
  return response;
}

function dialPerson(
  response: VoiceResponse,
  number: string,
  stage: Stage,
  call: Call,
  configuredCallerId: string | undefined,
): VoiceResponse {
  const callerId = callerIdOf(call, configuredCallerId);
  response.dial({ ...dialTo(stage, call, personRingSeconds), ...(callerId && { callerId }) }).number(number);
  return response;
}

function record(response: VoiceResponse, call: Call, speech: Speech): VoiceResponse {
  say(response, speech.message, speech);
  response.record({ action: actionUrl('voicemail', call), maxLength: voicemailSeconds, playBeep: true });
  // Reached only when the caller said nothing: Twilio requests no action then.
  return hangUp(say(response, speech.closing, speech));
}

function say(response: VoiceResponse, sentence: string, { language, voice }: Speech): VoiceResponse {
  response.say({ ...(language && { language }), ...(voice && { voice }) }, sentence);
  return response;
}

function hangUp(response: VoiceResponse): VoiceResponse {
  response.hangup();
  return response;
}
