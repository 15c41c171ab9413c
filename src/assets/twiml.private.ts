import type { Call } from './call.private';
import type { Decision, Stage } from './ladder.private';
import type { Speech } from './settings.private';
import type { Destination } from './trunk.private';

const { callerIdOf }: typeof import('./call.private') = require(Runtime.getAssets()['/call.js'].path);
const { trunkUri }: typeof import('./trunk.private') = require(Runtime.getAssets()['/trunk.js'].path);

import VoiceResponse = require('twilio/lib/twiml/VoiceResponse');

/** Seconds that a person may need to reach the phone; less than a mobile network's own voicemail waits. */
const personRingSeconds = 25;
/** Seconds of a voicemail. */
const voicemailSeconds = 120;

/** The TwiML of a decision. Every Dial and Record names the stage in its action, since nothing else is remembered. */
export function render(decision: Decision, speech: Speech, call: Call): string {
  const response = new VoiceResponse();
  // Nobody is there to hear anything after `caller_hung_up`.
  switch (decision.outcome) {
    case 'agent':
      dialAgent(response, decision.destination, { ...call, synthflowCallId: decision.synthflowCallId });
      break;
    case 'agent_direct':
      dialAgent(response, decision.destination, { ...call, synthflowCallId: undefined });
      break;
    case 'transfer_sip':
      response.dial({ ...dialTo('transfer', personRingSeconds), ...transferable }).sip(decision.sipUri);
      break;
    case 'transfer_number':
      dialPerson(response, decision.number, decision.stage, call);
      break;
    case 'fallback_number':
      dialPerson(response, decision.number, 'number', call);
      break;
    case 'voicemail':
      say(response, speech.message, speech);
      response.record({ action: resultUrl('voicemail'), maxLength: voicemailSeconds, playBeep: true });
      // Reached only when the caller said nothing: Twilio asks for no action then.
      sayAndHangUp(response, speech.closing, speech);
      break;
    case 'message':
      sayAndHangUp(response, speech.message, speech);
      break;
    case 'voicemail_left':
      sayAndHangUp(response, speech.closing, speech);
      break;
    case 'completed':
      response.hangup();
      break;
  }
  return response.toString();
}

/**
 * TwiML for when no function can answer; it is rendered at build time, so nothing is known of the call and no action can follow.
 * The message comes first: with no action to tell the outcomes apart, anything after the Dial would also follow a good conversation.
 */
export function renderStatic(number: string | undefined, speech: Speech): string {
  const response = new VoiceResponse();
  say(response, speech.message, speech);
  if (number === undefined) response.hangup();
  else response.dial({ timeout: personRingSeconds }).number(number);
  return response.toString();
}

const resultUrl = (stage: Stage): string => `/dial-result?stage=${stage}`;

/** Without `referUrl` Twilio refuses the agent's transfers (error 13802). */
const transferable = { referUrl: '/transfer' } as const;

function dialTo(stage: Stage, timeout: number) {
  // The caller's leg stays unanswered until somebody is there, so that nobody pays to listen to silence.
  return { answerOnBridge: true, timeout, action: resultUrl(stage) };
}

function dialAgent(response: VoiceResponse, destination: Destination, ids: Parameters<typeof trunkUri>[2]): void {
  const { trunk, number, ringSeconds, attributes } = destination;
  const dial = response.dial({ ...attributes, ...dialTo('agent', ringSeconds), ...transferable });
  dial.sip(trunkUri(trunk, number, ids));
}

function dialPerson(response: VoiceResponse, number: string, stage: Stage, call: Call): void {
  const callerId = callerIdOf(call);
  const dial = response.dial({ ...dialTo(stage, personRingSeconds), ...(callerId && { callerId }) });
  dial.number(number);
}

function sayAndHangUp(response: VoiceResponse, sentence: string, speech: Speech): void {
  say(response, sentence, speech);
  response.hangup();
}

function say(response: VoiceResponse, sentence: string, { language, voice }: Speech): void {
  response.say({ ...(language && { language }), ...(voice && { voice }) }, sentence);
}
