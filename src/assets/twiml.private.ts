import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { Call } from './call.private';
import type { Decision, Stage } from './ladder.private';
import type { Speech } from './settings.private';
import type { Destination } from './trunk.private';
import type { Element } from './xml.private';

const { callerIdOf }: typeof import('./call.private') = require(Runtime.getAssets()['/call.js'].path);
const { trunkUri }: typeof import('./trunk.private') = require(Runtime.getAssets()['/trunk.js'].path);
const { writeXml }: typeof import('./xml.private') = require(Runtime.getAssets()['/xml.js'].path);

/** Seconds that a person may need to reach the phone; less than a mobile network's own voicemail waits. */
const personRingSeconds = 25;
/** Seconds of a voicemail. */
const voicemailSeconds = 120;

/** The TwiML of a decision. Every Dial and Record names the stage in its action, since nothing else is remembered. */
export function render(decision: Decision, speech: Speech, call: Call): string {
  return documentOf(verbsOf(decision, speech, call));
}

/**
 * TwiML for when no function can answer; it is rendered at build time, so nothing is known of the call and no action can follow.
 * The message comes first: with no action to tell the outcomes apart, anything after the Dial would also follow a good conversation.
 */
export function renderStatic(number: string | undefined, speech: Speech): string {
  const last =
    number === undefined ? hangup : dial({ timeout: personRingSeconds }, { name: 'Number', content: number });
  return documentOf([say(speech.message, speech), last]);
}

const documentOf = (verbs: readonly Element[]): string => writeXml({ name: 'Response', content: verbs });

function verbsOf(decision: Decision, speech: Speech, call: Call): readonly Element[] {
  switch (decision.outcome) {
    case 'agent':
      return [dialAgent(decision.destination, { ...call, synthflowCallId: decision.synthflowCallId })];
    case 'agent_direct':
      return [dialAgent(decision.destination, { ...call, synthflowCallId: undefined })];
    case 'transfer_sip':
      return [dial({ ...dialTo('transfer', personRingSeconds), ...transferable }, sip(decision.sipUri))];
    case 'transfer_number':
      return [dialPerson(decision.number, decision.stage, call)];
    case 'fallback_number':
      return [dialPerson(decision.number, 'number', call)];
    case 'voicemail':
      // What follows the recording is reached only when the caller said nothing: Twilio asks for no action then.
      return [say(speech.message, speech), record, say(speech.closing, speech), hangup];
    case 'message':
      return [say(speech.message, speech), hangup];
    case 'voicemail_left':
      return [say(speech.closing, speech), hangup];
    case 'completed':
      return [hangup];
    // Stryker disable next-line ConditionalExpression,StringLiteral: without this case there are no verbs either.
    case 'caller_hung_up':
      // Nobody is there to hear anything.
      return [];
  }
}

const resultUrl = (stage: Stage): string => `/dial-result?stage=${stage}`;

const hangup: Element = { name: 'Hangup' };
const record: Element = {
  name: 'Record',
  attributes: { action: resultUrl('voicemail'), maxLength: voicemailSeconds, playBeep: true },
};
const sip = (uri: string): Element => ({ name: 'Sip', content: uri });

/** Without `referUrl` Twilio refuses the agent's transfers (error 13802). */
const transferable = { referUrl: '/transfer' } as const;

function dialTo(stage: Stage, timeout: number) {
  // The caller's leg stays unanswered until somebody is there, so that nobody pays to listen to silence.
  return { answerOnBridge: true, timeout, action: resultUrl(stage) };
}

function dialAgent(
  { trunk, number, ringSeconds, attributes }: Destination,
  ids: Parameters<typeof trunkUri>[2],
): Element {
  return dial({ ...attributes, ...dialTo('agent', ringSeconds), ...transferable }, sip(trunkUri(trunk, number, ids)));
}

function dialPerson(number: string, stage: Stage, call: Call): Element {
  const callerId = callerIdOf(call);
  const attributes = { ...dialTo(stage, personRingSeconds), ...(callerId && { callerId }) };
  return dial(attributes, { name: 'Number', content: number });
}

function dial(attributes: VoiceResponse.DialAttributes, noun: Element): Element {
  return { name: 'Dial', attributes: { ...attributes }, content: [noun] };
}

function say(sentence: string, { language, voice }: Speech): Element {
  return { name: 'Say', attributes: { language, voice }, content: sentence };
}
