import { resolve } from 'node:path';
import { regions } from '../src/assets/synthflow/trunk.private';
import { groupCalls, parseLine, type TimedLine } from '../tools/live/history';
import { pause, startClock } from './clock';
import { freePort } from './port';
import { labNumbers, type Parties, partiesOf, type Scenario } from './scenarios';
import { type SipAgent, startSipAgent } from './sip/user-agent';
import { createRecorder, type Recorder, type Story } from './story';
import { type ApiExchange, type Synthflow, startSynthflow } from './synthflow/api';
import { type Forwarder, startForwarder } from './synthflow/forwarder';
import { type AgentBehaviour, startTrunk } from './synthflow/trunk';
import { type CarrierCall, carry } from './twilio/carrier';
import { type Emulator, type EmulatorOptions, startEmulator } from './twilio/emulator';
import { type Gateway, startGateway } from './twilio/gateway';
import { newCallSid } from './twilio/parameters';
import { labAuthToken } from './twilio/webhook';
import { startVoicemailHook } from './voicemail-hook';

const standInKey = 'lab-api-key-0123456789';

/** A Synthflow that is real: the settings that reach it. */
export interface RealApi {
  readonly apiUrl: string;
  /** All `SYNTHFLOW_*` settings, the key among them. */
  readonly env: Readonly<Record<string, string>>;
  readonly apiKey: string;
}

/** How to run the lab. */
export interface LabOptions {
  /** Milliseconds that one second of a call lasts. */
  readonly secondMs: number;
  /** The API to talk to; the stand-in unless given. The SIP trunk is always the stand-in's. */
  readonly real?: RealApi | undefined;
  /** The folder with the build to run; `dist` unless given. */
  readonly dist?: string;
}

/** Who calls whom, if not as the scenario says, and how. */
export interface CallOptions extends Parties {
  /** `true` starts a process for each request, as a cold instance of the cloud. */
  readonly cold?: boolean;
}

/** A carrier, a Synthflow and the functions between them, all on this machine. */
export interface Lab {
  /** Places a call and follows it to its end; calls wait for one another. `changed` is told of each step. */
  place(scenario: Scenario, options?: CallOptions, changed?: (story: Story) => void): Promise<PlacedCall>;
  stop(): Promise<void>;
}

/** One call that has ended. */
export interface PlacedCall extends Story {
  readonly callSid: string;
  /** Whether the caller had the agent: it answered, and its leg lasted. */
  readonly reached: boolean;
}

/** The call that is under way. */
interface CurrentCall {
  readonly scenario: Scenario;
  readonly recorder: Recorder;
  /** Legs that the trunk has been asked for. */
  legs: number;
}

interface Stage {
  readonly emulator: Emulator;
  readonly gateway: Gateway;
}

/** Starts the lab; an emulator is started with the first call that needs its settings. */
export async function startLab({ secondMs, real, dist }: LabOptions): Promise<Lab> {
  const clock = startClock(secondMs);
  // Calls wait for one another, so that whatever happens belongs to this one.
  let current: CurrentCall = { scenario: { title: '' }, recorder: createRecorder([]), legs: 0 };
  const watch = (exchange: ApiExchange): void => recordExchange(current.recorder, exchange);
  const synthflow = await startSynthflow(standInKey, watch);
  const forwarder = real && (await startForwarder(real.apiUrl, watch));
  const prepared = {
    claim: (id: string): boolean => synthflow.claim(id) || (forwarder?.claim(id) ?? false),
    directDial: () => current.scenario.env?.DIRECT_DIAL === 'true',
  };
  const trunk: SipAgent = await startTrunk(
    prepared,
    () => behaviourOf(current, real),
    clock,
    () => current.recorder,
  );
  const tap = (title: string, text: string): void => current.recorder.step('Twilio', 'Synthflow SIP', title, text);
  const carrier = await startSipAgent('carrier', tap, (invite) => invite.refuse(403, 'Forbidden'));
  const hook = await startVoicemailHook((body) => {
    const { recorder, scenario } = current;
    recorder.step('function', 'person', 'a new voicemail', body);
    const status = scenario.voicemailHook === 'takes it' ? 200 : 500;
    recorder.step('person', 'function', `${status}`);
    return status;
  });
  const apis: Apis = { synthflow, forwarder, real, closedPort: await freePort() };
  const stages = new Map<string, Promise<Stage>>();

  const stageFor = (scenario: Scenario, cold: boolean): Promise<Stage> => {
    // The cloud gives every function the account's token, too.
    const given = { ...apiEnv(scenario, apis), AUTH_TOKEN: labAuthToken, SYNTHFLOW_SIP_TERMINATION: trunk.address };
    const posted = scenario.voicemailHook === undefined ? {} : { VOICEMAIL_URL: hook.url };
    const env = { ...given, ...posted, ...scenario.env };
    const numbers = scenario.hasTable ? resolve(__dirname, 'numbers.ts') : undefined;
    const key = JSON.stringify({ env, cold, numbers });
    const stage = stages.get(key) ?? startStage({ env, warm: !cold, dist, numbers }, () => current.recorder);
    stages.set(key, stage);
    return stage;
  };

  const place = async (
    scenario: Scenario,
    options: CallOptions,
    changed: (story: Story) => void,
  ): Promise<PlacedCall> => {
    const { gateway } = await stageFor(scenario, options.cold ?? false);
    const secrets = [standInKey, labAuthToken, real?.apiKey ?? standInKey];
    const recorder = createRecorder(secrets, () => changed(recorder.story()));
    current = { scenario, recorder, legs: 0 };
    setBehaviour(synthflow, scenario);
    gateway.crash(scenario.crashes ?? []);
    const callSid = newCallSid();
    const shared = { sip: carrier, synthflowAt: trunk.address, callSid, clock, recorder };
    await carry({ ...carrierCall(scenario, options, gateway), ...shared });
    const story = recorder.story();
    await logged(story);
    return { ...story, callSid, reached: hasReached(story) };
  };

  let queue: Promise<unknown> = Promise.resolve();
  return {
    place: (scenario, options = {}, changed = () => undefined) => {
      const placed = queue.then(() => place(scenario, options, changed));
      queue = placed.catch(() => undefined);
      return placed;
    },
    stop: async () => {
      const started = await Promise.allSettled(stages.values());
      await Promise.all(started.map((stage) => (stage.status === 'fulfilled' ? stopStage(stage.value) : undefined)));
      clock.stop();
      carrier.stop();
      trunk.stop();
      hook.stop();
      await Promise.all([synthflow.stop(), forwarder?.stop()]);
    },
  };
}

