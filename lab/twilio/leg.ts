import { URI } from 'jssip';
import { e164 } from '../../src/assets/twilio/address.private';
import { shortNumber } from '../../tools/story/labels';
import type { Recorder } from '../../tools/story/recorder';
import { aborted } from '../clock';
import type { Dialog } from '../sip/dialog';
import type { EndedLeg, RunningCall, SipLeg } from './running-call';

/** A leg on which nobody was connected. */
export const unconnected = (status: EndedLeg['status']): EndedLeg => ({ status, seconds: 0, bridged: false });

/** A leg that is dialled, and the call that it belongs to. */
export interface DialledLeg extends RunningCall {
  readonly ringSeconds: number;
  /** Called when the other side answers. */
  onAnswer(): void;
}

/** Header names that Twilio passes on (twilio.com/docs/voice/twiml/sip). */
const passedOn = /^(X-(?!Twilio)[A-Za-z0-9-]+|User-to-User|Remote-Party-ID|P-Preferred-Identity|P-Called-Party-ID)$/i;

/** Dials a SIP URI as Twilio does: judges it, decodes its headers, sends the INVITE. */
export async function dialSip(text: string, leg: DialledLeg): Promise<EndedLeg | SipLeg> {
  const headers = readHeaders(text, leg.recorder);
  const uri = text.replace(/\?.*/, '').replace(/@sip(in)?(\.us|\.eu)?\.synthflow\.ai(:\d+)?/i, `@${leg.synthflowAt}`);
  if (/^sips?:[^?;]*\.invalid\b/i.test(uri)) {
    leg.recorder.warn(13254, `the host of ${uri} does not resolve`);
    leg.recorder.fail('Twilio', 'Synthflow SIP', 'host not found', uri);
    return unconnected('failed');
  }
  leg.recorder.hear('ringing');
  const ringing = new AbortController();
  const cancelTimeout = leg.clock.after(leg.ringSeconds, () => {
    leg.recorder.fail('Synthflow SIP', 'Twilio', `no answer in ${leg.ringSeconds} s`);
    ringing.abort();
  });
  const signal = AbortSignal.any([leg.callerGone, ringing.signal]);
  const { status, dialog } = await leg.sip.invite(uri, headers, signal);
  cancelTimeout();
  if (dialog === undefined) return { ...unconnected(refusal(status, leg)), sipStatus: status };

  leg.onAnswer();
  return answeredLeg(uri, dialog, leg);
}

function answeredLeg(uri: string, dialog: Dialog, { clock, callerGone }: DialledLeg): SipLeg {
  const start = clock.now();
  let end: number | undefined;
  void dialog.ended.then(() => {
    end ??= clock.now();
  });
  return {
    uri,
    talk: async () => {
      const referred = new Promise<{ referTo: string }>((resolve) => dialog.onRefer((referTo) => resolve({ referTo })));
      const next = await Promise.race([dialog.ended, referred, aborted(callerGone)]);
      return typeof next === 'object' ? next : 'ended';
    },
    isUp: () => end === undefined,
    notify: dialog.notify,
    hangUp: () => {
      end ??= clock.now();
      dialog.bye();
    },
    result: () => {
      const seconds = Math.round((end ?? clock.now()) - start);
      return { status: 'completed', seconds, bridged: true, sipStatus: 200 };
    },
  };
}

/** Rings a phone number of the lab, whose behaviour is given; returns how it ended, unless it was answered. */
export async function ringPerson(number: string, leg: DialledLeg): Promise<EndedLeg | 'answered'> {
  const { ringSeconds, clock, callerGone, recorder, person } = leg;
  const behaviour = person(number);
  if (!e164.test(number)) {
    recorder.warn(13223, `${number} isn't a phone number in E.164`);
    recorder.fail('Twilio', 'person', 'not a phone number', number);
    return unconnected('failed');
  }
  recorder.step('Twilio', 'person', `rings ${shortNumber(number)}`, number);
  if (behaviour === 'is busy') {
    recorder.fail('person', 'Twilio', `${shortNumber(number)} is busy`);
    return unconnected('busy');
  }
  const wait = clock.pause(behaviour === 'does not answer' ? ringSeconds : 2);
  if ((await Promise.race([wait, aborted(callerGone)])) === 'gone') return unconnected('canceled');
  if (behaviour === 'does not answer') {
    recorder.fail('person', 'Twilio', `${shortNumber(number)}: no answer in ${ringSeconds} s`);
    return unconnected('no-answer');
  }
  recorder.step('person', 'Twilio', `${shortNumber(number)} answers`);
  return 'answered';
}

/** The caller and the person who has answered talk until one of them hangs up. */
export async function talkWithPerson({ clock, callerGone, recorder, onAnswer }: DialledLeg): Promise<EndedLeg> {
  onAnswer();
  recorder.hear('a person');
  await Promise.race([clock.pause(10), aborted(callerGone)]);
  recorder.step('person', 'Twilio', 'hangs up');
  return { status: 'completed', seconds: 10, bridged: true };
}

function refusal(status: number, leg: DialledLeg): EndedLeg['status'] {
  if (leg.callerGone.aborted) return 'canceled';
  if (status === 487 || status === 408 || status === 480) return 'no-answer';
  return status === 486 || status === 600 ? 'busy' : 'failed';
}

/** The headers of a SIP URI that go along with its INVITE; Twilio's errors go to the recorder. */
function readHeaders(text: string, recorder: Recorder): Readonly<Record<string, string>> {
  const [target = '', query = ''] = text.split('?', 2);
  if (target.length >= 255) recorder.warn(13243, `the SIP URI has ${target.length} characters, and 254 are allowed`);
  if (query.length >= 1024) recorder.warn(21227, `the headers have ${query.length} characters, and 1,023 are allowed`);
  if (URI.parse(text) === undefined) {
    recorder.warn(32110, 'RFC 3261 forbids this SIP URI: its invalid parts are ignored');
    return {};
  }
  const headers: Record<string, string> = {};
  for (const [, name = '', value = ''] of query.matchAll(/([^&=]+)=([^&]*)/g)) {
    const decoded = decodeURIComponent(value);
    if (!/^[A-Za-z0-9-]+$/.test(name))
      recorder.warn(32111, `the header name ${name} has characters that it can't have`);
    else if (!passedOn.test(name)) recorder.warn(32113, `the header ${name} is not passed on`);
    else if (/^[ -~]*$/.test(decoded)) headers[name] = decoded;
    else recorder.warn(32112, `the header ${name} has characters that its value can't have`);
  }
  return headers;
}
