import type { ServerlessCallback, ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import type { Call } from './call.private';
import type { Decision } from './ladder.private';
import type { LogLine } from './log.private';
import type { Settings } from './settings.private';
import type { Environment } from './variables.private';

const { parseCall }: typeof import('./call.private') = require(Runtime.getAssets()['/call.js'].path);
const { decide }: typeof import('./ladder.private') = require(Runtime.getAssets()['/ladder.js'].path);
const { maskAddress, writeLine }: typeof import('./log.private') = require(Runtime.getAssets()['/log.js'].path);
const { readSettings }: typeof import('./settings.private') = require(Runtime.getAssets()['/settings.js'].path);

/** A request with the settings of its called number. */
export interface Request {
  readonly call: Call;
  readonly settings: Settings;
}

/** What a function decided, and what its log line tells beyond that. */
export interface Reply {
  readonly decision: Decision;
  readonly known?: Partial<LogLine>;
}

/** The work of one function: from a request to what it decided. */
export type Work = (request: Request) => Reply | Promise<Reply>;

/** The last resort, kept as text so that nothing is left that could fail. */
const lastResort =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Say>We are sorry, our assistant cannot take your call at the moment.</Say><Hangup/></Response>';

/**
 * The frame around every function: status 200, text/xml, one log line and the callback exactly once, whatever the
 * work inside does; an exception takes the caller to the next rung of the ladder. The cloud ignores a handler's
 * result and plays its error voice for an exception.
 */
export function webhook(event: LogLine['event'], work: Work): ServerlessFunctionSignature {
  return async (context, parameters, callback) => {
    const start = performance.now();
    const { twiml, line } = await answer(event, work, context, parameters);
    writeLine({ ...line, ms: Math.round(performance.now() - start) });
    respond(callback, twiml);
  };
}

interface Answer {
  readonly twiml: string;
  readonly line: LogLine;
}

async function answer(
  event: LogLine['event'],
  work: Work,
  environment: Environment,
  parameters: object,
): Promise<Answer> {
  try {
    const call = parseCall(parameters);
    return await answerCall(event, work, environment, call);
  } catch (error) {
    const line: LogLine = { event, outcome: 'message', reason: 'unexpected', error: nameAndPlace(error) };
    return { twiml: lastResort, line };
  }
}

async function answerCall(event: LogLine['event'], work: Work, environment: Environment, call: Call): Promise<Answer> {
  const settings = settingsOf(environment, call.to);
  try {
    return answerOf(event, { call, settings }, await work({ call, settings }));
  } catch (error) {
    const decision = decide({ failure: 'unexpected', below: lowestTried(event, call) }, settings.ladder);
    return answerOf(event, { call, settings }, { decision, known: { error: nameAndPlace(error) } });
  }
}

function settingsOf(environment: Environment, to: string): Settings {
  try {
    // Loaded here, so that a mistake in a table that people edit does not take the whole function with it.
    const { numbers }: typeof import('./numbers.private') = require(Runtime.getAssets()['/numbers.js'].path);
    return readSettings(environment, numbers, to);
  } catch (error) {
    const problem = `the number table: expected one that can be read; found ${nameAndPlace(error)}. Correct it and deploy again.`;
    const { problems, ...rest } = readSettings(environment, {}, to);
    // Which agent is the number's is not known, and another tenant's would be worse than the fallback.
    return { ...rest, api: undefined, problems: [problem, ...problems] };
  }
}

/** The lowest rung that this call may have tried: what is below it can be neither rung nor recorded twice. */
function lowestTried(event: LogLine['event'], { parameters }: Call): 'agent' | 'number' | 'voicemail' {
  if (event === 'inbound') return 'agent';
  // Loaded here, since a call's first webhook answers without it.
  const { parseStage }: typeof import('./leg.private') = require(Runtime.getAssets()['/leg.js'].path);
  return parseStage(parameters) === 'voicemail' ? 'voicemail' : 'number';
}

function answerOf(event: LogLine['event'], { call, settings }: Request, { decision, known }: Reply): Answer {
  const { render }: typeof import('./twiml.private') = require(Runtime.getAssets()['/twiml.js'].path);
  const { outcome } = decision;
  const reason = 'reason' in decision ? decision.reason : undefined;
  const parties = { callSid: call.callSid, from: maskAddress(call.from), to: maskAddress(call.to) };
  const problems = settings.problems.length > 0 ? settings.problems : undefined;
  return {
    twiml: render(decision, settings.speech, call),
    line: { event, outcome, reason, ...parties, ...known, problems },
  };
}

function respond(callback: ServerlessCallback, twiml: string): void {
  const response = new Twilio.Response();
  response.setStatusCode(200);
  response.appendHeader('Content-Type', 'text/xml');
  response.setBody(twiml);
  callback(null, response);
}

/** Kind of an error and where it was thrown; its message may hold anything, and so may a name that is none of a class. */
function nameAndPlace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const name = /^[A-Za-z]+$/.exec(error.name)?.[0] ?? 'Error';
  // The first line with a row and a column: a message of several lines may begin one with "at", too.
  const frame = /\n\s+at (.+:\d+:\d+\)?)(?:\n|$)/.exec(String(error.stack))?.[1] ?? 'unknown place';
  return `${name} at ${frame}`;
}
