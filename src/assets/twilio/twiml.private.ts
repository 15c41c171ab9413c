import VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import type { Decision } from '../decision.private';
import type { Phone, Word } from '../route.private';
import type { Settings, Speech } from '../settings.private';
import { type Destination, trunkUri } from '../synthflow/trunk.private';
import { type Call, callerIdOf } from './call.private';
import { type OwnUrl, writeOwnUrl } from './own-url.private';

/** Seconds that Synthflow has to join the caller to a person. */
const joinSeconds = 20;
/** Seconds of the shortest ring that Twilio allows. */
const shortestRingSeconds = 5;
/** An address that nobody has. A Dial to it fails at once (warning 13254): `.invalid` never resolves (RFC 6761). */
const nobody = 'sip:refused@transfer.invalid';
/** Seconds of the longest voicemail, and of the silence that ends it. */
const voicemailSeconds = 120;
const silenceSeconds = 10;
/** Seconds that a person has to press a key. */
const confirmSeconds = 10;

type DialAttributes = VoiceResponse.DialAttributes;

/** The settings that TwiML needs. */
type RenderSettings = Pick<Settings, 'speech' | 'callerId' | 'notifyUrl' | 'hours'>;

/** An answer that is being written, and what its verbs need. */
interface Answer {
  readonly response: VoiceResponse;
  readonly settings: RenderSettings;
  readonly call: Call;
}

/** The TwiML of a decision. Every Dial and Record names its step in the action URL: nothing else remembers it. */
export function render(decision: Decision, settings: RenderSettings, call: Call): string {
  return respond({ response: new VoiceResponse(), settings, call }, decision).toString();
}

function respond(answer: Answer, decision: Decision): VoiceResponse {
  const { response, settings } = answer;
  const { speech } = settings;
  switch (decision.outcome) {
    case 'agent':
    case 'agent_direct':
      return dialAgent(answer, decision.step, decision.destination, decision);
    case 'transfer_sip':
      return dialSip(answer, decision.step, decision.sipUri, dialTo(answer, joinSeconds, transfer(decision)));
    case 'transfer_refused':
      // After a Dial that nobody answers, Twilio leaves the caller with the agent (docs/decisions/transfers.md).
      response.dial(dialTo(answer, shortestRingSeconds, transfer(decision))).sip(nobody);
      return response;
    case 'transfer_number':
      return dialPhones(answer, [decision.phone], transfer(decision));
    case 'person':
      return dialPhones(answer, decision.phones, { step: decision.step, stage: 'person' });
    case 'voicemail':
      return record(answer, decision.step);
    case 'word':
      return speak(answer, decision.step, decision.reason, decision.word);
    case 'message':
      return sayLast(response, speech.message, speech);
    case 'voicemail_left':
      return sayLast(response, speech.closing, speech);
    case 'completed':
    case 'not_confirmed':
      response.hangup();
      return response;
    case 'confirm_asked':
      return askToConfirm(answer);
    case 'confirmed':
      // At the end of the document, Twilio connects the person with the caller.
      return response;
    case 'refused':
      // Costs nothing, because the call is never answered.
      response.reject();
      return response;
    case 'caller_hung_up':
    case 'voicemail_delivered':
    case 'voicemail_silent':
    case 'voicemail_undelivered':
      // Nobody is there to hear anything.
      return response;
  }
}

/** The leg of a transfer from this step. */
const transfer = ({ step }: { readonly step: number }): OwnUrl => ({ step, stage: 'transfer' });

/** One of our own URLs, for this call. */
function ownUrl(path: string, { settings, call }: Answer, url: OwnUrl): string {
  const { hasTalked } = call.own;
  return writeOwnUrl(path, { ...url, hasTalked, isClosed: settings.hours === 'closed', called: call.to });
}

/** The attributes of every Dial; `leg` names it in the action URL. */
function dialTo(answer: Answer, timeout: number, leg: OwnUrl): DialAttributes {
  // The caller's leg stays unanswered until somebody is there, so that nobody pays to listen to silence.
  return { answerOnBridge: true, timeout, action: ownUrl('/dial-result', answer, leg) };
}