interface Apis {
  readonly synthflow: Synthflow;
  readonly forwarder: Forwarder | undefined;
  readonly real: RealApi | undefined;
  readonly closedPort: number;
}

/** The real API takes the calls that meet no fault of the API; faults can only be played by the stand-in. */
function apiEnv({ api }: Scenario, { synthflow, forwarder, real, closedPort }: Apis): Record<string, string> {
  if (real !== undefined && forwarder !== undefined && api === undefined) {
    return { ...real.env, SYNTHFLOW_API_URL: forwarder.apiUrl };
  }
  const apiUrl = api === 'refused' ? `http://127.0.0.1:${closedPort}/v2` : synthflow.apiUrl;
  return { SYNTHFLOW_API_KEY: standInKey, SYNTHFLOW_MODEL_ID: 'lab-agent', SYNTHFLOW_API_URL: apiUrl };
}

type SharedParts = 'sip' | 'synthflowAt' | 'callSid' | 'clock' | 'recorder';

function carrierCall(scenario: Scenario, options: CallOptions, gateway: Gateway): Omit<CarrierCall, SharedParts> {
  const { caller, called, forwardedFrom } = { ...partiesOf(scenario), ...options };
  return {
    voiceUrl: `${gateway.url}/inbound`,
    fallbackUrl: `${gateway.url}/fallback.xml`,
    caller,
    called,
    ...(forwardedFrom !== undefined && { forwardedFrom }),
    accountNumber: labNumbers.called,
    person: (number) => (number === labNumbers.sales ? scenario.sales : undefined) ?? scenario.person ?? 'answers',
    hangsUpAfterSeconds: scenario.hangsUpAfterSeconds,
    voicemailSeconds: scenario.voicemailSeconds ?? 0,
    transferMode: scenario.transferMode ?? 'the agent stays',
  };
}

async function startStage(options: EmulatorOptions, recorder: () => Recorder): Promise<Stage> {
  const onLine = (line: string): void => (line.startsWith('{"event"') ? recorder().log(line) : recorder().print(line));
  const emulator = await startEmulator({ ...options, onLine });
  return { emulator, gateway: await startGateway(emulator) };
}

async function stopStage({ emulator, gateway }: Stage): Promise<void> {
  await gateway.stop();
  await emulator.stop();
}

/** Whether the caller had the agent, by the rule of `npm run calls`: having heard it answer is not enough. */
function hasReached({ log }: Story): boolean {
  const lines = log.map((text, index) => ({ time: new Date(index), line: parseLine(text) }));
  const known = lines.filter((one): one is TimedLine => one.line !== undefined);
  return groupCalls(known).some(({ reached }) => reached === 'agent');
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

function behaviourOf(call: CurrentCall, real: RealApi | undefined): AgentBehaviour {
  call.legs += 1;
  const { agent: first, agentThen = first } = call.scenario;
  const agent = call.legs === 1 ? first : agentThen;
  if (typeof agent !== 'string') return agent ?? { kind: 'talks', seconds: 5 };
  // A warm transfer comes back to the region's own host, whatever termination was dialled.
  const region = Object.entries(regions).find(([name]) => name === real?.env.SYNTHFLOW_REGION)?.[1] ?? regions.global;
  const referTo = `sip:0875704225817263@${region.sipHosts[0]}:32681`;
  return { kind: 'refers', referTo, joins: agent === 'refers-warm' };
}

function recordExchange(recorder: Recorder, { method, path, body, answer }: ApiExchange): void {
  if (answer === undefined) recorder.step('function', 'Synthflow API', `${method} ${path}`, body);
  else recorder.step('Synthflow API', 'function', `${answer.httpStatus}`, answer.body);
}
