import { setTimeout as pause } from 'node:timers/promises';
import { type HttpResult, post } from './http/post.private';
import type { LogLine, Reason } from './log.private';
import { parseRetryAfter } from './synthflow/prepare.private';
import { refusalReason } from './synthflow/response.private';
import type { Call } from './twilio/call.private';
import { parseLeg } from './twilio/leg.private';

/** What every notice says, as it is posted to `NOTIFY_URL`. */
interface AnyNotice {
  /** One sentence about it, which Slack and its like show. */
  readonly text: string;
  readonly called: string;
  readonly caller: string;
  readonly callSid: string | undefined;
  /** The call in Twilio's Console, with its recording. */
  readonly consoleUrl: string;
}

/** A caller has left a voicemail. */
export interface VoicemailNotice extends AnyNotice {
  readonly type: 'voicemail';
  /** `undefined` if Twilio didn't say. */
  readonly seconds: number | undefined;
  /** The recording at Twilio, which wants the account's login. */
  readonly recordingUrl: string;
}

/** A caller got nobody. */
export interface MissedCallNotice extends AnyNotice {
  readonly type: 'missed_call';
  /** Why, in the words of the log; `undefined` where the caller hung up. */
  readonly reason: Reason | undefined;
}

/** Milliseconds for each attempt, and until the last one has ended: Twilio ends a function after 10,000. */
const attemptMs = 4000;
const wholeMs = 9000;
/** Milliseconds for which a caller who is still on the line may wait for it. */
const onTheLineMs = 1000;
/** Milliseconds of the function within which a caller on the line has to have an answer. */
const answerMs = 9700;
/** Milliseconds before the second attempt, unless the answer asks for another time. */
const pauseMs = 500;

/** A recording as Twilio names it; another URL isn't passed on. */
const twilioRecording = /^https:\/\/api(\.[a-z0-9-]+)*\.twilio\.com\/2010-04-01\/Accounts\/AC\w+\/Recordings\/RE\w+$/;

/** Reads Twilio's request about a recording (twilio.com/docs/voice/twiml/record); `undefined` when there is none. */
export function readVoicemail(call: Call): VoicemailNotice | undefined {
  const { parameters } = call;
  const { RecordingUrl: recordingUrl = '', RecordingStatus } = parameters;
  if (!twilioRecording.test(recordingUrl) || RecordingStatus !== 'completed') return undefined;
  const { seconds } = parseLeg(parameters);
  const { consoleUrl, ...about } = noticeOf(call);
  const where = `${recordingUrl} (needs the account's login), or in the Console: ${consoleUrl}`;
  const text = `Voicemail for ${partiesOf(call)}${seconds === undefined ? '' : `, ${seconds} s`}: ${where}`;
  return { type: 'voicemail', text, ...about, consoleUrl, seconds, recordingUrl };
}

/** The notice of a caller who got nobody. */
export function missedCall(call: Call, reason: Reason | undefined): MissedCallNotice {
  const { consoleUrl, ...about } = noticeOf(call);
  const why = reason === undefined ? 'the caller hung up' : reason.replaceAll('_', ' ');
  const text = `Missed call for ${partiesOf(call)} (${why}): ${consoleUrl}`;
  return { type: 'missed_call', text, ...about, consoleUrl, reason };
}

function noticeOf({ callSid, from, to }: Call): Omit<AnyNotice, 'text'> {
  const consoleUrl = `https://console.twilio.com/us1/monitor/logs/calls/${callSid ?? ''}`;
  return { called: to, caller: from, callSid, consoleUrl };
}

function partiesOf({ caller, from, to }: Call): string {
  return `${plain(to)} from ${caller.kind === 'hidden' ? 'a caller who hides the number' : plain(from)}`;
}

/** An address for a chat, without a mention such as `<!channel>` or `@all`. */
const plain = (address: string): string =>
  address
    .replaceAll('@', ' at ')
    .replace(/[^\w.+: -]/g, '')
    .slice(0, 64);

/** Posts it once, and quickly: the caller waits for the answer. Returns whether it arrived; never rejects. */
export async function deliverQuickly(url: string, notice: MissedCallNotice, start: number): Promise<boolean> {
  const timeoutMs = Math.min(onTheLineMs, answerMs - (performance.now() - start));
  return toDelivery(await post(url, notice, { timeoutMs }), 1).reason === undefined;
}

/**
 * Posts it, and once more after a pause if there was no answer, or one that another attempt may change: twice is better
 * than not at all. Without a reason it was delivered. `start` is that of the function, in ms of `performance`. Never
 * rejects.
 */
export async function deliver(
  url: string,
  notice: VoicemailNotice | MissedCallNotice,
  start: number,
): Promise<Partial<LogLine>> {
  const leftMs = (): number => wholeMs - (performance.now() - start);
  const attempt = (): Promise<HttpResult> => post(url, notice, { timeoutMs: Math.min(attemptMs, leftMs()) });
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
