import { parseArgs } from 'node:util';
import { type PlayedCall, playCall } from './lab/call';
import { isScenarioName, scenarios } from './lab/scenarios';
import { formatTwiml, type Verb } from './lab/twiml';

const usage = `npm run call -- [--scenario NAME] [--json]

Places one call: the built functions run in Twilio's emulator, beside a stand-in for Synthflow.
Exit status: 0 the caller reaches the agent, 1 the caller gets the fallback, 2 the call could not be placed.

Scenarios
${Object.entries(scenarios)
  .map(([name, { title }]) => `  ${name.padEnd(14)} ${title}`)
  .join('\n')}`;

async function main(): Promise<number> {
  const { scenario, json, help } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'answered' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
  if (help) return print(usage, 0);
  if (!isScenarioName(scenario))
    return print(`--scenario: expected one of the list below; found "${scenario}".\n\n${usage}`, 2);

  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());
  process.stderr.write('Placing the call …\n\n');
  const call = await playCall(scenarios[scenario], interrupt.signal).catch((error: unknown) => {
    if (interrupt.signal.aborted) return undefined;
    throw error;
  });
  if (call === undefined) return print('Stopped; nothing is left running.', 130);
  const reached = call.externalIds !== undefined;
  return print(
    json
      ? JSON.stringify({ scenario, reached, ...call, exchanges: call.exchanges.map(withoutHeaders) })
      : story(scenario, call),
    reached ? 0 : 1,
  );
}

function story(scenario: keyof typeof scenarios, call: PlayedCall): string {
  const { parameters, exchanges, answer, verbs, externalIds, log } = call;
  const requests = exchanges.flatMap(({ method, path, body, answer: reply }) => [
    step('function', 'Synthflow', `${method} ${path}`, body),
    step(
      'Synthflow',
      'function',
      reply === undefined ? 'no complete answer' : `${reply.httpStatus}`,
      reply?.body ?? '',
    ),
  ]);
  return [
    `Scenario "${scenario}": ${scenarios[scenario].title}\n`,
    step('Twilio', 'function', 'POST /inbound, signed', JSON.stringify(parameters)),
    ...requests,
    step(
      'function',
      'Twilio',
      `${answer.httpStatus} ${answer.contentType}, after ${Math.round(answer.ms)} ms`,
      formatTwiml(verbs),
    ),
    ...(externalIds === undefined ? [] : [step('Twilio', 'trunk', 'INVITE', `X-EI: ${externalIds}`)]),
    `${'Log'.padEnd(margin)}${log.join('\n'.padEnd(margin + 1))}`,
    `${'Outcome'.padEnd(margin)}${outcome(verbs, externalIds)}`,
  ].join('\n');
}

const margin = 25;

function step(from: string, to: string, what: string, content: string): string {
  const lines = content === '' ? [] : content.split('\n');
  return [
    `${from.padEnd(10)}→ ${to}`.padEnd(margin) + what,
    ...lines.map((line) => ' '.repeat(margin) + line),
    '',
  ].join('\n');
}

function outcome(verbs: readonly Verb[], externalIds: string | undefined): string {
  if (externalIds !== undefined) return 'the caller reaches the agent';
  const said = verbs.filter(({ name }) => name === 'Say').map(({ text }) => `"${text}"`);
  return said.length > 0 ? `the caller hears ${said.join(', then ')}` : 'the caller hears nothing';
}

function print(text: string, exitStatus: number): number {
  process.stdout.write(`${text}\n`);
  return exitStatus;
}

/** The headers hold the key. */
function withoutHeaders({ headers: _, ...rest }: PlayedCall['exchanges'][number]): object {
  return rest;
}

main().then(
  (exitStatus) => {
    process.exitCode = exitStatus;
  },
  (error: unknown) => {
    process.stderr.write(`The call could not be placed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
