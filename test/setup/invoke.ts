import type { ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import type { LogLine } from '../../src/assets/log.private';
import { parseTwiml, type Verb } from '../../tools/lab/twiml';

/** What one invocation of a function did, as the runtime would see it. */
export interface Invocation {
  readonly callbacks: number;
  readonly httpStatus: number;
  readonly contentType: string;
  readonly verbs: readonly Verb[];
  /** Its log lines, each with the console method that wrote it. */
  readonly lines: readonly { readonly method: 'log' | 'error'; readonly line: LogLine }[];
}

interface SentResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Runs a function as Twilio's runtime does, with these environment variables and event. */
export async function invoke(
  handler: ServerlessFunctionSignature,
  env: Readonly<Record<string, string>>,
  event: object,
): Promise<Invocation> {
  const lines: Invocation['lines'][number][] = [];
  const spies = [
    jest.spyOn(console, 'log').mockImplementation((text) => void lines.push({ method: 'log', line: JSON.parse(text) })),
    jest
      .spyOn(console, 'error')
      .mockImplementation((text) => void lines.push({ method: 'error', line: JSON.parse(text) })),
  ];
  const sent: SentResponse[] = [];
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
  await handler(
    context,
    { ...request, ...event },
    (_error, payload) => void sent.push(payload as unknown as SentResponse),
  );
  for (const spy of spies) spy.mockRestore();
  const [{ statusCode, headers, body } = { statusCode: 0, headers: {}, body: '' }] = sent;
  return {
    callbacks: sent.length,
    httpStatus: statusCode,
    contentType: headers['Content-Type'] ?? '',
    verbs: parseTwiml(body),
    lines,
  };
}
