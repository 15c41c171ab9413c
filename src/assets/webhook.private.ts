import type { ServerlessFunctionSignature, TwilioResponse } from '@twilio-labs/serverless-runtime-types/types';
import { afterFailure, type Decision, isMissedCall, logFieldsOf, type Next } from './decision.private';
import { type Environment, sentenceOf } from './environment.private';
import { describeError, type EventName, type LogLine, writeLine } from './log.private';
import { type Plan, planOf } from './plan.private';
import { readSettings, recallSettings, type Settings } from './settings.private';
import { type Address, maskAddress } from './twilio/address.private';
import { type Call, parseCall } from './twilio/call.private';
import { endedLeg } from './twilio/own-url.private';
import { type Unhandled, watchUnhandled } from './unhandled.private';

/** A request with the settings of its called number. */
export interface WebhookRequest {
  readonly call: Call;
  readonly settings: Settings;
  readonly plan: Plan;
  readonly unhandled: Unhandled;
  /** When the function began, in ms of `performance`. */
  readonly start: number;
}

/** What belongs to one run of a function. */
type Run = Pick<WebhookRequest, 'unhandled' | 'start'>;

/** What a function decided, and further fields of its log line. */
export interface Reply {
  readonly next: Next;
  readonly logFields?: Partial<LogLine>;
}

/** What one function does: from a request to its decision. */
export type Handler = (request: WebhookRequest) => Reply | Promise<Reply>;

/** TwiML with the log line that belongs to it. */
interface Rendered {
  readonly twiml: string;
  readonly line: LogLine;
}

/** The last resort. It is a plain text, so that nothing in it can fail. */
const lastResort =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Say>We are sorry, our assistant cannot take your call at the moment.</Say><Hangup/></Response>';

/**
 * The frame around every function. Once the handler settles, it writes one log line and calls back once, with status
 * 200 and text/xml; an exception takes the caller to the next step of the route. The function returns nothing, because
 * Twilio's cloud ignores what a handler returns and plays its error voice for an exception.
 */
export function webhook(event: EventName, handler: Handler): ServerlessFunctionSignature {
  return (context, parameters, callback) => {
    const start = performance.now();
    const unhandled = watchUnhandled();
    void handle(event, handler, context, parameters, { unhandled, start }).then(({ twiml, line }) => {
      unhandled.end();
      writeLine({ ...line, ms: Math.round(performance.now() - start) });
      callback(null, toResponse(twiml));
    });
  };
}

/** Handles a request. Never rejects. */
async function handle(
  event: EventName,
  handler: Handler,
  context: Environment,
  parameters: object,
  run: Run,
): Promise<Rendered> {
  try {
    return await handleCall(event, handler, context, parseCall(parameters, event !== 'inbound'), run);
  } catch (error) {
    const failure = { reason: 'unexpected', missedAgent: true, error: describeError(error) } as const;
    return { twiml: lastResort, line: { event, outcome: 'message', ...failure } };
  }
}

/** Handles a call; after an error in the handler, the caller gets the next step of the route. */
async function handleCall(
  event: EventName,
  handler: Handler,
  environment: Environment,
  call: Call,
  run: Run,
): Promise<Rendered> {
  const settings = await takeRoute(event, await settingsOf(environment, call.called), call);
  const plan = planOf(settings, call);
  const request = { call, settings, plan, ...run };
  try {
    const { next, logFields } = await handler(request);
    if (next.outcome !== 'prepare') return await toTwiml(event, request, next, logFields);
    // Loaded here, since it loads axios, and most requests need no agent.
    const { prepareAgents } = await import('./agent.private');
    const prepared = await prepareAgents(next, call, plan, run.unhandled);
    return await toTwiml(event, request, prepared.decision, { ...prepared.logFields, ...logFields });
  } catch (error) {
    const decision = afterFailure(event, 'unexpected', call, plan);
    return toTwiml(event, request, decision, { stage: endedLeg(call.own), error: describeError(error) });
  }
}

async function settingsOf(environment: Environment, called: Address): Promise<Settings> {
  try {
    // Loaded here, so that a mistake in a table that people edit doesn't break the whole function.
    const { numbers } = await import('./numbers.private');
    return recallSettings(environment, numbers, called);
  } catch (error) {
    const accepts = 'one that can be read';
    const problem = { setting: 'the number table', accepts, found: describeError(error) };
    const { problems, ...settings } = readSettings(environment, {}, called);
    // Nothing says which agent belongs to this number, and the wrong tenant's agent would be worse than the fallback.
    return { ...settings, api: undefined, problems: [problem, ...problems] };
  }
}

/** Chooses the route that this call takes. */
async function takeRoute(event: EventName, settings: Settings, { own }: Call): Promise<Settings> {
  const { closed, problems } = settings;
  if (closed === undefined) return settings;
  const whileOpen: Settings = { ...settings, hours: 'open' };
  const whileClosed: Settings = { ...settings, hours: 'closed', route: closed.route };
  // The hours may begin or end during a call: from then on, our own URLs name the route.
  if (event !== 'inbound') return own.isClosed ? whileClosed : whileOpen;
  // Loaded for the numbers that have hours, and for no others.
  const { findMistake, isOpen, wallClockIn } = await import('./hours.private');
  const mistake = findMistake(closed.hours);
  if (mistake !== undefined) return { ...whileOpen, problems: [...problems, mistake] };
  return isOpen(closed.hours, wallClockIn(closed.hours.timeZone, new Date())) ? whileOpen : whileClosed;
}

async function toTwiml(
  event: EventName,
  request: WebhookRequest,
  decision: Decision,
  logFields: Partial<LogLine> = {},
): Promise<Rendered> {
  // Loaded here, since it is loaded while Synthflow prepares the call.
  const { render } = await import('./twilio/twiml.private');
  const { call, settings, unhandled } = request;
  const { problems } = settings;
  const notified = await notify(decision, request);
  const twiml = render(decision, settings, call);
  const late = unhandled.first();
  return {
    twiml,
    line: {
      event,
      outcome: decision.outcome,
      ...logFieldsOf(decision),
      callSid: call.callSid,
      from: maskAddress(call.from, call.caller),
      to: maskAddress(call.to, call.called),
      // Once a call is enough.
      numberTable: event === 'inbound' ? settings.tableMatch : undefined,
      hours: settings.hours,
      error: late && describeError(late.error),
      notified,
      // A handler that knows more has the last word: the CallSid of /confirm is the caller's.
      ...logFields,
      problems: problems.length > 0 ? problems.map(sentenceOf) : undefined,
    },
  };
}

/** Tells the owner of a caller who got nobody; returns whether that worked, or `undefined` for any other call. */
async function notify(decision: Decision, { call, settings, start }: WebhookRequest): Promise<boolean | undefined> {
  const { notifyUrl } = settings;
  if (notifyUrl === undefined || !isMissedCall(decision, call)) return undefined;
  // Loaded for the calls that need it, since it loads axios.
  const { deliver, deliverQuickly, missedCall } = await import('./notice.private');
  const { outcome } = decision;
  const notice = missedCall(call, 'reason' in decision ? decision.reason : undefined);
  if (outcome === 'message') return deliverQuickly(notifyUrl, notice, start);
  return (await deliver(notifyUrl, notice, start)).reason === undefined;
}

function toResponse(twiml: string): TwilioResponse {
  const response = new Twilio.Response();
  response.setStatusCode(200);
  response.appendHeader('Content-Type', 'text/xml');
  response.setBody(twiml);
  return response;
}
