import { STATUS_CODES } from 'node:http';
import { readPrepareResponse } from '../../src/assets/synthflow/response.private';
import { parseJson } from '../text';
import type { Verb } from './twiml';

/** What a message says, in a few words. */
export interface Label {
  readonly title: string;
  /** Whether it says that something went wrong. */
  readonly failed: boolean;
}

/** What a document has Twilio do: its Dial, else its Record, else all its verbs. */
export function labelOfVerbs(verbs: readonly Verb[]): string {
  const dial = verbs.find(({ name }) => name === 'Dial');
  if (dial !== undefined) return `Dial ${targetsOf(dial)}`;
  if (verbs.some(({ name }) => name === 'Record')) return 'Record';
  const words = verbs.map(({ name }) => (name === 'Hangup' ? 'hang up' : name));
  return words.join(', ') || 'nothing more';
}

function targetsOf({ children, text }: Verb): string {
  const sip = children.find(({ name }) => name === 'Sip');
  // The bridge dials such a host, which can't exist (RFC 6761), to refuse a transfer.
  if (sip !== undefined) return /@[^;?]*\.invalid\b/.test(sip.text) ? 'nobody' : 'agent';
  const numbers = children.length > 0 ? children.map((child) => child.text) : [text];
  return numbers.map(shortNumber).join(', ');
}

/** A phone number as a label has room for it, such as `+1…0190`. */
export const shortNumber = (number: string): string => number.replace(/^(\+\d)\d+(\d{4})$/, '$1…$2');

/** Whether a SIP message refuses something; 487 only says that a CANCEL was heard (RFC 3261, section 9.2). */
export const isRefusal = (title: string): boolean => /^[4-6]\d\d /.test(title) && !title.startsWith('487');

/** An HTTP status with its name, such as `500 Internal Server Error`. */
export const labelOfStatus = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trim();

/** How an answer of `prepare_inbound` reads to the bridge. */
export function labelOfPrepare({ httpStatus, body }: { readonly httpStatus: number; readonly body: string }): Label {
  const result = readPrepareResponse(httpStatus, parseJson(body));
  if (result.prepared) return { title: 'registered', failed: false };
  if (result.reason === 'outage') return { title: 'failed', failed: true };
  return { title: result.reason === 'malformed' ? 'no usable answer' : labelOfStatus(httpStatus), failed: true };
}
