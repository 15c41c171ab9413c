import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import type { LogLine } from '../../src/assets/log.private';
import { parseTwiml, type Verb } from '../../tools/story/twiml';

/** What one invocation of a function did, as the runtime would see it. */
export interface Invocation {
  readonly callbacks: number;
  readonly httpStatus: number;
  readonly contentType: string;
  readonly verbs: readonly Verb[];
  /** Whether the function called back with an error, which is the error voice in the cloud. */
  readonly failed: boolean;
  /** The whole answer as JSON, headers included. */
  readonly raw: string;
  /** Its log lines, each with the console method that wrote it. */
  readonly lines: readonly { readonly method: 'log' | 'error' | 'warn' | 'info' | 'debug'; readonly line: LogLine }[];
}

/** A function with the environment variables and the event that it gets. */
export interface Invoked {
  readonly handler: ServerlessFunctionSignature;
  readonly env: Readonly<Record<string, unknown>>;
  readonly event: object;
}

interface SentResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Lines = Invocation['lines'][number][];

/** The lines of the invocation that is running; one for all, since Node never lets go of a storage. */
const current = new AsyncLocalStorage<Lines>();

/** Callbacks beyond the first one of an invocation, in this file; the cloud may be in another call by then. */
export const late: object[] = [];

/** What our own URL says at the end of a leg. */
export const at = (step: number, leg: string, more: object = {}) => ({
  bridge_step: `${step}`,
  bridge_leg: leg,
  ...more,
});

/** Runs functions as Twilio's runtime does, all of them at once; the results keep the order. */
export async function invokeAll(invoked: readonly Invoked[]): Promise<readonly Invocation[]> {
  const strays: unknown[] = [];
  const spies = (['log', 'error', 'warn', 'info', 'debug'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation((...[text]: unknown[]) => {
      const lines = current.getStore();
      if (lines === undefined) strays.push(text);
      else lines.push({ method, line: JSON.parse(String(text)) });
    }),
  );
  const results = await Promise.all(
    invoked.map((one) => {
      const lines: Lines = [];
      return current.run(lines, () => run(one, lines));
    }),
  );
  for (const spy of spies) spy.mockRestore();
  if (strays.length > 0) throw new Error(`lines that belong to no invocation: ${strays.join()}`);
  return results;
}

/** Runs one function as Twilio's runtime does. */
export async function invoke(
  handler: Invoked['handler'],
  env: Invoked['env'],
  event: Invoked['event'],
): Promise<Invocation> {
  const [invocation] = await invokeAll([{ handler, env, event }]);
  if (invocation === undefined) throw new Error('the function was not run');
  return invocation;
}

async function run({ handler, env, event }: Invoked, lines: Lines): Promise<Invocation> {
  const context = {
    getTwilioClient: () => {
      throw new Error('the bridge needs no Twilio client');
    },
    DOMAIN_NAME: 'bridge-1234.twil.io',
    PATH: '/inbound',
    SERVICE_SID: undefined,
    ENVIRONMENT_SID: undefined,
    ...env,
  };
  const request = { request: { headers: {}, cookies: {} } };
  let callbacks = 0;
  const { error, response } = await new Promise<{ readonly error: unknown; readonly response: SentResponse }>(
    (done) => {
      const returned: unknown = handler(context, { ...request, ...event }, (failure, payload) => {
        callbacks += 1;
        if (callbacks > 1) late.push({ failure, payload });
        done({ error: failure, response: payload as unknown as SentResponse });
      });
      if (returned !== undefined) throw new Error('a handler that returns something is an async one to the cloud');
    },
  );
  const { statusCode, headers, body } = response;
  return {
    callbacks,
    httpStatus: statusCode,
    contentType: headers['Content-Type'] ?? '',
    verbs: parseTwiml(body),
    failed: error !== null,
    raw: JSON.stringify({ statusCode, headers, body }),
    lines,
  };
}
