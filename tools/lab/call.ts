import { startEmulator } from './emulator';
import { freePort } from './port';
import type { Scenario } from './scenarios';
import { type ApiExchange, startSynthflow } from './synthflow';
import { parseTwiml, type Verb } from './twiml';
import { postSigned, voiceParameters, type WebhookAnswer } from './webhook';

/** The caller and the called number of the lab; reserved for fiction. */
export const labNumbers = { caller: '+15550100142', called: '+15550100100' } as const;

const apiKey = 'lab-api-key-0123456789';

/** One call, from its webhook to what the caller hears. */
export interface PlayedCall {
  readonly parameters: Readonly<Record<string, string>>;
  readonly exchanges: readonly ApiExchange[];
  readonly answer: WebhookAnswer;
  readonly verbs: readonly Verb[];
  /** The decoded SIP header X-EI of the dialled URI; `undefined` when the agent is not dialled. */
  readonly externalIds: string | undefined;
  /** The log lines that the functions wrote. */
  readonly log: readonly string[];
}

/** Places one call at the built functions in the emulator, with the stand-in as Synthflow; leaves nothing running. */
export async function playCall(scenario: Scenario, signal: AbortSignal): Promise<PlayedCall> {
  const synthflow = await startSynthflow(apiKey);
  if (scenario.api !== 'refused') synthflow.behave(...scenario.api);
  const apiUrl = scenario.api === 'refused' ? `http://127.0.0.1:${await freePort()}/v2` : synthflow.apiUrl;
  const env = {
    SYNTHFLOW_API_KEY: apiKey,
    SYNTHFLOW_MODEL_ID: 'lab-agent',
    SYNTHFLOW_API_URL: apiUrl,
    ...scenario.env,
  };
  try {
    const { parameters, answer, output } = await callEmulator(env, signal);
    const verbs = parseTwiml(answer.body);
    const log = output.split('\n').filter((line) => line.startsWith('{"event"'));
    return { parameters, exchanges: synthflow.exchanges, answer, verbs, externalIds: externalIdsOf(verbs), log };
  } finally {
    await synthflow.stop();
  }
}

async function callEmulator(env: Readonly<Record<string, string>>, signal: AbortSignal) {
  const emulator = await startEmulator({ env, warm: true });
  const stop = (): void => void emulator.stop();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    const parameters = voiceParameters(labNumbers.caller, labNumbers.called);
    const answer = await postSigned(`${emulator.url}/inbound`, parameters);
    // Its output is complete only once it has ended.
    await emulator.stop();
    return { parameters, answer, output: emulator.output() };
  } finally {
    signal.removeEventListener('abort', stop);
    await emulator.stop();
  }
}

function externalIdsOf(verbs: readonly Verb[]): string | undefined {
  const sip = verbs.flatMap((verb) => verb.children).find((noun) => noun.name === 'Sip');
  const [, header] = /[?&]X-EI=([^&]*)/.exec(sip?.text ?? '') ?? [];
  return header === undefined ? undefined : decodeURIComponent(header);
}