function dialAgent(
  answer: Answer,
  step: number,
  { trunk, number, ringSeconds, attributes }: Destination,
  { synthflowCallId, headers }: { readonly synthflowCallId?: string; readonly headers?: string },
): VoiceResponse {
  const { callSid, forwardedFrom } = answer.call;
  const sipUri = trunkUri(trunk, number, { synthflowCallId, callSid, forwardedFrom }, headers);
  return dialSip(answer, step, sipUri, { ...attributes, ...dialTo(answer, ringSeconds, { step, stage: 'agent' }) });
}

function dialSip(answer: Answer, step: number, sipUri: string, dial: DialAttributes): VoiceResponse {
  // Without `referUrl` Twilio refuses the agent's transfers (error 13802).
  const referUrl = ownUrl('/transfer', answer, { step });
  answer.response.dial({ ...dial, referUrl }).sip(sipUri);
  return answer.response;
}

function dialPhones(answer: Answer, phones: readonly Phone[], leg: OwnUrl): VoiceResponse {
  const { response, settings, call } = answer;
  const callerId = callerIdOf(call, settings.callerId);
  const ringSeconds = Math.max(...phones.map((phone) => phone.ringSeconds));
  const isConfirmed = phones.some(({ confirm }) => confirm);
  const attributes = dialTo(answer, ringSeconds, { ...leg, isConfirmed });
  const dial = response.dial({ ...attributes, ...(callerId && { callerId }) });
  // All ring at once, and the first who is connected gets the call (twilio.com/docs/voice/twiml/number).
  // Twilio requests the url on the leg of a person who has answered; the caller hears ringing meanwhile.
  const url = ownUrl('/confirm', answer, {});
  for (const { number, confirm, sendDigits } of phones) {
    dial.number({ ...(confirm && { url }), ...(sendDigits && { sendDigits }) }, number);
  }
  return response;
}

function askToConfirm({ response, settings: { speech } }: Answer): VoiceResponse {
  // Twilio brings the key to this document's own URL.
  say(response.gather({ numDigits: 1, timeout: confirmSeconds }), speech.confirmMessage, speech);
  // Reached only without a key.
  response.hangup();
  return response;
}

function record(answer: Answer, step: number): VoiceResponse {
  const { response, settings, call } = answer;
  const { speech, notifyUrl } = settings;
  const action = ownUrl('/dial-result', answer, { step, stage: 'voicemail' });
  // Twilio sends no parties with a recording.
  const whenReady = ownUrl('/voicemail', answer, { caller: call.from });
  say(response, speech.voicemailMessage, speech);
  response.record({
    action,
    maxLength: voicemailSeconds,
    timeout: silenceSeconds,
    finishOnKey: '#',
    playBeep: true,
    ...(notifyUrl && { recordingStatusCallback: whenReady }),
  });
  // Reached only when the caller said nothing, and Twilio requests no action for that.
  response.redirect(action);
  return response;
}

function speak(
  answer: Answer,
  step: number,
  reason: string | undefined,
  { verb, content, waitSeconds }: Word,
): VoiceResponse {
  const { response, settings } = answer;
  if (verb === 'say') say(response, content, settings.speech);
  else response.play(content);
  if (waitSeconds !== undefined) response.pause({ length: waitSeconds });
  // What comes next is decided then: nothing documents how long a prepared call lives.
  response.redirect(ownUrl('/dial-result', answer, { step, stage: 'word', reason }));
  return response;
}

function say(parent: Pick<VoiceResponse, 'say'>, sentence: string, { language, voice }: Speech): void {
  parent.say({ ...(language && { language }), ...(voice && { voice }) }, sentence);
}

function sayLast(response: VoiceResponse, sentence: string, speech: Speech): VoiceResponse {
  say(response, sentence, speech);
  response.hangup();
  return response;
}
