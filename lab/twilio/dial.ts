import type { Verb } from '../../tools/story/twiml';
import { type DocumentRequest, fetchDocument } from './document';
import { type DialledLeg, dialSip, ringPerson, talkWithPerson, unconnected } from './leg';
import type { EndedLeg, Next, RunningCall, SipLeg } from './running-call';
import { newCallSid, voiceParameters } from './webhook';

/** The request for the document with which a call goes on. */
export type Follow = (url: string, parameters: Record<string, string>, method?: string) => DocumentRequest;

/** Executes a Dial; the next document, or `undefined` to go on with the next verb. */
export async function dial(verb: Verb, follow: Follow, call: RunningCall): Promise<Next | undefined> {
  const { attributes } = verb;
  const nouns = verb.children.length > 0 ? verb.children : [{ ...verb, name: 'Number', attributes: {} }];
  const sip = nouns.find(({ name }) => name === 'Sip');
  if (attributes.answerOnBridge !== 'true') call.answer();
  if (sip !== undefined) call.agentRings();
  const dialled: DialledLeg = {
    ...call,
    // Twilio rings about 5 s longer than the timeout says (twilio.com/docs/voice/twiml/dial).
    ringSeconds: Number(attributes.timeout ?? 30) + 5,
    onAnswer: () => {
      call.answer();
      call.heldAgent?.notify(200, 'OK');
      call.heldAgent?.hangUp();
    },
  };
  const leg =
    sip === undefined
      ? await dialPhones(nouns, attributes.callerId, follow, dialled)
      : await dialSip(sip.text, dialled);
  const next = 'talk' in leg ? await converse(leg, verb, follow, call) : leg;
  if (next === 'end' || next === 'agent again' || 'url' in next) return next;

  if (call.heldAgent?.isUp()) {
    if (!call.callerGone.aborted) return 'agent again';
    call.heldAgent.hangUp();
  }
  return attributes.action === undefined ? undefined : follow(attributes.action, resultParameters(next));
}

/** Rings all phones if Twilio takes the caller id; the first to answer wins (twilio.com/docs/voice/twiml/dial). */
async function dialPhones(numbers: readonly Verb[], callerId: string | undefined, follow: Follow, leg: DialledLeg) {
  const { caller, called, accountNumber, recorder } = leg;
  const isPhone = !/^(sip|client|whatsapp):/i.test(caller);
  // For a caller who isn't at a phone, neither party's address counts.
  const allowed = isPhone ? [undefined, caller, called, accountNumber] : [accountNumber];
  if (!allowed.includes(callerId)) {
    recorder.warn(13214, `the caller id ${callerId ?? caller} is not allowed`);
    recorder.fail('Twilio', 'person', 'caller id not allowed', callerId ?? caller);
    return unconnected('failed');
  }
  const taken = new AbortController();
  const ringing = { ...leg, callerGone: AbortSignal.any([leg.callerGone, taken.signal]) };
  recorder.hear('ringing');
  const ends = await Promise.all(
    numbers.map(async (number): Promise<EndedLeg> => {
      const rung = await ringPerson(number.text, ringing);
      if (rung !== 'answered') return rung;
      const isAccepted = await confirm(number, follow, leg);
      if (!isAccepted || ringing.callerGone.aborted) return { status: 'completed', seconds: 10, bridged: false };
      taken.abort();
      return talkWithPerson(leg);
    }),
  );
  // Twilio doesn't document the status if none of several phones is connected: here, it's the last one's.
  return ends.find(({ bridged }) => bridged) ?? ends.at(-1) ?? unconnected('failed');
}

/** Plays the `url` of a Number on the leg of the person who has answered: whether the two are connected then. */
async function confirm({ text, attributes }: Verb, follow: Follow, call: RunningCall): Promise<boolean> {
  const leg = { ...voiceParameters(call.caller, text), Direction: 'outbound-dial', CallStatus: 'in-progress' };
  const parameters = { ...leg, CallSid: newCallSid(), ParentCallSid: call.callSid };
  let next: PersonNext = attributes.url === undefined ? 'connected' : follow(attributes.url, parameters);
  while (typeof next === 'object') next = await playToPerson(next, text, call);
  return next === 'connected';
}

type PersonNext = DocumentRequest | 'connected' | 'ended';

/** Plays a document on a phone's leg up to its key; an empty one connects them (twilio.com/docs/voice/twiml/number). */
async function playToPerson(request: DocumentRequest, number: string, call: RunningCall): Promise<PersonNext> {
  const { recorder, clock } = call;
  const document = await fetchDocument(request, recorder, call.timeoutMs);
  // What happens to the leg then isn't documented; the two can't be connected without a key.
  if (!('verbs' in document)) return 'ended';
  const gather = document.verbs.find(({ name }) => name === 'Gather');
  if (gather !== undefined) {
    recorder.step('Twilio', 'person', `"${gather.children[0]?.text}"`);
    if (call.person(number) === 'answers') {
      recorder.step('person', 'Twilio', 'presses 1');
      const url = new URL(gather.attributes.action ?? request.url, request.url).href;
      return { url, method: 'POST', parameters: { ...request.parameters, Digits: '1' } };
    }
    await clock.pause(Number(gather.attributes.timeout ?? 5));
  }
  if (!document.verbs.some(({ name }) => name === 'Hangup')) return 'connected';
  recorder.step('Twilio', 'person', 'hangs up');
  return 'ended';
}

/** The caller talks with an agent until the leg has ended, or the call goes on elsewhere with a transfer. */
async function converse(agent: SipLeg, verb: Verb, follow: Follow, call: RunningCall): Promise<EndedLeg | Next> {
  const { referUrl, referMethod } = verb.attributes;
  call.recorder.hear('the agent');
  for (;;) {
    const event = await agent.talk();
    if (event === 'ended') {
      agent.hangUp();
      return agent.result();
    }
    if (referUrl === undefined) {
      call.recorder.warn(13802, 'REFER on a Dial without referUrl: the transfer is refused');
      continue;
    }
    const request = follow(referUrl, { ReferTransferTarget: event.referTo }, referMethod);
    if (call.transferMode === 'the agent leaves') {
      agent.hangUp();
      const ofAgentLeg = { To: agent.uri, Called: agent.uri, CallStatus: 'completed', Direction: 'outbound-dial' };
      return { ...request, parameters: { ...ofAgentLeg, ...request.parameters } };
    }
    let next: Next = request;
    while (typeof next === 'object' && agent.isUp()) next = await call.play(next, { ...call, heldAgent: agent });
    if (next !== 'agent again') {
      agent.hangUp();
      return next;
    }
    agent.notify(503, 'Service Unavailable');
    call.recorder.hear('the agent again');
  }
}

function resultParameters(ended: EndedLeg): Record<string, string> {
  return {
    DialCallStatus: ended.status,
    DialCallDuration: `${ended.seconds}`,
    DialBridged: `${ended.bridged}`,
    ...(ended.sipStatus !== undefined && { DialSipResponseCode: `${ended.sipStatus}` }),
  };
}
