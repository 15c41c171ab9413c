import type { Recorder } from '../story';
import { formatTwiml, parseTwiml, type Verb } from './twiml';
import { send, signRequest, type WebhookAnswer } from './webhook';

/** A request for TwiML. */
export interface DocumentRequest {
  readonly url: string;
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** TwiML, or why there is none, with Twilio's error number. */
export type Document = { readonly verbs: readonly Verb[] } | { readonly code: number; readonly text: string };

/** Asks a URL for TwiML, signed, as Twilio does; never throws. */
export async function fetchDocument(
  document: DocumentRequest,
  recorder: Recorder,
  timeoutMs?: number,
): Promise<Document> {
  const request = signRequest(document.method, document.url, document.parameters);
  const path = document.url.slice(new URL(document.url).origin.length);
  const shown = `X-Twilio-Signature: ${request.signature}\n\n${new URLSearchParams(document.parameters)}`;
  recorder.step('Twilio', 'function', `${document.method} ${path}, signed`, shown.replaceAll('&', '\n'));
  const answer = await send(request, timeoutMs);
  const content = answer.httpStatus === 200 ? pretty(answer.body) : answer.body;
  recorder.step(
    'function',
    'Twilio',
    `${answer.httpStatus || answer.failure} ${answer.contentType}`,
    content,
    answer.body,
  );
  return readDocument(answer, recorder);
}

function pretty(xml: string): string {
  try {
    return formatTwiml(parseTwiml(xml)) || '<Response/>';
  } catch {
    return xml;
  }
}

function readDocument({ httpStatus, contentType, body, failure }: WebhookAnswer, recorder: Recorder): Document {
  if (failure === 'timeout') return { code: 11203, text: 'no answer in time' };
  if (failure !== undefined) return { code: 11205, text: failure };
  if (httpStatus < 200 || httpStatus > 299) return { code: 11200, text: `got HTTP ${httpStatus}` };
  if (body === '') return { code: 11770, text: 'an empty answer' };
  if (/^text\/plain/.test(contentType)) {
    recorder.hear(`reads aloud: "${body}"`);
    return { verbs: [] };
  }
  if (!/^(text\/xml|application\/xml|text\/html)\b/.test(contentType)) {
    return { code: 12300, text: `invalid content type ${contentType}` };
  }
  try {
    return { verbs: parseTwiml(body) };
  } catch (error) {
    return { code: 12100, text: error instanceof Error ? error.message : 'document parse failure' };
  }
}
