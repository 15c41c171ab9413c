import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readSettings, type Settings } from '../src/assets/settings.private';
import { regions } from '../src/assets/synthflow/trunk.private';
import { parseAddress } from '../src/assets/twilio/address.private';
import { groupCalls, type Reached } from '../tools/calls/history';
import { instantOf } from '../tools/check/routes';
import { parseLine } from '../tools/story/explanation';
import { isRefusal, labelOfPrepare, labelOfStatus } from '../tools/story/labels';
import { createRecorder, type Recorder, type Story } from '../tools/story/recorder';
import { parseJson } from '../tools/text';
import { pause, startCallTime, startClock } from './clock';
import { createEmulators, type Stage } from './emulators';
import type { CallDetails } from './fields';
import { forPrograms, readBody, serve } from './http';
import { numbers as labTable } from './numbers';
import { partiesOf, type Scenario } from './scenarios';
import { firstNumber, type PlayedSettings, playedEnvironment, secretsOf } from './settings';
import { startSipAgent, type WireTap } from './sip/user-agent';
import { type ApiExchange, startSynthflow } from './synthflow/api';
import { type AgentBehaviour, startTrunk } from './synthflow/trunk';
import { carry } from './twilio/carrier';
import { labAuthToken, newCallSid } from './twilio/webhook';

/** Made up, new in each process: neither a web page nor another user of this machine knows it. */
const standInKey = `lab-api-key-${randomUUID()}`;

/** How to run the lab. */
export interface LabOptions {
  /** Milliseconds that one second of a call lasts. */
  readonly secondMs: number;
  /** Gives the settings of each call (default: only what the stand-ins need). */
  readonly settings?: () => Promise<PlayedSettings>;
}

/** Who calls whom, if not as the scenario says, with which parameters and when; and how. */
export interface CallOptions extends CallDetails {
  /** `true` starts a process for each request, as a cold instance of the cloud. */
  readonly cold?: boolean;
}

/** A call that was placed, with its whole story. */
export interface PlacedCall extends Story {
  readonly callSid: string;
  readonly caller: string;
  readonly called: string;
  /** Whom the caller reached, by the rule of `npm run calls`. */
  readonly reached: Reached;
}

/** A carrier, a Synthflow and the functions between them, all on this machine. */
export interface Lab {
  /**
   * Places a call and follows it to its end; calls wait for one another. `changed` gets each step. Rejects if the lab
   * itself fails.
   */
  place(scenario: Scenario, options?: CallOptions, changed?: (story: Story) => void): Promise<PlacedCall>;
  stop(): Promise<void>;
}

/** The call that is under way. */
interface CurrentCall {
  readonly scenario: Scenario;
  /** What the called number gets. */
  readonly settings: Settings;
  readonly recorder: Recorder;
}

