import { labelOfStatus, labelOfVerbs } from '../../tools/story/labels';
import type { Recorder } from '../../tools/story/recorder';
import { formatTwiml, parseTwiml, type Verb } from '../../tools/story/twiml';
import { send, signRequest, type WebhookAnswer } from './webhook';

/** A request for TwiML. */
export interface DocumentRequest {
  readonly url: string;
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Asks a URL for TwiML, signed, as Twilio does; never throws: what is no TwiML has Twilio's error number. */
export async function fetchDocument(document: DocumentRequest, recorder: Recorder, timeoutMs?: number) {
  const request = signRequest(document.method, document.url, document.parameters);
  const path = document.url.slice(new URL(document.url).origin.length);
  const parameters = Object.entries(document.parameters).map(([name, value]) => `${name}=${value}`);
  const shown = [`X-Twilio-Signature: ${request.signature}`, '', ...parameters].join('\n');
  recorder.step('Twilio', 'function', `${document.method} ${path.replace(/\?.*/, '')}`, `${path}\n${shown}`);
  const answer = await recorder.time.inRealTime(send(request, timeoutMs));
  const read = readDocument(answer);
  if ('code' in read) recorder.fail('function', 'Twilio', read.label ?? read.text, answer.body);
  else if ('spoken' in read) recorder.fail('function', 'Twilio', 'a text, which is read aloud', answer.body);
  else {
    const shown = formatTwiml(read.verbs) || '<Response/>';
    recorder.step('function', 'Twilio', labelOfVerbs(read.verbs), shown, answer.body);
  }
  if (!('spoken' in read)) return read;
  recorder.hear(`reads aloud: "${read.spoken}"`);
  return { verbs: [] };
}

/** An answer as Twilio understands it: TwiML, a text that it speaks, or an error of its debugger. */
export type Read =
  | { readonly verbs: readonly Verb[] }
  | { readonly spoken: string }
  | { readonly code: number; readonly text: string; readonly label?: string };

/** Reads an answer as Twilio does. */
export function readDocument({ httpStatus, contentType, body, failure, ms }: WebhookAnswer): Read {
  if (failure === 'timeout')
    return { code: 11203, text: 'no answer in time', label: `no answer in ${Math.round(ms / 100) / 10} s` };
  if (failure !== undefined) return { code: 11205, text: failure };
  if (httpStatus < 200 || httpStatus > 299) {
    return { code: 11200, text: `got HTTP ${httpStatus}`, label: labelOfStatus(httpStatus) };
  }
  if (body === '') return { code: 11770, text: 'an empty answer' };
  if (/^text\/plain/.test(contentType)) return { spoken: body };
  if (!/^(text\/xml|application\/xml|text\/html)\b/.test(contentType)) {
    return { code: 12300, text: `invalid content type ${contentType}` };
  }
  try {
    return { verbs: parseTwiml(body) };
  } catch (error) {
    return { code: 12100, text: error instanceof Error ? error.message : 'document parse failure' };
  }
}
