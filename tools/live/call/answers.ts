import { labelOfVerbs, shortNumber } from '../../../lab/labels';
import { readDocument } from '../../../lab/twilio/document';
import { formatTwiml, type Verb } from '../../../lab/twilio/twiml';
import type { LogLine } from '../../../src/assets/log.private';
import type { Outcome } from '../../../src/assets/outcome.private';
import { isSip, type Leg } from './leg';
import type { WebhookRequest } from './records';

/** What an answer had Twilio do. */
export interface Answer {
  readonly title: string;
  readonly failed: boolean;
  readonly dials?: 'agent' | 'phones' | 'nobody' | undefined;
  /** How many phones it dials; `undefined` where only the log tells of it. */
  readonly phones?: number | undefined;
  /** What the caller hears besides ringing. */
  readonly sounds: readonly string[];
  /** Laid out for people. */
  readonly content?: string;
}

/** The sound of a recording that begins, which is the last one when a recording comes of it. */
export const tone = 'a tone';

/** The sound of a call that is not taken; all others answer it. */
export const rejection = 'a rejection';

/** The answer that Twilio recorded. */
export function readAnswer({ httpStatus, contentType, body, ms }: WebhookRequest): Answer {
  const failure = ms < 15_000 ? 'connection failure' : 'timeout';
  const read = readDocument({ httpStatus, contentType, body, ms, ...(httpStatus === 0 && { failure }) });
  if ('code' in read) return { title: read.label ?? read.text, failed: true, sounds: [], content: body };
  if ('spoken' in read) {
    const sounds = [`reads aloud: "${read.spoken}"`];
    return { title: 'a text, which is read aloud', failed: true, sounds, content: body };
  }
  const title = labelOfVerbs(read.verbs);
  const dial = read.verbs.find(({ name }) => name === 'Dial');
  return {
    ...{ title, failed: false, dials: dialledBy(title), sounds: read.verbs.flatMap(soundsOf) },
    phones: dial && Math.max(1, dial.children.length),
    content: formatTwiml(read.verbs) || '<Response/>',
  };
}

function dialledBy(title: string): Answer['dials'] {
  if (!title.startsWith('Dial ')) return undefined;
  return title === 'Dial agent' ? 'agent' : title === 'Dial nobody' ? 'nobody' : 'phones';
}

function soundsOf({ name, text }: Verb): readonly string[] {
  const sounds: Readonly<Record<string, string>> = {
    ...{ Say: `"${text}"`, Play: `plays ${text}`, Record: tone, Reject: rejection },
  };
  return [sounds[name] ?? []].flat();
}

/** The answer as far as the log line tells; `untold` are the legs that may be its own. */
export function inferAnswer({ outcome }: LogLine, untold: readonly Leg[]): Answer {
  const phone = untold.find((leg) => !isSip(leg));
  const title = `Dial ${phone === undefined ? 'a phone' : shortNumber(phone.to)}`;
  return { title, failed: false, sounds: [], ...inferred[outcome] };
}

const agent = { title: 'Dial agent', dials: 'agent' } as const;
const phones = { dials: 'phones' } as const;
const nothing = { title: 'nothing more' };
const spoken = { title: 'Say, hang up', sounds: ['the message'] };

const inferred: Readonly<Record<Outcome, Partial<Answer>>> = {
  agent,
  agent_direct: agent,
  person: phones,
  voicemail: { title: 'Record', sounds: ['the message', tone] },
  message: spoken,
  transfer_number: phones,
  transfer_sip: agent,
  transfer_refused: { title: 'Dial nobody', dials: 'nobody' },
  completed: { title: 'hang up' },
  voicemail_left: spoken,
  caller_hung_up: nothing,
  refused: { title: 'Reject', sounds: [rejection] },
  confirm_asked: { title: 'Gather, hang up' },
  confirmed: nothing,
  not_confirmed: { title: 'hang up' },
  voicemail_delivered: nothing,
  voicemail_undelivered: nothing,
};
