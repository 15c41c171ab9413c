import type { ServerlessCallback, ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import type { LogLine } from './log.private';
import type { Environment } from './variables.private';

const { writeLine }: typeof import('./log.private') = require(Runtime.getAssets()['/log.js'].path);

/** What a function answers, and the line that it logs. */
export interface Answer {
  readonly twiml: string;
  readonly line: LogLine;
}

/** The last resort, kept as text so that nothing is left that could fail. */
const lastResort =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Say>We are sorry, our assistant cannot take your call at the moment.</Say><Hangup/></Response>';

/**
 * The frame around every function: status 200, text/xml, one log line and the callback exactly once, whatever the
 * work inside does. The cloud ignores a handler's result and plays its error voice for an exception.
 */
export function webhook(
  event: LogLine['event'],
  answer: (environment: Environment, parameters: object) => Promise<Answer>,
): ServerlessFunctionSignature {
  return async (context, parameters, callback) => {
    const start = performance.now();
    const { twiml, line } = await settled(event, () => answer(context, parameters));
    writeLine({ ...line, ms: Math.round(performance.now() - start) });
    respond(callback, twiml);
  };
}

async function settled(event: LogLine['event'], work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    return { twiml: lastResort, line: { event, outcome: 'message', reason: 'unexpected', error: nameAndPlace(error) } };
  }
}

function respond(callback: ServerlessCallback, twiml: string): void {
  const response = new Twilio.Response();
  response.setStatusCode(200);
  response.appendHeader('Content-Type', 'text/xml');
  response.setBody(twiml);
  callback(null, response);
}

/** Name of an error and where it was thrown; its message may hold a caller's number or a key. */
function nameAndPlace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frame = /\n\s+at (.+)/.exec(error.stack ?? '')?.[1] ?? 'unknown place';
  return `${error.name} at ${frame}`;
}
