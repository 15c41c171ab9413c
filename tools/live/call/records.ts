import type { Twilio } from 'twilio';
import { describeTwilioError } from '../account';
import type { TimedLine } from '../history';
import { inOrder } from '../order';
import type { Service } from '../service';
import { type Api, askApi } from '../synthflow';
import { type Leg, legOf, type Mask } from './leg';

/** A request that Twilio made to a function, with what it was answered. */
export type WebhookRequest = ReturnType<typeof requestOf>;

/** A call as Synthflow recorded it. */
export type SynthflowCall = Exclude<Awaited<ReturnType<typeof readSynthflowCall>>, string>;

/** All that is known of one call, by source. */
export interface Records {
  readonly callSid: string;
  /** The bridge's own lines. */
  readonly lines: readonly TimedLine[];
  /** Twilio's record of the caller's leg, of the legs that it dialled, of its webhooks, and the numbers of its alerts. */
  readonly call: Leg | undefined;
  readonly legs: readonly Leg[];
  /** Whether the legs could be read, so that one that isn't there wasn't dialled. */
  readonly knowsLegs: boolean;
  readonly requests: readonly WebhookRequest[];
  readonly alerts: readonly number[];
  readonly synthflow: readonly SynthflowCall[];
  /** What a source doesn't have, or doesn't have yet, one sentence each. */
  readonly missing: readonly string[];
}

/** Milliseconds after the end of a call from which Twilio shows its webhooks (twilio.com/docs/voice/api/call-event-resource). */
const webhooksAfterMs = 15 * 60_000;

/** Asks both platforms what they know of a call. Never throws: what could not be read is among what is missing. */
export async function readRecords({ client, api }: Service, callSid: string, lines: readonly TimedLine[], mask: Mask) {
  const missing: string[] = lines.length > 0 ? [] : ['The log has no line of this call in this time: see --since'];
  const orMissing = async <T>(what: string, work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      missing.push(`Twilio's ${what} could not be read: ${describeTwilioError(error)}`);
      return undefined;
    });
  const context = client.calls(callSid);
  const ids = [...new Set(lines.flatMap(({ line }) => line.synthflowCallId ?? []))];
  const [call, legs, events, synthflow] = await Promise.all([
    orMissing('record', context.fetch()),
    orMissing('dialled legs', client.calls.list({ parentCallSid: callSid, pageSize: 1000 })),
    orMissing('webhooks', context.events.list({ pageSize: 1000 })),
    Promise.all(ids.map((id) => readSynthflowCall(api, id, mask))),
  ]);
  const own = call && legOf(call, mask);
  const alerts = own && (await orMissing('alerts', listAlerts(client, own)));
  const requests = (events ?? []).map((event) => requestOf(event, mask));
  if (own && events?.length === 0) missing.push(whenWebhooks(own));
  if (ids.length === 0 && lines.length > 0) missing.push('Synthflow has no call: none was prepared');
  return {
    ...{ callSid, lines, call: own },
    knowsLegs: legs !== undefined && own !== undefined,
    legs: (legs ?? []).map((leg) => legOf(leg, mask)).sort(byTime),
    requests: inOrder(requests, ({ time }) => time),
    alerts: alerts ?? [],
    synthflow: synthflow.flatMap((one) => (typeof one === 'string' ? [] : [one])),
    missing: [...missing, ...synthflow.filter((one) => typeof one === 'string')],
  };
}

/** Of two legs that began in the same second, the one that ended first was dialled first. */
function byTime(a: Leg, b: Leg): number {
  const endOf = ({ end }: Leg): number => end?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return a.start.getTime() - b.start.getTime() || endOf(a) - endOf(b);
}

/** The numbers of the alerts about a call while it went on, and a minute later. */
async function listAlerts(client: Twilio, { sid, start, end = new Date() }: Leg): Promise<readonly number[]> {
  const endDate = new Date(end.getTime() + 60_000);
  const found = await client.monitor.v1.alerts.list({ startDate: start, endDate, pageSize: 1000 });
  return found.filter(({ resourceSid }) => resourceSid === sid).map(({ errorCode }) => Number(errorCode));
}

function whenWebhooks({ end }: Leg): string {
  if (end === undefined) return 'The call goes on: Twilio shows its webhooks 15 minutes after the end';
  const from = new Date(end.getTime() + webhooksAfterMs);
  if (from.getTime() < Date.now()) return 'Twilio has no webhook of this call';
  return `Twilio shows its webhooks from ${from.toISOString().slice(11, 16)} UTC`;
}

function requestOf(event: { readonly request: unknown; readonly response: unknown }, mask: Mask) {
  const url = textIn(event.request, 'url') ?? '';
  const parameters = Object.entries(Object(fieldOf(event.request, 'parameters')));
  return {
    time: new Date(textIn(event.response, 'date_created') ?? 0),
    ms: numberIn(event.response, 'request_duration') ?? 0,
    method: textIn(event.request, 'method') ?? '',
    path: URL.canParse(url) ? new URL(url).pathname : url,
    parameters: Object.fromEntries(
      parameters.map(([name, value]) => [name, mask(typeof value === 'string' ? value : JSON.stringify(value))]),
    ),
    /** 0 when there was no answer. */
    httpStatus: numberIn(event.response, 'response_code') ?? 0,
    contentType: textIn(event.response, 'content_type') ?? '',
    body: mask(textIn(event.response, 'response_body') ?? ''),
  };
}

/** Synthflow's record of a call (docs.synthflow.ai/api-reference, "Get a call"), or why there is none. */
async function readSynthflowCall(api: Api | undefined, id: string, mask: Mask) {
  if (api === undefined) return "Synthflow can't be asked: SYNTHFLOW_API_KEY isn't set";
  const { status, body, found } = await askApi(api, `/calls/${encodeURIComponent(id)}`);
  if (status === 404) return `Synthflow doesn't know the call ${id}`;
  if (status === 401 || status === 403) return `Synthflow's record could not be read: ${found}: npm run check`;
  if (status !== 200) return `Synthflow's record could not be read: ${found}: try again in a minute`;
  if (Object(body) !== body) return "Synthflow's record could not be read: it isn't JSON: see SYNTHFLOW_API_URL if set";
  const calls = fieldOf(fieldOf(body, 'response'), 'calls');
  const call: unknown = Array.isArray(calls) ? calls[0] : undefined;
  const callStatus = textIn(call, 'status');
  if (callStatus === undefined) return `Synthflow has no record of the call ${id} yet`;
  const hangup = textIn(call, 'telephony_hangup');
  return {
    ...{ id, status: mask(callStatus) },
    endReason: mask(textIn(call, 'end_call_reason') ?? '') || undefined,
    error: mask(textIn(call, 'error_message') ?? '') || undefined,
    /** Who hung up; the callee is the agent. */
    hangup: hangup === 'caller' || hangup === 'callee' ? hangup : undefined,
    talkMs: numberIn(call, 'telephony_duration'),
    ringSeconds: numberIn(call, 'telephony_ringing_duration'),
    hasTranscript: (textIn(call, 'transcript') ?? '') !== '',
  };
}

const fieldOf = (value: unknown, name: string): unknown => Object(value)[name];

function textIn(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name);
  return typeof text === 'string' && text !== '' ? withoutControls(text) : undefined;
}

/** A text without what would steer a terminal. */
const withoutControls = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '');

/** A number, which these APIs also write as text. */
function numberIn(value: unknown, name: string): number | undefined {
  const found = fieldOf(value, name);
  const number = typeof found === 'string' && found !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
