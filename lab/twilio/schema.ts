import type { Verb } from './twiml';

const words = (text: string): readonly string[] => text.split(' ');

/** The attributes of each element that the bridge or its users may send (twilio.com/docs/voice/twiml). */
const attributes: Readonly<Record<string, readonly string[]>> = {
  Dial: words(
    'action method answerOnBridge callerId hangupOnStar timeLimit timeout record recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent recordingTrack recordingConfigurationId trim ringTone referUrl referMethod sequential events passports',
  ),
  Sip: words(
    'url method username password statusCallback statusCallbackMethod statusCallbackEvent machineDetection codecs',
  ),
  Number: words(
    'sendDigits url method byoc statusCallback statusCallbackMethod statusCallbackEvent machineDetection amdStatusCallback',
  ),
  Gather: words(
    'action method input numDigits timeout finishOnKey actionOnEmptyResult language hints speechTimeout bargeIn profanityFilter',
  ),
  Say: words('voice language loop'),
  Play: words('loop digits'),
  Pause: words('length'),
  Record: words(
    'action method timeout finishOnKey maxLength playBeep trim transcribe transcribeCallback recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent',
  ),
  Redirect: words('method'),
  Reject: words('reason'),
  Hangup: [],
};

/** Where each element may stand; everything else is a verb. */
const nouns: readonly string[] = ['Sip', 'Number'];

/** What Twilio's schema does not know in these verbs, one sentence each: its warning 12200. */
export function schemaWarnings(verbs: readonly Verb[], parent = 'Response'): readonly string[] {
  return verbs.flatMap((verb) => {
    const known = attributes[verb.name];
    const misplaced = nouns.includes(verb.name) !== (parent === 'Dial');
    if (known === undefined || misplaced) return [`<${verb.name}> is not known in <${parent}>`];
    const strange = Object.keys(verb.attributes).filter((name) => !known.includes(name));
    const warnings = strange.map((name) => `<${verb.name}> has no attribute ${name}`);
    return [...warnings, ...schemaWarnings(verb.children, verb.name)];
  });
}
