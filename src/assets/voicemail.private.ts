import { setTimeout as pause } from 'node:timers/promises';
import { type HttpResult, post } from './http/post.private';
import type { LogLine } from './log.private';
import { parseRetryAfter } from './synthflow/prepare.private';
import { refusalReason } from './synthflow/response.private';
import type { Call } from './twilio/call.private';
import { parseLeg } from './twilio/leg.private';

/** The voicemail that is posted to `VOICEMAIL_URL`. */
export interface Voicemail {
  /** One sentence about it, which Slack and its like show. */
  readonly text: string;
  readonly called: string;
  readonly caller: string;
  /** `undefined` if Twilio didn't say. */
  readonly seconds: number | undefined;
  /** The recording at Twilio, which wants the account's login. */
  readonly recordingUrl: string;
  /** The call in Twilio's Console, with its recording. */
  readonly consoleUrl: string;
  readonly callSid: string | undefined;
}

/** Milliseconds for each attempt, and for all of it: Twilio ends a function after 10,000. */
const attemptMs = 4000;
const wholeMs = 9000;
/** Milliseconds before the second attempt, unless the answer asks for another time. */
const pauseMs = 500;

/** A recording as Twilio names it; another URL isn't passed on. */
const twilioRecording = /^https:\/\/api(\.[a-z0-9-]+)*\.twilio\.com\/2010-04-01\/Accounts\/AC\w+\/Recordings\/RE\w+$/;

/** Reads Twilio's request about a recording (twilio.com/docs/voice/twiml/record); `undefined` when there is none. */
export function readVoicemail({ parameters, callSid, from, to, caller }: Call): Voicemail | undefined {
  const { RecordingUrl: recordingUrl = '', RecordingStatus } = parameters;
  if (!twilioRecording.test(recordingUrl) || RecordingStatus !== 'completed') return undefined;
  const { seconds } = parseLeg(parameters);
  const consoleUrl = `https://console.twilio.com/us1/monitor/logs/calls/${callSid ?? ''}`;
  const who = caller.kind === 'hidden' ? 'a caller who hides the number' : plain(from);
  const where = `${recordingUrl} (needs the account's login), or in the Console: ${consoleUrl}`;
  const text = `Voicemail for ${plain(to)} from ${who}${seconds === undefined ? '' : `, ${seconds} s`}: ${where}`;
  return { text, called: to, caller: from, seconds, recordingUrl, consoleUrl, callSid };
}

/** An address for a chat, without a mention such as `<!channel>` or `@all`. */
const plain = (address: string): string =>
  address
    .replaceAll('@', ' at ')
    .replace(/[^\w.+: -]/g, '')
    .slice(0, 64);

/**
 * Posts it, and once more after a pause if there was no answer, or one that another attempt may change: twice is better
 * than not at all. Without a reason it was delivered. Never rejects.
 */
export async function deliverVoicemail(url: string, voicemail: Voicemail): Promise<Partial<LogLine>> {
  const start = performance.now();
  const leftMs = (): number => wholeMs - (performance.now() - start);
  const attempt = (): Promise<HttpResult> => post(url, voicemail, { timeoutMs: Math.min(attemptMs, leftMs()) });
  const first = await attempt();
  const delayMs = delayAfter(first);
  // A chat that wants a longer pause than this function lives gets no second request.
  if (delayMs === undefined || delayMs + pauseMs > leftMs()) return toDelivery(first, 1);
  await pause(delayMs);
  return toDelivery(await attempt(), 2);
}

/** Milliseconds before the second attempt; `undefined` if there's no use in one. */
function delayAfter(result: HttpResult): number | undefined {
  if (result.kind === 'failure') return pauseMs;
  const { httpStatus, retryAfter = '' } = result;
  if (httpStatus !== 429 && httpStatus < 500) return undefined;
  return Math.max(pauseMs, parseRetryAfter(retryAfter) ?? pauseMs);
}

function toDelivery(result: HttpResult, attempts: number): Partial<LogLine> {
  if (result.kind === 'failure') return { reason: result.reason, attempts };
  const { httpStatus } = result;
  // A redirect is an answer, too: some receivers send one when they are done.
  return httpStatus < 400 ? { httpStatus, attempts } : { reason: refusalReason(httpStatus), httpStatus, attempts };
}
