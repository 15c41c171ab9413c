import { type HttpResult, post } from './http/post.private';
import type { LogLine } from './log.private';
import { refusalReason } from './synthflow/response.private';
import type { Call } from './twilio/call.private';
import { parseLeg } from './twilio/leg.private';

/** The voicemail that is posted to `VOICEMAIL_URL`. */
export interface Voicemail {
  /** One sentence about it, which Slack and its like show. */
  readonly text: string;
  readonly called: string;
  readonly caller: string;
  readonly seconds: number;
  readonly recordingUrl: string;
  readonly callSid: string | undefined;
}

/** Milliseconds for each of the two attempts: Twilio ends a function after 10,000. */
const attemptMs = 4000;

/** Reads Twilio's request about a recording (twilio.com/docs/voice/twiml/record); `undefined` when there is none. */
export function readVoicemail({ parameters, callSid, from, to, caller }: Call): Voicemail | undefined {
  const { RecordingUrl: recordingUrl, RecordingStatus } = parameters;
  if (recordingUrl === undefined || RecordingStatus !== 'completed') return undefined;
  const { seconds = 0 } = parseLeg(parameters);
  // A chat could read other characters of a SIP caller as a link or a mention.
  const who = caller.kind === 'hidden' ? 'a caller who hides the number' : from.replace(/[^\w.+:@-]/g, '').slice(0, 64);
  const text = `Voicemail for ${to} from ${who}, ${seconds} s: ${recordingUrl}`;
  return { text, called: to, caller: from, seconds, recordingUrl, callSid };
}

/** Posts it, twice if need be: twice is better than not at all. Without a reason it was delivered. Never rejects. */
export async function deliverVoicemail(url: string, voicemail: Voicemail): Promise<Partial<LogLine>> {
  const attempt = (): Promise<HttpResult> => post(url, voicemail, { timeoutMs: attemptMs });
  const first = toDelivery(await attempt(), 1);
  return first.reason === undefined ? first : toDelivery(await attempt(), 2);
}

function toDelivery(result: HttpResult, attempts: number): Partial<LogLine> {
  if (result.kind === 'failure') return { reason: result.reason, attempts };
  const { httpStatus } = result;
  return httpStatus < 300 ? { httpStatus, attempts } : { reason: refusalReason(httpStatus), httpStatus, attempts };
}
