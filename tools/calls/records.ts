import type { Twilio } from 'twilio';
import type { Shell } from '../shell';
import { type Api, askApi } from '../synthflow/api';
import type { Mask } from '../text';
import { describeTwilioError } from '../twilio/account';
import { inOrder, type TimedLine } from '../twilio/deployment';
import { type Leg, legOf } from '../twilio/recorded-leg';
import { readLegs, readLines, readNumbers, type Service } from '../twilio/service';
import { type CallHistory, groupCalls, lostCalls } from './history';

/** A request that Twilio made to a function, with its answer. */
export interface WebhookRequest {
  readonly time: Date;
  readonly ms: number;
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** 0 when there was no answer. */
  readonly httpStatus: number;
  readonly contentType: string;
  readonly body: string;
}

/** A call as Synthflow recorded it (docs.synthflow.ai/api-reference, "Get a call"). */
export interface SynthflowCall {
  readonly id: string;
  readonly status: string;
  readonly endReason: string | undefined;
  readonly error: string | undefined;
  /** Who hung up; the callee is the agent. */
  readonly hangup: 'caller' | 'callee' | undefined;
  readonly talkMs: number | undefined;
  readonly ringSeconds: number | undefined;
  readonly hasTranscript: boolean;
  /** Whether the headers that reached Synthflow name this call; `undefined` where the record has no headers. */
  readonly xEi: 'arrived' | 'another id' | 'missing' | undefined;
}

/** All that is known of one call, by source. */
export interface Records {
  readonly callSid: string;
  /** The bridge's own lines. */
  readonly lines: readonly TimedLine[];
  /** Twilio's record of the caller's leg, the legs that it dialled, its webhooks, and the error codes of its alerts. */
  readonly call: Leg | undefined;
  readonly legs: readonly Leg[];
  /** Whether the legs could be read: only then a leg that is missing wasn't dialled. */
  readonly knowsLegs: boolean;
  readonly requests: readonly WebhookRequest[];
  readonly alerts: readonly number[];
  readonly synthflow: readonly SynthflowCall[];
  /** What a source doesn't have, or doesn't have yet, one sentence each. */
  readonly missing: readonly string[];
}

/** Milliseconds from a call's end until Twilio shows its webhooks (twilio.com/docs/voice/api/call-event-resource). */
const webhooksAfterMs = 15 * 60_000;

/** Asks both platforms what they know of a call. Never throws: what could not be read is among what is missing. */
export async function readRecords(
  { shell, client, apis }: Service,
  callSid: string,
  lines: readonly TimedLine[],
  mask: Mask,
): Promise<Records> {
  const missing: string[] = lines.length > 0 ? [] : ['The log has no line of this call in the time that was read'];
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
    Promise.all(ids.map((id) => findSynthflowCall(shell, apis, id, mask))),
  ]);
  const own = call && legOf(call, mask);
  const alerts = own && (await orMissing('alerts', listAlerts(client, own, shell.clock.now())));
  const requests = (events ?? []).map((event) => requestOf(event, mask));
  if (own && events?.length === 0) missing.push(whenWebhooks(own, shell.clock.now()));
  if (ids.length === 0 && lines.length > 0) missing.push('Synthflow has no call: none was prepared');
  return {
    callSid,
    lines,
    call: own,
    knowsLegs: legs !== undefined && own !== undefined,
    legs: (legs ?? []).map((leg) => legOf(leg, mask)).sort(byTime),
    requests: inOrder(requests, ({ time }) => time),
    alerts: alerts ?? [],
    synthflow: synthflow.flatMap((one) => (typeof one === 'string' ? [] : [one])),
    missing: [...missing, ...synthflow.filter((one) => typeof one === 'string')],
  };
}

/** Legs of the same second are sorted by their end: the first to end was dialled first. */
function byTime(a: Leg, b: Leg): number {
  const endOf = ({ end }: Leg): number => end?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return a.start.getTime() - b.start.getTime() || endOf(a) - endOf(b);
}

/** Error codes of the alerts raised during a call, or in the minute after it. */
async function listAlerts(client: Twilio, { sid, start, end }: Leg, now: number): Promise<readonly number[]> {
  const endDate = new Date((end?.getTime() ?? now) + 60_000);
  const found = await client.monitor.v1.alerts.list({ startDate: start, endDate, pageSize: 1000 });
  return found.filter(({ resourceSid }) => resourceSid === sid).map(({ errorCode }) => Number(errorCode));
}

function whenWebhooks({ end }: Leg, now: number): string {
  if (end === undefined) return 'The call goes on: Twilio shows its webhooks 15 minutes after the end';
  const from = new Date(end.getTime() + webhooksAfterMs);
  if (from.getTime() < now) return 'Twilio has no webhook of this call';
  return `Twilio shows its webhooks from ${from.toISOString().slice(11, 16)} UTC`;
}

function requestOf(event: { readonly request: unknown; readonly response: unknown }, mask: Mask): WebhookRequest {
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
    httpStatus: numberIn(event.response, 'response_code') ?? 0,
    contentType: textIn(event.response, 'content_type') ?? '',
    body: mask(textIn(event.response, 'response_body') ?? ''),
  };
}

