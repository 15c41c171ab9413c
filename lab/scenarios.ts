import type { EventName } from '../src/assets/outcome.private';
import type { ApiBehaviour } from './synthflow/api';
import type { AgentBehaviour } from './synthflow/trunk';
import type { TransferMode } from './twilio/carrier';
import type { PersonBehaviour } from './twilio/leg';

/** The numbers of the lab; reserved for fiction. */
export const labNumbers = {
  caller: '+15550100142',
  called: '+15550100100',
  person: '+15550100190',
  other: '+15550100101',
  sales: '+15550100191',
  premium: '+19005550100',
} as const;

/** Who calls whom. */
export interface Parties {
  readonly caller?: string;
  readonly called?: string;
  readonly forwardedFrom?: string;
}

/** A call that the lab can play. */
export interface Scenario {
  /** What happens, for a list. */
  readonly title: string;
  /** How the API answers, request by request; `refused` leaves its port closed. */
  readonly api?: readonly [ApiBehaviour, ...ApiBehaviour[]] | 'refused';
  /** What Synthflow's side of the SIP call does; it talks for 5 s unless given. */
  readonly agent?: AgentBehaviour | 'refers-warm' | 'refers-warm-refused';
  /** What it does with the second leg, if not the same. */
  readonly agentThen?: AgentBehaviour;
  /** What a person does whose phone rings; they answer unless given. */
  readonly person?: PersonBehaviour;
  /** Who calls whom, where that is what the scenario is about; the lab's own numbers unless given. */
  readonly parties?: Parties;
  /** What the person at the sales number does, if not the same. */
  readonly sales?: PersonBehaviour;
  /** Seconds after which the caller hangs up; never unless given. */
  readonly hangsUpAfterSeconds?: number;
  /** Seconds that the caller speaks onto a voicemail. */
  readonly voicemailSeconds?: number;
  /** What Twilio does when the agent asks for a transfer; as documented unless given. */
  readonly transferMode?: TransferMode;
  /** How a stand-in answers to which new voicemails are posted; without one, none are. */
  readonly voicemailHook?: 'takes it' | 'fails';
  /** The functions that crash. */
  readonly crashes?: readonly `/${EventName}`[];
  /** Whether it is about the lab's number table, `lab/numbers.ts`, which then takes the place of yours. */
  readonly hasTable?: true;
  /** Settings in addition to the lab's own; an empty text unsets one. */
  readonly env?: Readonly<Record<string, string>>;
}

const talks = (seconds: number): AgentBehaviour => ({ kind: 'talks', seconds });
const refuses = (status: number, reason: string): AgentBehaviour => ({ kind: 'refuses', status, reason });
const refers = (number: string) => ({ kind: 'refers', referTo: `sip:${number}@synthflow.invalid` }) as const;
const person = { CALL_ROUTE: `agent,${labNumbers.person}` };
const route = {
  CALL_ROUTE: `agent,${labNumbers.person},voicemail`,
  TRANSFER_NUMBERS: labNumbers.sales,
  DIAL_TIMEOUT_SECONDS: '5',
};

