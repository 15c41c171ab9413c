import { labelOfStatus } from '../../../lab/labels';
import { createRecorder, type Story } from '../../../lab/story';
import type { LogLine } from '../../../src/assets/log.private';
import { prepareFailures } from '../../../src/assets/synthflow/response.private';
import { type Answer, inferAnswer, readAnswer, rejection, tone } from './answers';
import { answerCall, dial, hearAgentAgain, pickUp, settle, type Telling } from './legs';
import type { Records } from './records';
import { type Request, requestsOf } from './requests';

/**
 * Tells a real call as the lab tells its own. Only what a record says is told: neither platform's API records a ringing,
 * an ACK, or the answer to a BYE. Twilio's times are whole seconds, so the order comes from what leads to what.
 */
export function realStory(records: Records): Story {
  const requests = requestsOf(records);
  const start = records.call?.start ?? requests[0]?.time ?? new Date(0);
  let ms = 0;
  const told: Telling = {
    recorder: createRecorder([], { now: () => Math.round(ms), inRealTime: (work) => work }),
    at: (time) => {
      ms = Math.max(ms, time.getTime() - start.getTime());
    },
    wait: (more) => {
      ms += more;
    },
    isHungUpByCaller: records.synthflow.at(-1)?.hangup === 'caller',
    knowsLegs: records.knowsLegs,
    untold: [...records.legs],
    ...{ ringing: undefined, agent: undefined, isAnswered: false, isPickedUp: false, hasEnded: false },
  };
  const called = records.call?.to ?? requests[0]?.line?.to ?? 'an unknown number';
  told.recorder.step('caller', 'Twilio', `dials ${called}`);
  let isRecording = false;
  for (const [index, request] of requests.entries()) {
    tellWhatLedTo(told, request, isRecording, records.call?.end);
    const answer = tellRequest(told, request);
    isRecording = answer.sounds.includes(tone);
    if (request.path !== '/confirm') obey(told, answer, request, requests[index + 1]);
  }
  settle(told, undefined);
  // What `/fallback.xml` dialled, of which no line tells, and no webhook yet.
  if (told.untold.length > 0) {
    dial(told, { title: '', failed: false, dials: 'phones', sounds: [] }, undefined);
    settle(told, undefined);
  }
  endCall(told, records.call?.end);
  for (const code of records.alerts) told.recorder.warn(code, "in Twilio's debugger");
  return told.recorder.story();
}

function tellWhatLedTo(told: Telling, request: Request, isRecording: boolean, end: Date | undefined): void {
  const { path, line, webhook, time } = request;
  const { step, hush } = told.recorder;
  if (path === '/confirm') pickUp(told);
  else settle(told, request);
  if (path === '/voicemail') endCall(told, end);
  told.at(time);
  hush();
  const spoken = isRecording ? Number(webhook?.parameters.recording_duration ?? line?.seconds ?? 0) : 0;
  if (spoken > 0) step('caller', 'Twilio', `speaks for ${spoken} s`);
  const target = webhook?.parameters.refer_transfer_target;
  if (path === '/transfer') step('Synthflow SIP', 'Twilio', 'REFER', target);
  if (line?.outcome === 'confirmed') step('person', 'Twilio', 'presses 1');
}

function tellRequest(told: Telling, request: Request): Answer {
  const { line, webhook, path, time } = request;
  const { step, fail, log } = told.recorder;
  const asked = Object.entries(webhook?.parameters ?? {}).map(([name, value]) => `${name}=${value}`);
  step('Twilio', 'function', `${webhook?.method ?? 'POST'} ${path}`, asked.join('\n'));
  if (line?.prepareMs !== undefined) tellPrepare(told, line, line.prepareMs);
  if (line?.event === 'voicemail') tellVoicemail(told, line);
  if (webhook !== undefined) told.at(new Date(time.getTime() + webhook.ms));
  const inferred: Answer = line === undefined ? noAnswer : inferAnswer(line, told.untold);
  const answer = webhook === undefined ? inferred : readAnswer(webhook);
  (answer.failed ? fail : step)('function', 'Twilio', answer.title, answer.content, webhook?.body);
  if (line !== undefined) log(JSON.stringify(line));
  return answer;
}

const noAnswer: Answer = { title: 'no answer', failed: true, sounds: [] };

function tellPrepare(told: Telling, line: LogLine, prepareMs: number): void {
  const { step, fail } = told.recorder;
  const failure = line.outcome === 'agent' ? undefined : prepareFailures.find((one) => one === line.reason);
  const titles: Readonly<Record<string, string>> = { outage: 'failed', malformed: 'no usable answer' };
  const status = line.httpStatus === undefined ? failure : labelOfStatus(line.httpStatus);
  const title = failure && (titles[failure] ?? status);
  for (let attempt = 1; attempt < (line.attempts ?? 1); attempt += 1) {
    step('function', 'Synthflow API', prepareTitle);
    // The line has the last attempt's status alone.
    fail('Synthflow API', 'function', title ?? 'to be asked again');
  }
  step('function', 'Synthflow API', prepareTitle);
  told.wait(prepareMs);
  if (title === undefined) step('Synthflow API', 'function', 'registered');
  // The recorder draws from the line that there was no answer.
  else if (failure !== 'timeout') fail('Synthflow API', 'function', title);
}

const prepareTitle = 'POST /v2/prepare_inbound';

function tellVoicemail({ recorder }: Telling, { outcome, httpStatus, attempts = 1 }: LogLine): void {
  const tell = outcome === 'voicemail_delivered' ? recorder.step : recorder.fail;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    recorder.step('function', 'person', 'a new voicemail');
    tell('person', 'function', httpStatus === undefined ? 'no answer' : labelOfStatus(httpStatus));
  }
}

/** What Twilio does with an answer, up to the next request. */
function obey(told: Telling, answer: Answer, request: Request, next: Request | undefined): void {
  const { dials, sounds } = answer;
  const recording = sounds.indexOf(tone);
  // What follows the tone is for a caller who says nothing.
  const heard = recording >= 0 && next !== undefined ? sounds.slice(0, recording + 1) : sounds;
  for (const sound of heard) {
    if (sound !== rejection) answerCall(told);
    told.recorder.hear(sound);
  }
  if (dials === 'nobody') {
    told.recorder.fail('Twilio', 'Synthflow SIP', 'host not found');
    hearAgentAgain(told, request.time.getTime());
  }
  if (dials === 'agent' || dials === 'phones') dial(told, answer, next);
}

function endCall(told: Telling, end: Date | undefined): void {
  if (end === undefined || told.hasEnded) return;
  told.at(end);
  told.recorder.hush();
  told.recorder.step('Twilio', 'caller', 'ends the call');
  told.hasEnded = true;
}