/** Synthflow's record of a call, from the first workspace that has it, or why there is none. */
async function findSynthflowCall(
  shell: Shell,
  apis: readonly Api[],
  id: string,
  mask: Mask,
): Promise<SynthflowCall | string> {
  let missing = "Synthflow can't be asked: its settings are missing or wrong: npm run check -- --offline";
  for (const api of apis) {
    const found = await readSynthflowCall(shell, api, id, mask);
    if (typeof found !== 'string') return found;
    missing = found;
  }
  return missing;
}

/** A workspace's record of a call, or why it has none. */
async function readSynthflowCall(shell: Shell, api: Api, id: string, mask: Mask): Promise<SynthflowCall | string> {
  const { status, body, found } = await askApi(shell, api, `/calls/${encodeURIComponent(id)}`);
  if (status === 404) return `Synthflow doesn't know the call ${id}`;
  if (status === 401 || status === 403) return `Synthflow's record could not be read: ${found}: npm run check`;
  if (status !== 200) return `Synthflow's record could not be read: ${found}: try again in a minute`;
  if (Object(body) !== body) return "Synthflow's record could not be read: it isn't JSON: see SYNTHFLOW_API_URL if set";
  const calls = fieldOf(fieldOf(body, 'response'), 'calls');
  const call: unknown = Array.isArray(calls) ? calls[0] : undefined;
  // The OpenAPI document has `status`; answers that users have printed have `call_status`.
  const callStatus = textIn(call, 'status') ?? textIn(call, 'call_status');
  if (callStatus === undefined) return `Synthflow has no record of the call ${id} yet`;
  return recordIn(call, id, callStatus, mask);
}

function recordIn(call: unknown, id: string, status: string, mask: Mask): SynthflowCall {
  const hangup = textIn(call, 'telephony_hangup');
  return {
    id,
    status: mask(status),
    endReason: mask(textIn(call, 'end_call_reason') ?? '') || undefined,
    error: mask(textIn(call, 'error_message') ?? '') || undefined,
    hangup: hangup === 'caller' || hangup === 'callee' ? hangup : undefined,
    talkMs: numberIn(call, 'telephony_duration'),
    ringSeconds: ringSecondsIn(call),
    hasTranscript: (textIn(call, 'transcript') ?? '') !== '',
    xEi: xEiIn(fieldOf(call, 'telephony_sip_headers'), id),
  };
}

/** The longest that an agent can ring, in seconds: `DIAL_TIMEOUT_SECONDS`, and about 5 that Twilio adds. */
const longestRing = 130;

/** Seconds of ringing: a changelog of Synthflow's says seconds, the OpenAPI document milliseconds. */
function ringSecondsIn(call: unknown): number | undefined {
  const found = numberIn(call, 'telephony_ringing_duration');
  return found === undefined || found <= longestRing ? found : Math.round(found / 1000);
}

/** What the headers say of X-EI; no page documents whether they are an object, a list or a text. */
function xEiIn(headers: unknown, id: string): SynthflowCall['xEi'] {
  const text = JSON.stringify(headers ?? '');
  if (!/[a-z]/i.test(text)) return undefined;
  if (!/\bx-ei\b/i.test(text)) return 'missing';
  return text.includes(`S.${id};`) ? 'arrived' : 'another id';
}

/** The calls of a deployment. */
export interface History {
  /** Newest first. */
  readonly calls: readonly CallHistory[];
  /** Numbers whose outage switch is on, in E.164. */
  readonly outage: readonly string[];
  /** What could not be read, one sentence each. */
  readonly missing: readonly string[];
}

/** Reads the calls since a date. A login that may read only the log is enough; `missing` then says what isn't known. */
export async function readHistory(service: Service, since: Date): Promise<History> {
  const [lines, legs, numbers] = await Promise.all([
    readLines(service, since),
    readLegs(service, since).catch((error: Error) => error.message),
    readNumbers(service).catch((error: Error) => error.message),
  ]);
  const known = typeof legs === 'string' ? [] : legs;
  const { wired, switched } = typeof numbers === 'string' ? { wired: [], switched: [] } : numbers;
  const noLegs = 'ring and talk times are not known, and test calls count as others do';
  const noNumbers = 'calls that no function answered are not known, nor whether the outage switch is on';
  return {
    calls: groupCalls(lines, known, lostCalls(lines, known, wired, service.shell.clock.now())),
    outage: switched,
    missing: [
      ...(typeof legs === 'string' ? [`Twilio's calls could not be read (${legs}): ${noLegs}`] : []),
      ...(typeof numbers === 'string' ? [`Twilio's numbers could not be read (${numbers}): ${noNumbers}`] : []),
    ],
  };
}

const fieldOf = (value: unknown, name: string): unknown => Object(value)[name];

function textIn(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A number, which these APIs also write as text. */
function numberIn(value: unknown, name: string): number | undefined {
  const found = fieldOf(value, name);
  const number = typeof found === 'string' && found !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
