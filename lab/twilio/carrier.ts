import type { Verb } from '../../tools/story/twiml';
import { aborted } from '../clock';
import { dial, type Follow } from './dial';
import { type DocumentRequest, fetchDocument } from './document';
import type { CarrierCall, Next, RunningCall } from './running-call';
import { accountSid, voiceParameters } from './webhook';

/** What Twilio plays when neither the webhook nor the fallback URL gives TwiML. */
export const errorVoice = 'We are sorry, an application error has occurred. Goodbye.';

/** Documents that a call of the lab may go through; Twilio follows them without end. */
const mostDocuments = 200;

/** Takes one call as Twilio does, from the webhook to the last verb. */
export async function carry(call: CarrierCall): Promise<void> {
  const { recorder } = call;
  const callerGone = new AbortController();
  let callStatus: 'ringing' | 'in-progress' = 'ringing';
  let cancelHangUp: (() => void) | undefined;
  let documents = 0;
  const pending: (() => Promise<unknown>)[] = [];
  const running: RunningCall = {
    ...call,
    callerGone: callerGone.signal,
    status: () => (callerGone.signal.aborted ? 'completed' : callStatus),
    answer: () => {
      if (callStatus === 'ringing') recorder.step('Twilio', 'caller', 'answers the call');
      callStatus = 'in-progress';
    },
    agentRings: () => {
      if (call.hangsUpAfterSeconds === undefined) return;
      cancelHangUp ??= call.clock.after(call.hangsUpAfterSeconds, () => {
        recorder.step('caller', 'Twilio', 'hangs up');
        callerGone.abort();
      });
    },
    play: (document, now) => {
      documents += 1;
      if (documents > mostDocuments)
        throw new Error(`the call went through ${mostDocuments} documents: most likely, it goes in a circle`);
      return play(document, now);
    },
    afterwards: (act) => void pending.push(act),
    heldAgent: undefined,
  };
  recorder.step('caller', 'Twilio', `dials ${call.called}`);
  let next: Next = { url: call.voiceUrl, method: 'POST', parameters: {} };
  while (typeof next === 'object') next = await running.play(next, running);
  cancelHangUp?.();
  if (!callerGone.signal.aborted) recorder.step('Twilio', 'caller', 'ends the call');
  for (const act of pending) await act();
}

async function play(next: DocumentRequest, call: RunningCall): Promise<Next> {
  const verbs = await fetchVerbs(next, call);
  if (call.callerGone.aborted) return 'end';
  if (verbs === 'none') return 'agent again';
  for (const verb of verbs) {
    const followed = await execute(verb, next.url, call);
    call.recorder.hush();
    if (followed !== undefined) return followed;
    if (call.callerGone.aborted) return 'end';
  }
  return 'end';
}

/**
 * The verbs of the document, or of the fallback URL when none came; no verbs when the error voice had to speak.
 * `none` when the document of a transfer did not come, and the agent is still there.
 */
async function fetchVerbs(next: DocumentRequest, call: RunningCall): Promise<readonly Verb[] | 'none'> {
  const { recorder, fallbackUrl, forwardedFrom, timeoutMs } = call;
  const parameters = {
    ...call.parameters,
    ...voiceParameters(call.caller, call.called, call.callSid),
    CallStatus: call.status(),
    ...(forwardedFrom !== undefined && { ForwardedFrom: forwardedFrom }),
    ...next.parameters,
  };
  const document = await fetchDocument({ ...next, parameters }, recorder, timeoutMs);
  if ('verbs' in document) return document.verbs;
  recorder.warn(document.code, document.text);
  if (call.heldAgent?.isUp()) return 'none';
  if (fallbackUrl !== undefined) {
    const form = { ...parameters, ErrorCode: `${document.code}`, ErrorUrl: next.url };
    const request = { url: fallbackUrl, method: 'GET', parameters: form };
    const fallback = await fetchDocument(request, recorder, timeoutMs);
    if ('verbs' in fallback) return fallback.verbs;
  }
  call.answer();
  recorder.hear(`error voice: "${errorVoice}"`);
  return [];
}

/** Executes a verb; the next document, or `undefined` to go on with the next verb. */
async function execute(verb: Verb, documentUrl: string, call: RunningCall): Promise<Next | undefined> {
  const { recorder } = call;
  const wait = (seconds: number) => Promise.race([call.clock.pause(seconds), aborted(call.callerGone)]);
  const follow: Follow = (url, parameters, method = verb.attributes.method ?? 'POST') => ({
    url: new URL(url, documentUrl).href,
    method,
    parameters,
  });
  switch (verb.name) {
    case 'Say':
    case 'Play':
      call.answer();
      recorder.hear(verb.name === 'Say' ? `"${verb.text}"` : `plays ${verb.text}`);
      await wait(1);
      return undefined;
    case 'Pause':
      call.answer();
      await wait(Number(verb.attributes.length ?? 1));
      return undefined;
    case 'Record': {
      call.answer();
      recorder.hear('a tone, and then the recording runs');
      await wait(call.voicemailSeconds || Number(verb.attributes.timeout ?? 5));
      if (call.voicemailSeconds === 0) return undefined;
      recorder.step('caller', 'Twilio', `speaks for ${call.voicemailSeconds} s`);
      const recording = {
        RecordingUrl: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Recordings/RE${'0'.repeat(32)}`,
        RecordingDuration: `${call.voicemailSeconds}`,
      };
      const callback = verb.attributes.recordingStatusCallback;
      if (callback !== undefined) call.afterwards(() => announce(follow(callback, recording), call));
      return follow(verb.attributes.action ?? documentUrl, recording);
    }
    case 'Dial':
      return dial(verb, follow, call);
    case 'Redirect':
      return follow(verb.text, {});
    case 'Reject':
      recorder.hear(verb.attributes.reason === 'busy' ? 'the busy tone' : 'a rejection');
      return 'end';
    case 'Hangup':
      return 'end';
    default:
      recorder.warn(12200, `<${verb.name}> isn't a verb of TwiML`);
      return undefined;
  }
}

/** Requests the recordingStatusCallback when the file exists, without parties (twilio.com/docs/voice/twiml/record). */
function announce({ parameters, ...callback }: DocumentRequest, { callSid, recorder }: CarrierCall): Promise<unknown> {
  const ready = {
    AccountSid: accountSid,
    CallSid: callSid,
    RecordingSid: `RE${'0'.repeat(32)}`,
    ...parameters,
    RecordingStatus: 'completed',
    RecordingChannels: '1',
    RecordingSource: 'RecordVerb',
  };
  return fetchDocument({ ...callback, method: 'POST', parameters: ready }, recorder);
}