/** Every scenario by the name that `npm run call -- --scenario` takes. */
export const scenarios = {
  answered: { title: 'the agent answers' },
  retried: { title: 'the API is over its limit once, then prepares the call', api: ['rate-limited', 'registered'] },

  slow: { title: 'the API answers after 60 s', api: ['slow'] },
  trickle: { title: 'the API answers one byte a second', api: ['trickle'] },
  reset: { title: 'the API resets the connection', api: ['reset'] },
  refused: { title: 'the API refuses the connection', api: 'refused' },
  huge: { title: 'the API sends 100 MB', api: ['huge'] },
  unauthorized: { title: 'the API does not accept the key', api: ['unauthorized'] },
  'rate-limited': { title: 'the API stays over its limit', api: ['rate-limited'] },
  rejected: { title: 'the API rejects the request', api: ['rejected'] },
  'server-error': { title: 'the API fails with 500', api: ['server-error'] },
  html: { title: 'the API answers with a web page', api: ['html'] },
  'no-id': { title: 'the API forgets the id', api: ['no-id'] },
  'hostile-id': { title: 'the API sends an id that would inject into the SIP URI', api: ['hostile-id'] },
  outage: { title: 'Synthflow says that it has an outage', api: ['outage'] },
  misconfigured: { title: 'the API key is missing from .env', env: { SYNTHFLOW_API_KEY: '' } },
  'direct-dial': {
    title: 'the API fails, and DIRECT_DIAL reaches the agent',
    api: ['server-error'],
    env: { DIRECT_DIAL: 'true' },
  },

  'agent-busy': { title: 'the agent is busy: a person answers', agent: refuses(486, 'Busy Here'), env: route },
  'agent-not-found': { title: 'the trunk does not know the number', agent: refuses(404, 'Not Found'), env: route },
  'agent-503': { title: 'the SIP trunk is unavailable', agent: refuses(503, 'Service Unavailable'), env: route },
  'no-answer': { title: 'the agent rings and does not answer', agent: { kind: 'rings' }, env: route },
  'agent-drops': { title: 'the agent answers and drops the call at 0 s', agent: talks(0), env: route },
  'agent-too-short': {
    title: 'the agent leaves after 2 s of 5',
    agent: talks(2),
    env: { ...route, MIN_AGENT_SECONDS: '5' },
  },
  'caller-hangs-up': {
    title: 'the caller hangs up while it rings',
    agent: { kind: 'rings' },
    hangsUpAfterSeconds: 2,
    env: route,
  },

  transfer: { title: 'the agent transfers to an allowed number', agent: refers(labNumbers.sales), env: route },
  'transfer-busy': {
    title: 'the agent transfers to a number that is busy, and goes on',
    agent: refers(labNumbers.sales),
    sales: 'is busy',
    env: route,
  },
  'transfer-forbidden': {
    title: 'the agent transfers to a premium number: refused, and the agent goes on',
    agent: refers(labNumbers.premium),
    env: route,
  },
  'transfer-agent-gone': {
    title: 'the same, but the agent hangs up as soon as it has asked: a person answers',
    agent: { ...refers(labNumbers.premium), leaves: true },
    env: route,
  },
  'transfer-leg-ended': {
    title: "the same, but Twilio ends the agent's leg first, as it may: a person answers",
    agent: refers(labNumbers.premium),
    transferMode: 'the agent leaves',
    env: route,
  },
  'transfer-warm': { title: 'the agent joins the caller to a person at Synthflow', agent: 'refers-warm', env: route },

  'caller-refused': {
    title: 'a caller who hides the number is refused: nothing is asked, and nothing costs',
    parties: { caller: 'anonymous' },
    env: { REFUSED_CALLERS: 'anonymous,+1900*' },
  },
  diverted: {
    title: 'the phone of the route forwards to the bridge, and the API fails: that phone is not rung',
    api: ['outage'],
    parties: { forwardedFrom: labNumbers.person },
    voicemailSeconds: 8,
    env: route,
  },
  'sip-called': {
    title: 'a SIP address with the number in it is called',
    parties: { called: `sip:${labNumbers.called}@acme.sip.twilio.com` },
  },
  'sip-caller': {
    title: 'a SIP phone calls, and the API fails: the person is shown CALLER_ID',
    api: ['outage'],
    parties: { caller: 'sip:1001@acme.sip.twilio.com', called: labNumbers.other },
    env: { ...person, CALLER_ID: labNumbers.called },
  },

  'people-first': {
    title: 'a person rings first and does not answer: the agent takes the call',
    person: 'does not answer',
    env: { CALL_ROUTE: `${labNumbers.person},agent,voicemail` },
  },
  'agent-twice': {
    title: 'the trunk fails once: the agent is tried again',
    agent: refuses(503, 'Service Unavailable'),
    agentThen: talks(5),
    env: { CALL_ROUTE: `agent,agent,${labNumbers.person}` },
  },
  lookup: {
    title: 'the number table looks the caller up, in time',
    parties: { called: '+15550100102' },
    hasTable: true,
  },
  'lookup-late': {
    title: 'the lookup takes too long: the agent gets the call without it',
    parties: { called: '+15550100103' },
    hasTable: true,
  },
  'lookup-failed': {
    title: 'the lookup throws: the agent gets the call without it',
    parties: { called: '+15550100104' },
    hasTable: true,
  },
  closed: {
    title: 'the number is closed: a voicemail instead of the agent',
    parties: { called: '+15550100105' },
    voicemailSeconds: 8,
    hasTable: true,
  },
  confirmed: {
    title: 'a person rings first, and presses 1 to take the call',
    parties: { called: '+15550100106' },
    hasTable: true,
  },
  'not-confirmed': {
    title: "a mobile's own voicemail answers and presses nothing: the agent takes the call",
    parties: { called: '+15550100106' },
    person: 'is a mailbox',
    hasTable: true,
  },
  'person-busy': {
    title: 'the API fails and the person is busy: voicemail',
    api: ['outage'],
    person: 'is busy',
    voicemailSeconds: 8,
    env: route,
  },
  'person-no-answer': {
    title: 'nobody answers: the caller leaves a voicemail',
    agent: refuses(486, 'Busy Here'),
    person: 'does not answer',
    voicemailSeconds: 8,
    env: route,
  },
  'voicemail-silent': {
    title: 'nobody answers, and the caller says nothing',
    agent: refuses(486, 'Busy Here'),
    person: 'does not answer',
    env: route,
  },
  'voicemail-delivered': {
    title: 'a voicemail is posted to VOICEMAIL_URL',
    voicemailSeconds: 8,
    voicemailHook: 'takes it',
    env: { CALL_ROUTE: 'voicemail' },
  },
  'voicemail-undelivered': {
    title: 'a voicemail is posted to VOICEMAIL_URL, which fails twice',
    voicemailSeconds: 8,
    voicemailHook: 'fails',
    env: { CALL_ROUTE: 'voicemail' },
  },
  'function-gone': { title: 'the function crashes: the static fallback answers', crashes: ['/inbound'], env: person },
} satisfies Readonly<Record<string, Scenario>>;

/** Who calls whom in a scenario. */
export function partiesOf({ parties }: Scenario): Parties & { readonly caller: string; readonly called: string } {
  return { caller: labNumbers.caller, called: labNumbers.called, ...parties };
}

/** See {@link scenarios}. */
export type ScenarioName = keyof typeof scenarios;

/** Whether a scenario of this name exists. */
export const isScenarioName = (name: string): name is ScenarioName => Object.hasOwn(scenarios, name);
