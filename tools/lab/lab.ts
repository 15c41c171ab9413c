import { carry } from './carrier';
import { pause } from './clock';
import { type Emulator, startEmulator } from './emulator';
import { type Gateway, startGateway } from './gateway';
import { freePort } from './port';
import { labNumbers, type Scenario } from './scenarios';
import { type SipAgent, startSipAgent } from './sip-agent';
import { createTeller, type Story, type Teller } from './story';
import { type ApiExchange, type Synthflow, startSynthflow } from './synthflow';
import { type AgentBehaviour, startTrunk } from './trunk';
import { labAuthToken, newCallSid } from './webhook';

const apiKey = 'lab-api-key-0123456789';

/** A carrier, a Synthflow and the functions between them, all on this machine. */
export interface Lab {
  /** Places a call and follows it to its end; calls wait for one another. `changed` is told of each step. */
  place(scenario: Scenario, changed?: (story: Story) => void): Promise<PlacedCall>;
  stop(): Promise<void>;
}

/** One call that has ended. */
export interface PlacedCall extends Story {
  readonly callSid: string;
  /** Whether the caller heard the agent. */
  readonly reached: boolean;
}

/** Starts the lab; the emulator is started with the first call that needs its settings. `secondMs` sets the pace. */
export async function startLab({ secondMs }: { readonly secondMs: number }): Promise<Lab> {
  let teller: Teller = createTeller([]);
  let scenario: Scenario = { title: '' };
  const tell = (): Teller => teller;
  const synthflow = await startSynthflow(apiKey, (exchange) => tellExchange(teller, exchange));
  const prepared = {
    claim: (id: string) => synthflow.claim(id),
    get directDial() {
      return scenario.env?.DIRECT_DIAL === 'true';
    },
  };
  const trunk: SipAgent = await startTrunk(prepared, () => behaviourOf(scenario, trunk), secondMs, tell);
  const tap = (title: string, text: string): void => teller.step('Twilio', 'Synthflow SIP', title, text);
  const carrier = await startSipAgent('carrier', tap, (invite) => invite.refuse(403, 'Forbidden'));
  const closedPort = await freePort();
  const stages = new Map<string, Promise<{ emulator: Emulator; gateway: Gateway }>>();

  const stageFor = (wanted: Scenario): Promise<{ emulator: Emulator; gateway: Gateway }> => {
    const env = {
      SYNTHFLOW_API_KEY: apiKey,
      SYNTHFLOW_MODEL_ID: 'lab-agent',
      SYNTHFLOW_API_URL: wanted.api === 'refused' ? `http://127.0.0.1:${closedPort}/v2` : synthflow.apiUrl,
      SYNTHFLOW_SIP_TERMINATION: trunk.address,
      ...wanted.env,
    };
    const key = JSON.stringify(env);
    const stage = stages.get(key) ?? startStage(env, (line) => teller.log(line));
    stages.set(key, stage);
    return stage;
  };

  const place = async (wanted: Scenario, changed: (story: Story) => void = () => undefined): Promise<PlacedCall> => {
    const { gateway } = await stageFor(wanted);
    teller = createTeller([apiKey, labAuthToken], () => changed(teller.story()));
    scenario = wanted;
    setBehaviour(synthflow, wanted);
    gateway.setFunctionsUp(!wanted.functionsDown);
    const callSid = newCallSid();
    await carry({
      voiceUrl: `${gateway.url}/inbound`,
      fallbackUrl: `${gateway.url}/fallback.xml`,
      caller: labNumbers.caller,
      called: labNumbers.called,
      callSid,
      sip: carrier,
      person: wanted.person ?? 'answers',
      hangsUpAfterSeconds: wanted.hangsUpAfterSeconds,
      voicemailSeconds: wanted.voicemailSeconds ?? 0,
      secondMs,
      teller,
    });
    const story = teller.story();
    await logged(story);
    return { ...story, callSid, reached: story.heard.some(({ what }) => what === 'the agent') };
  };

  let queue: Promise<unknown> = Promise.resolve();
  return {
    place: (wanted, changed) => {
      const placed = queue.then(() => place(wanted, changed));
      queue = placed.catch(() => undefined);
      return placed;
    },
    stop: async () => {
      const started = await Promise.allSettled(stages.values());
      await Promise.all(started.map((stage) => (stage.status === 'fulfilled' ? stopStage(stage.value) : undefined)));
      carrier.stop();
      trunk.stop();
      await synthflow.stop();
    },
  };
}

async function startStage(env: Readonly<Record<string, string>>, onLogLine: (line: string) => void) {
  const onLine = (line: string): void => {
    if (line.startsWith('{"event"')) onLogLine(line);
  };
  const emulator = await startEmulator({ env, warm: true, onLine });
  return { emulator, gateway: await startGateway(emulator) };
}

async function stopStage({ emulator, gateway }: { emulator: Emulator; gateway: Gateway }): Promise<void> {
  await gateway.stop();
  await emulator.stop();
}

/** Waits for the log line of every answered function: a line may reach the reader after the answer. */
async function logged(story: Story): Promise<void> {
  const answered = story.steps.filter(({ from, title }) => from === 'function' && /^200 text\/xml/.test(title)).length;
  for (let waited = 0; story.log.length < answered && waited < 2000; waited += 5) await pause(5);
}

function setBehaviour(synthflow: Synthflow, { api }: Scenario): void {
  if (api === undefined || api === 'refused') synthflow.behave('registered');
  else synthflow.behave(...api);
}

function behaviourOf({ agent }: Scenario, trunk: SipAgent): AgentBehaviour {
  if (agent !== 'refers-warm') return agent ?? { kind: 'talks', seconds: 5 };
  return { kind: 'refers', referTo: `sip:0875704225817263@${trunk.address}` };
}

function tellExchange(teller: Teller, { method, path, body, answer }: ApiExchange): void {
  if (answer === undefined) teller.step('function', 'Synthflow API', `${method} ${path}`, body);
  else teller.step('Synthflow API', 'function', `${answer.httpStatus}`, answer.body);
}
