import type { PlacedCall } from '../../lab/lab';
import type { Step } from '../../lab/story';
import type { StandInCall, StandInEvent } from './twilio-state';
import { sidOf } from './twilio-state';

/** What both platforms would have on record of a call of the lab, as their documents describe it. */
export interface RecordedCall {
  /** The caller's leg, and the dialled ones. */
  readonly calls: readonly StandInCall[];
  readonly events: readonly StandInEvent[];
  readonly logs: readonly { readonly message: string; readonly date_created: string }[];
  /** Synthflow's calls, by id. */
  readonly synthflow: Readonly<Record<string, object>>;
}

/** Whole seconds: Twilio's API has no smaller ones. */
const seconds = (placed: Date, ms: number): number => Math.floor((placed.getTime() + ms) / 1000);
const rfc2822 = (unix: number): string => new Date(unix * 1000).toUTCString().replace('GMT', '+0000');
const iso = (unix: number): string => new Date(unix * 1000).toISOString().replace('.000', '');

/** Records a call that the lab has placed, as if it had come in at this time. */
export function recordCall(call: PlacedCall, placed: Date): RecordedCall {
  const { steps, callSid, caller, called } = call;
  const time = (ms: number): number => seconds(placed, ms);
  const last = steps.at(-1)?.at ?? 0;
  const answered = steps.find(({ title }) => title === 'answers the call')?.at;
  const own: StandInCall = {
    ...{ sid: callSid, parent_call_sid: null, direction: 'inbound', from: caller, to: called },
    status: answered === undefined ? 'no-answer' : 'completed',
    date_created: rfc2822(time(0)),
    start_time: rfc2822(time(0)),
    end_time: rfc2822(time(last)),
    duration: `${time(last) - time(answered ?? last)}`,
  };
  const legs = steps.flatMap((step, index) => legOf(step, steps.slice(index + 1), time) ?? []);
  return {
    calls: [
      own,
      ...legs.map((leg, index) => ({
        ...{
          sid: sidOf('CA', index + 1 + time(0)),
          parent_call_sid: callSid,
          direction: 'outbound-dial',
          from: caller,
        },
        ...leg,
      })),
    ],
    events: requestsIn(steps)
      .filter(({ asked }) => asked.content.includes(`CallSid=${callSid}`))
      .map(({ asked, answer }) => eventOf(asked, answer, time)),
    logs: logsOf(call, time),
    synthflow: synthflowCalls(steps),
  };
}

type Leg = Pick<StandInCall, 'to' | 'status' | 'date_created' | 'start_time' | 'end_time' | 'duration'>;

function legOf(step: Step, later: readonly Step[], time: (ms: number) => number): Leg | undefined {
  const isAgent = step.from === 'Twilio' && step.title === 'INVITE';
  const isPhone = step.from === 'Twilio' && step.to === 'person' && step.title.startsWith('rings ');
  if (!isAgent && !isPhone) return undefined;
  const [party, hangUp] = isAgent ? ['Synthflow SIP', 'BYE'] : ['person', 'hangs up'];
  const reply = later.find((one) => one.from === party && finals.test(one.title) && !isAboutCancel(one));
  const { at: repliedAt = 0, title = '' } = reply ?? {};
  const isAnswered = title === 'answers' || title === '200 OK';
  const bye = later.find(
    (one) => (one.from === party || one.to === party) && one.title === hangUp && one.at >= repliedAt,
  );
  const isGone = later.some(({ from, title: said }) => from === 'caller' && said === 'hangs up');
  const end = isAnswered ? (bye?.at ?? 0) : repliedAt;
  return {
    to: isAgent ? (/^INVITE (\S+)/.exec(step.content)?.[1] ?? '') : step.content,
    status: isAnswered ? 'completed' : unansweredStatus(title, isGone),
    date_created: rfc2822(time(step.at)),
    start_time: rfc2822(time(step.at)),
    end_time: rfc2822(time(end)),
    duration: isAnswered ? `${time(end) - time(repliedAt)}` : '0',
  };
}

