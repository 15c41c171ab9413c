import { resolve } from 'node:path';
import { readSettings, type Settings } from '../src/assets/settings.private';
import { regions } from '../src/assets/synthflow/trunk.private';
import { groupCalls, parseLine } from '../tools/live/history';
import { instantOf } from '../tools/live/routes';
import { pause, startCallTime, startClock } from './clock';
import type { CallDetails } from './fields';
import { parseJson } from './json';
import { isRefusal, labelOfPrepare, labelOfStatus } from './labels';
import { numbers as labTable } from './numbers';
import { freePort, serve } from './port';
import { readBody } from './request';
import { labNumbers, partiesOf, type Scenario } from './scenarios';
import { firstNumber, type PlayedSettings, playedEnvironment, realApiOf, secretsOf } from './settings';
import { startSipAgent, type WireTap } from './sip/user-agent';
import { createStages } from './stages';
import { createRecorder, type Recorder, type Story } from './story';
import { type ApiExchange, startSynthflow } from './synthflow/api';
import { startForwarder } from './synthflow/forwarder';
import { type AgentBehaviour, startTrunk } from './synthflow/trunk';
import { carry } from './twilio/carrier';
import { newCallSid } from './twilio/parameters';
import { labAuthToken } from './twilio/webhook';

const standInKey = 'lab-api-key-0123456789';

/** How to run the lab. */
export interface LabOptions {
  /** Milliseconds that one second of a call lasts. */
  readonly secondMs: number;
  /** The settings to play, asked for before each call; none but what the stand-ins need, unless given. */
  readonly settings?: () => Promise<PlayedSettings>;
}

/** Who calls whom, if not as the scenario says, with which parameters and when; and how. */
export interface CallOptions extends CallDetails {
  /** Whether the real API prepares the call, as the settings say; the trunk is a stand-in all the same. */
  readonly realApi?: boolean;
  /** `true` starts a process for each request, as a cold instance of the cloud. */
  readonly cold?: boolean;
}

/** A carrier, a Synthflow and the functions between them, all on this machine. */
export type Lab = Awaited<ReturnType<typeof startLab>>;

/** One call that has ended. */
export type PlacedCall = Awaited<ReturnType<Lab['place']>>;

/** The call that is under way. */
interface CurrentCall {
  readonly scenario: Scenario;
  /** What the called number gets. */
  readonly settings: Settings;
  /** Where the real API is. */
  readonly realUrl: string;
  readonly recorder: Recorder;
  /** Legs that the trunk has been asked for. */
  legs: number;
}

