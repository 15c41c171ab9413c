import { labelOfVerbs, shortNumber } from '../../../lab/labels';
import { readDocument } from '../../../lab/twilio/document';
import type { Verb } from '../../../lab/twilio/twiml';
import type { LogLine } from '../../../src/assets/log.private';
import type { Outcome } from '../../../src/assets/outcome.private';
import { isSip, type Leg } from './leg';
import type { WebhookRequest } from './records';

/** What an answer had Twilio do. */
export interface Answer {
  readonly title: string;
  readonly failed: boolean;
  readonly dials: 'agent' | 'phones' | 'nobody' | undefined;
  /** Its verbs; none where only the log tells of it. */
  readonly verbs: readonly Verb[];
}

/** The answer that Twilio recorded. */
export function readAnswer({ httpStatus, contentType, body, ms }: WebhookRequest): Answer {
  const failure = ms < 15_000 ? 'connection failure' : 'timeout';
  const read = readDocument({ httpStatus, contentType, body, ms, ...(httpStatus === 0 && { failure }) });
  if ('code' in read) return { title: read.label ?? read.text, failed: true, dials: undefined, verbs: [] };
  if ('spoken' in read) return { title: 'a text, which is read aloud', failed: true, dials: undefined, verbs: [] };
  const title = labelOfVerbs(read.verbs);
  return { title, failed: false, dials: dialledBy(title), verbs: read.verbs };
}

function dialledBy(title: string): Answer['dials'] {
  if (!title.startsWith('Dial ')) return undefined;
  return title === 'Dial agent' ? 'agent' : title === 'Dial nobody' ? 'nobody' : 'phones';
}

/** The answer as far as the log line tells; `untold` are the legs that may be its own. */
export function inferAnswer({ outcome }: LogLine, untold: readonly Leg[]): Answer {
  const [dials, title] = inferred[outcome];
  const phone = untold.find((leg) => !isSip(leg));
  const dial = `Dial ${phone === undefined ? 'a phone' : shortNumber(phone.to)}`;
  return { title: dials === 'phones' ? dial : title, failed: false, dials, verbs: [] };
}

const inferred: Readonly<Record<Outcome, readonly [dials: Answer['dials'], title: string]>> = {
  agent: ['agent', 'Dial agent'],
  agent_direct: ['agent', 'Dial agent'],
  person: ['phones', ''],
  voicemail: [undefined, 'Record'],
  message: [undefined, 'Say, hang up'],
  transfer_number: ['phones', ''],
  transfer_sip: ['agent', 'Dial agent'],
  transfer_refused: ['nobody', 'Dial nobody'],
  completed: [undefined, 'hang up'],
  voicemail_left: [undefined, 'Say, hang up'],
  caller_hung_up: [undefined, 'nothing more'],
  refused: [undefined, 'Reject'],
  confirm_asked: [undefined, 'Gather, hang up'],
  confirmed: [undefined, 'nothing more'],
  not_confirmed: [undefined, 'hang up'],
  voicemail_delivered: [undefined, 'nothing more'],
  voicemail_undelivered: [undefined, 'nothing more'],
};