/** How a leg can be answered. */
const finals = /^(200 OK|[3-6]\d\d |no answer|answers|is busy)/;

/** The 200 of a CANCEL says nothing about the call. */
const isAboutCancel = ({ title, content }: Step): boolean => title === '200 OK' && !/CSeq: \d+ INVITE/i.test(content);

/** Call statuses (twilio.com/docs/voice/api/call-resource). */
function unansweredStatus(reply: string, isGone: boolean): string {
  if (isGone) return 'canceled';
  if (/^(486|600|is busy)/.test(reply)) return 'busy';
  return /^(408|480|487|no answer)/.test(reply) ? 'no-answer' : 'failed';
}

function requestsIn(steps: readonly Step[]): readonly { readonly asked: Step; readonly answer: Step | undefined }[] {
  return steps.flatMap((asked, index) => {
    if (asked.from !== 'Twilio' || asked.to !== 'function') return [];
    const answer = steps.slice(index).find(({ from, to }) => from === 'function' && to === 'Twilio');
    return [{ asked, answer }];
  });
}

/** An event as Twilio's page describes it: the names of parameters in snake case (twilio.com/docs/voice/api/call-event-resource). */
function eventOf(asked: Step, answer: Step | undefined, time: (ms: number) => number): StandInEvent {
  const [path = '', , , ...lines] = asked.content.split('\n');
  const parameters = lines.map((line): [string, string] => {
    const [name = '', ...rest] = line.split('=');
    return [name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase(), rest.join('=')];
  });
  const status = answer?.failed ? Number.parseInt(answer.title, 10) || 0 : 200;
  return {
    request: {
      method: asked.title.split(' ')[0] ?? '',
      url: `https://twilio-synthflow-bridge-1234-dev.twil.io${path}`,
      parameters: Object.fromEntries(parameters),
    },
    response: {
      date_created: rfc2822(time(asked.at)),
      request_duration: (answer?.at ?? 0) - asked.at,
      response_code: status,
      content_type: 'text/xml',
      response_body: answer?.raw ?? '',
    },
  };
}

/** Each line is written when its function answers. */
function logsOf({ steps, log }: PlacedCall, time: (ms: number) => number): RecordedCall['logs'] {
  const answered = requestsIn(steps).filter(({ asked, answer }) => asked.title.startsWith('POST') && !answer?.failed);
  return log.map((message, index) => ({ message, date_created: iso(time(answered[index]?.answer?.at ?? 0)) }));
}

/** Synthflow's record of each call that it has prepared (docs.synthflow.ai/api-reference, "Get a call"). */
function synthflowCalls(steps: readonly Step[]): RecordedCall['synthflow'] {
  const ids = steps.flatMap(({ from, title, raw = '' }) => {
    const id = from === 'Synthflow API' && title === 'registered' ? JSON.parse(raw).synthflow_call_id : undefined;
    return typeof id === 'string' ? [id] : [];
  });
  return Object.fromEntries(ids.map((id) => [id, synthflowCall(id, steps)]));
}

function synthflowCall(id: string, steps: readonly Step[]): object {
  const invited = steps.findIndex(({ title, content }) => title === 'INVITE' && content.includes(`S.${id};`));
  const later = steps.slice(invited + 1);
  const answer = later.find(({ title, content }) => title === '200 OK' && /CSeq: \d+ INVITE/i.test(content));
  const bye = later.find(({ title }) => title === 'BYE');
  const isAnswered = invited >= 0 && answer !== undefined && bye !== undefined && bye.at >= answer.at;
  const talkMs = isAnswered ? bye.at - answer.at : 0;
  return {
    call_id: id,
    status: talkMs > 0 ? 'completed' : 'no-answer',
    end_call_reason: talkMs > 0 ? 'human_goodbye' : null,
    telephony_hangup: bye?.from === 'Synthflow SIP' ? 'callee' : 'caller',
    telephony_duration: talkMs,
    telephony_ringing_duration: 0,
    error_message: null,
    transcript: talkMs > 0 ? 'bot: Hello. human: Goodbye.' : '',
  };
}