/** Starts the lab; an emulator is started with the first call that needs its settings. */
export async function startLab({ secondMs, settings = async () => none }: LabOptions) {
  const clock = startClock(secondMs);
  // Calls wait for one another, so that whatever happens belongs to this one.
  let current: CurrentCall = {
    scenario: { title: '' },
    settings: readSettings({}, {}, ''),
    realUrl: '',
    recorder: createRecorder([], startCallTime(clock)),
    legs: 0,
  };
  const watch = (exchange: ApiExchange): void => recordExchange(current.recorder, exchange);
  const synthflow = await startSynthflow(standInKey, watch);
  const forwarder = await startForwarder(() => current.realUrl, watch);
  const prepared = {
    claim: (id: string): boolean => synthflow.claim(id) || forwarder.claim(id),
    directDial: () => current.settings.rules.directDial,
  };
  const behaviour = (): AgentBehaviour => behaviourOf(current);
  const trunk = await startTrunk(prepared, behaviour, clock, () => current.recorder);
  const tap: WireTap = (title, text) => {
    const { step, fail } = current.recorder;
    (isRefusal(title) ? fail : step)('Twilio', 'Synthflow SIP', title, text);
  };
  const carrier = await startSipAgent('carrier', tap, (invite) => invite.refuse(403, 'Forbidden'));
  // What takes new voicemails, such as a chat.
  const hook = await serve(async (incoming, response) => {
    const { recorder, scenario } = current;
    recorder.step('function', 'person', 'a new voicemail', await readBody(incoming));
    const isTaken = scenario.voicemailHook !== 'fails';
    (isTaken ? recorder.step : recorder.fail)('person', 'function', labelOfStatus(isTaken ? 200 : 500));
    response.writeHead(isTaken ? 200 : 500).end();
  });
  const closedPort = await freePort();
  const stages = createStages();

  /** The functions as this call meets them. */
  const gatewayFor = (scenario: Scenario, played: PlayedSettings, called: string, options: CallOptions) => {
    const { cold = false, realApi, at } = options;
    const standInUrl = scenario.api === 'refused' ? `http://127.0.0.1:${closedPort}/v2` : synthflow.apiUrl;
    // Faults of the API can only be played by the stand-in.
    const isReal = realApi === true && scenario.api === undefined;
    const standIns = {
      authToken: labAuthToken,
      sipAddress: trunk.address,
      voicemailUrl: hook.url,
      api: isReal ? { url: forwarder.apiUrl } : { url: standInUrl, key: standInKey },
    };
    const env = playedEnvironment(played.environment, standIns, scenario.env ?? {});
    const { closed } = readSettings(env, played.numbers, called);
    const emulator = {
      ...{ env, warm: !cold, dist: played.dist, voicemailUrl: hook.url },
      numbers: scenario.hasTable ? resolve(__dirname, 'numbers.ts') : undefined,
      now: at && instantOf(at, closed?.hours.timeZone),
      onLine: (line: string): void =>
        line.startsWith('{"event"') ? current.recorder.log(line) : current.recorder.print(line),
    };
    return stages.stageFor(emulator, JSON.stringify([played.environment, played.dist]));
  };

  const place = async (scenario: Scenario, options: CallOptions, changed: (story: Story) => void) => {
    const given = await settings();
    const played = scenario.hasTable ? { ...given, numbers: labTable } : given;
    const { caller, called, forwardedFrom } = { ...partiesOf(scenario, firstNumber(played.numbers)), ...options };
    const realUrl = options.realApi ? realApiOf(played, called) : '';
    const gateway = await gatewayFor(scenario, played, called, options);
    const secrets = [standInKey, labAuthToken, ...secretsOf(played.environment)];
    const recorder = createRecorder(secrets, startCallTime(clock), () => changed(recorder.story()));
    const gets = readSettings({ ...played.environment, ...scenario.env }, played.numbers, called);
    current = { scenario, settings: gets, realUrl, recorder, legs: 0 };
    const { api = ['registered'] }: Scenario = scenario;
    if (api !== 'refused') synthflow.behave(...api);
    gateway.crash(scenario.crashes ?? []);
    const callSid = newCallSid();
    const { sales, person = 'answers' } = scenario;
    await carry({
      voiceUrl: `${gateway.url}/inbound`,
      fallbackUrl: `${gateway.url}/fallback.xml`,
      caller,
      called,
      callSid,
      forwardedFrom,
      parameters: options.parameters ?? {},
      accountNumber: gets.callerId ?? labNumbers.called,
      sip: carrier,
      synthflowAt: trunk.address,
      person: (number) => (number === labNumbers.sales ? sales : undefined) ?? person,
      hangsUpAfterSeconds: scenario.hangsUpAfterSeconds,
      voicemailSeconds: scenario.voicemailSeconds ?? 0,
      transferMode: scenario.transferMode ?? 'the agent stays',
      clock,
      recorder,
    });
    const story = recorder.story();
    await logged(story);
    /** Whether the caller had the agent: it answered, and its leg lasted. */
    const reached = hasReached(story);
    return { ...story, callSid, caller, called, reached };
  };

  let queue: Promise<unknown> = Promise.resolve();
  return {
    /** Places a call and follows it to its end; calls wait for one another. `changed` is told of each step. */
    place: (scenario: Scenario, options: CallOptions = {}, changed: (story: Story) => void = () => undefined) => {
      const placed = queue.then(() => place(scenario, options, changed));
      queue = placed.catch(() => undefined);
      return placed;
    },
    stop: async (): Promise<void> => {
      await stages.stop();
      clock.stop();
      carrier.stop();
      trunk.stop();
      await Promise.all([synthflow.stop(), forwarder.stop(), hook.stop()]);
    },
  };
}

const none: PlayedSettings = { environment: {}, numbers: {} };

/** Whether the caller had the agent, by the rule of `npm run calls`: having heard it answer is not enough. */
function hasReached({ log }: Story): boolean {
  const lines = log.map(parseLine).filter((line) => line !== undefined);
  const timed = lines.map((line, index) => ({ time: new Date(index), line }));
  return groupCalls(timed).some(({ reached }) => reached === 'agent');
}

/** Waits for the log line of every answered function: a line may reach the reader after the answer. */
async function logged(story: Story): Promise<void> {
  const asked = story.steps.filter(({ to, title }) => to === 'function' && title.startsWith('POST'));
  const failed = story.steps.filter((step) => step.failed && step.from === 'function' && step.to === 'Twilio');
  const answered = asked.length - failed.length;
  for (let waited = 0; story.log.length < answered && waited < 2000; waited += 5) await pause(5);
}

function behaviourOf(call: CurrentCall): AgentBehaviour {
  call.legs += 1;
  const { agent: first, agentThen = first } = call.scenario;
  const agent = call.legs === 1 ? first : agentThen;
  if (typeof agent !== 'string') return agent ?? { kind: 'talks', seconds: 5 };
  const { rules, trunk } = call.settings;
  if (agent === 'refers-allowed') {
    return { kind: 'refers', referTo: `sip:${rules.transferTargets.at(-1)?.number}@synthflow.invalid` };
  }
  // A warm transfer comes back to the region's own host, whatever termination was dialled.
  const [own] = trunk?.trunk.hosts.filter(({ name }) => name.endsWith('.synthflow.ai')) ?? [];
  const host = own?.name ?? regions.global.sipHosts[0];
  const referTo = `sip:0875704225817263@${host}:32681`;
  return { kind: 'refers', referTo, joins: agent === 'refers-warm' };
}

function recordExchange(recorder: Recorder, { method, path, body, answer }: ApiExchange): void {
  if (answer === undefined) {
    recorder.step('function', 'Synthflow API', `${method} ${path}`, prettyJson(body), body);
    return;
  }
  const { title, failed } = labelOfPrepare(answer);
  (failed ? recorder.fail : recorder.step)('Synthflow API', 'function', title, prettyJson(answer.body), answer.body);
}

/** JSON with one field a line, for people; any other text as it is. */
function prettyJson(text: string): string {
  const json = parseJson(text);
  return json === undefined ? text : JSON.stringify(json, undefined, 2);
}