/** Starts the lab; an emulator is started with the first call that needs its settings. */
export async function startLab({ secondMs, settings = async () => none }: LabOptions): Promise<Lab> {
  const clock = startClock(secondMs);
  // Calls wait for one another, so that whatever happens belongs to this one.
  let current: CurrentCall = {
    scenario: { title: '', hears: '' },
    settings: readSettings({}, {}, parseAddress('')),
    recorder: createRecorder([], startCallTime(clock)),
  };
  const watch = (exchange: ApiExchange): void => recordExchange(current.recorder, exchange);
  const synthflow = await startSynthflow(standInKey, watch);
  const prepared = {
    claim: synthflow.claim,
    directDial: () => current.settings.rules.directDial,
  };
  const behaviour = (): AgentBehaviour => behaviourOf(current);
  const trunk = await startTrunk(prepared, behaviour, clock, () => current.recorder);
  const tap: WireTap = (title, text) => {
    const { step, fail } = current.recorder;
    (isRefusal(title) ? fail : step)('Twilio', 'Synthflow SIP', title, text);
  };
  const carrier = await startSipAgent('carrier', tap, (invite) => invite.refuse(403, 'Forbidden'));
  // What takes notices, such as a chat.
  const hookPath = `/${randomUUID()}`;
  const takeNotice = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (incoming.url !== hookPath) return void response.writeHead(404).end();
    const { recorder, scenario } = current;
    const status = scenario.noticesFail ? 500 : 200;
    recorder.step('function', 'person', 'POST NOTIFY_URL', await readBody(incoming));
    (scenario.noticesFail ? recorder.fail : recorder.step)('person', 'function', labelOfStatus(status));
    response.writeHead(status).end();
  };
  const hook = await serve(forPrograms(takeNotice));
  const notifyUrl = `${hook.url}${hookPath}`;
  const emulators = createEmulators();

  /** The functions as this call meets them. */
  const stageFor = (scenario: Scenario, played: PlayedSettings, cold: boolean): Promise<Stage> => {
    const standIns = {
      authToken: labAuthToken,
      apiUrl: synthflow.apiUrl,
      apiKey: standInKey,
      sipAddress: trunk.address,
      notifyUrl,
    };
    const env = playedEnvironment(played.environment, standIns, scenario.env ?? {});
    const options = {
      env,
      warm: !cold,
      dist: played.dist,
      maps: played.maps,
      standIns: { notifyUrl, apiKey: standInKey },
      numbers: scenario.hasTable ? labTable : undefined,
      onLine: (line: string): void =>
        parseLine(line) === undefined ? current.recorder.print(line) : current.recorder.log(line),
    };
    return emulators.stageFor(options, JSON.stringify([played.environment, played.dist]));
  };

  const place = async (
    scenario: Scenario,
    options: CallOptions,
    changed: (story: Story) => void,
  ): Promise<PlacedCall> => {
    const given = await settings();
    const played = scenario.hasTable ? { ...given, numbers: labTable } : given;
    const { caller, called } = { ...partiesOf(scenario, firstNumber(played.numbers)), ...options };
    const { gateway, emulator } = await stageFor(scenario, played, options.cold ?? false);
    const secrets = [standInKey, labAuthToken, ...secretsOf(played.environment, played.numbers)];
    const recorder = createRecorder(secrets, startCallTime(clock), () => changed(recorder.story()));
    const gets = readSettings({ ...played.environment, ...scenario.env }, played.numbers, parseAddress(called));
    current = { scenario, settings: gets, recorder };
    const { api = ['registered'] }: Scenario = scenario;
    synthflow.behave(...api);
    gateway.crash(scenario.crashes ?? []);
    const { at } = options;
    gateway.setClock(at === undefined ? 0 : instantOf(at, gets.closed?.hours.timeZone).getTime() - Date.now());
    const callSid = newCallSid();
    await carry({
      voiceUrl: `${gateway.url}/inbound`,
      fallbackUrl: `${gateway.url}/fallback.xml`,
      caller,
      called,
      callSid,
      forwardedFrom: options.forwardedFrom,
      parameters: options.parameters ?? {},
      accountNumber: gets.callerId ?? called,
      sip: carrier,
      synthflowAt: trunk.address,
      person: () => scenario.person ?? 'answers',
      hangsUpAfterSeconds: scenario.hangsUpAfterSeconds,
      voicemailSeconds: scenario.voicemailSeconds ?? 0,
      transferMode: scenario.transferMode ?? 'the agent stays',
      clock,
      recorder,
    });
    if (emulator.hasEnded()) {
      const fault =
        "Twilio's emulator ended during the call: a fault of the lab, not of the bridge, unless your number table ends its process, as process.exit does";
      const last = emulator.output().trimEnd().split('\n').slice(-10).join('\n');
      throw new Error(`${fault}. The next call starts another one. It had printed:\n${last}`);
    }
    const story = recorder.story();
    await logged(story);
    return { ...story, callSid, caller, called, reached: reachedIn(story) };
  };

  let queue: Promise<unknown> = Promise.resolve();
  return {
    place: (scenario, options = {}, changed = () => undefined) => {
      const placed = queue.then(() => place(scenario, options, changed));
      queue = placed.catch(() => undefined);
      return placed;
    },
    stop: async () => {
      await emulators.stop();
      clock.stop();
      carrier.stop();
      trunk.stop();
      await Promise.all([synthflow.stop(), hook.stop()]);
    },
  };
}

const none: PlayedSettings = { environment: {}, numbers: {} };

function reachedIn({ log }: Story): Reached {
  const lines = log.map(parseLine).filter((line) => line !== undefined);
  const [call] = groupCalls(lines.map((line, index) => ({ time: new Date(index), line })));
  // Without a line, no function answered.
  return call?.reached ?? 'not the agent';
}

/** Waits for the log line of every answered function: a line may reach the reader after the answer. */
async function logged(story: Story): Promise<void> {
  const asked = story.steps.filter(({ to, title }) => to === 'function' && title.startsWith('POST'));
  const failed = story.steps.filter((step) => step.failed && step.from === 'function' && step.to === 'Twilio');
  const answered = asked.length - failed.length;
  for (let waited = 0; story.log.length < answered && waited < 2000; waited += 5) await pause(5);
}

function behaviourOf({ scenario, settings }: CurrentCall): AgentBehaviour {
  const { agent = { kind: 'talks', seconds: 5 } } = scenario;
  if (typeof agent !== 'string') return agent;
  const { rules, trunk } = settings;
  if (agent === 'refers-allowed') {
    return { kind: 'refers', referTo: `sip:${rules.transferTargets.at(-1)?.number}@synthflow.invalid` };
  }
  // A warm transfer comes back to the region's own host, whatever termination was dialled.
  const own = trunk?.trunk.hosts.find(({ name }) => name.endsWith('.synthflow.ai'));
  return { kind: 'refers', referTo: `sip:0875704225817263@${own?.name ?? regions.global.sipHosts[0]}:32681` };
}

function recordExchange(recorder: Recorder, { method, path, body, answer, isOver }: ApiExchange): void {
  if (!isOver) {
    recorder.step('function', 'Synthflow API', `${method} ${path}`, prettyJson(body), body);
    return;
  }
  if (answer === undefined) {
    recorder.fail('Synthflow API', 'function', 'no answer');
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
