import type { EventName } from '../src/assets/outcome.private';
import type { Synthflow } from './synthflow/api';
import type { AgentBehaviour } from './synthflow/trunk';
import type { TransferMode } from './twilio/carrier';
import type { PersonBehaviour } from './twilio/leg';

/** The numbers of the lab; reserved for fiction. */
export const labNumbers = {
  caller: '+15550100142',
  called: '+15550100100',
  person: '+15550100190',
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
  readonly api?: Parameters<Synthflow['behave']> | 'refused';
  /**
   * What Synthflow's side of the SIP call does; it talks for 5 s unless given. Of the transfers, `refers-allowed` is one
   * to a number that the settings allow.
   */
  readonly agent?: AgentBehaviour | 'refers-allowed' | 'refers-warm' | 'refers-warm-refused';
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
  /** How a stand-in answers to which new voicemails are posted, where the settings say so; it takes them unless given. */
  readonly voicemailHook?: 'takes it' | 'fails';
  /** The functions that crash. */
  readonly crashes?: readonly `/${EventName}`[];
  /** Whether it is about the lab's number table, `lab/numbers.ts`, which then takes the place of yours. */
  readonly hasTable?: true;
  /** The settings that it is about, in place of yours; an empty text unsets one. */
  readonly env?: Readonly<Record<string, string>>;
}

const talks = (seconds: number): AgentBehaviour => ({ kind: 'talks', seconds });
const refuses = (status: number, reason: string): AgentBehaviour => ({ kind: 'refuses', status, reason });
const refers = (number: string) => ({ kind: 'refers', referTo: `sip:${number}@synthflow.invalid` }) as const;
/** A call of a number in the lab's own table. */
const tabled = (called: string, others: Parties = {}) => ({ parties: { called, ...others }, hasTable: true }) as const;
/** A voicemail that is posted; the lab puts a stand-in in place of the URL. */
const posted = {
  ...tabled('+15550100110'),
  voicemailSeconds: 8,
  env: { VOICEMAIL_URL: 'https://chat.invalid/voicemails' },
} as const;
const allowed = { TRANSFER_NUMBERS: labNumbers.sales };

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

  'agent-busy': { title: 'the agent is busy', agent: refuses(486, 'Busy Here') },
  'agent-not-found': { title: 'the trunk does not know the number', agent: refuses(404, 'Not Found') },
  'agent-503': { title: 'the SIP trunk is unavailable', agent: refuses(503, 'Service Unavailable') },
  'no-answer': { title: 'the agent rings and does not answer', agent: { kind: 'rings' } },
  'agent-drops': { title: 'the agent answers and drops the call at 0 s', agent: talks(0) },
  'agent-too-short': { title: 'the agent leaves after 2 s of 5', agent: talks(2), env: { MIN_AGENT_SECONDS: '5' } },
  'caller-hangs-up': { title: 'the caller hangs up while it rings', agent: { kind: 'rings' }, hangsUpAfterSeconds: 2 },

  transfer: { title: 'the agent transfers to an allowed number', agent: 'refers-allowed', env: allowed },
  'transfer-busy': {
    title: 'the agent transfers to a number that is busy, and goes on',
    agent: 'refers-allowed',
    person: 'is busy',
    env: allowed,
  },
  'transfer-forbidden': {
    title: 'the agent transfers to a premium number: refused, and the agent goes on',
    agent: refers(labNumbers.premium),
  },
  'transfer-agent-gone': {
    title: 'the same, but the agent hangs up as soon as it has asked',
    agent: { ...refers(labNumbers.premium), leaves: true },
  },
  'transfer-leg-ended': {
    title: "the same, but Twilio ends the agent's leg first, as it may",
    agent: refers(labNumbers.premium),
    transferMode: 'the agent leaves',
  },
  'transfer-warm': { title: 'the agent joins the caller to a person at Synthflow', agent: 'refers-warm' },

  'caller-refused': {
    title: 'a caller who hides the number is refused: nothing is asked, and nothing costs',
    parties: { caller: 'anonymous' },
    env: { REFUSED_CALLERS: 'anonymous,+1900*' },
  },
  diverted: {
    title: 'the phone of the route forwards to the bridge, and the API fails: that phone is not rung',
    api: ['outage'],
    voicemailSeconds: 8,
    ...tabled('+15550100109', { forwardedFrom: labNumbers.person }),
  },
  'sip-called': {
    title: 'a SIP address with the number in it is called',
    parties: { called: `sip:${labNumbers.called}@acme.sip.twilio.com` },
  },
  'sip-caller': {
    title: 'a SIP phone calls, and the API fails: the person is shown CALLER_ID',
    api: ['outage'],
    ...tabled('+15550100109', { caller: 'sip:1001@acme.sip.twilio.com' }),
    env: { CALLER_ID: labNumbers.called },
  },

  'people-first': {
    title: 'a person rings first and does not answer: the agent takes the call',
    person: 'does not answer',
    ...tabled('+15550100107'),
  },
  'agent-twice': {
    title: 'the trunk fails once: the agent is tried again',
    agent: refuses(503, 'Service Unavailable'),
    agentThen: talks(5),
    ...tabled('+15550100108'),
  },
  lookup: { title: 'the number table looks the caller up, in time', ...tabled('+15550100102') },
  'lookup-late': { title: 'the lookup takes too long: the agent gets the call without it', ...tabled('+15550100103') },
  'lookup-failed': { title: 'the lookup throws: the agent gets the call without it', ...tabled('+15550100104') },
  closed: {
    title: 'the number is closed: a voicemail instead of the agent',
    voicemailSeconds: 8,
    ...tabled('+15550100105'),
  },
  confirmed: { title: 'a person rings first, and presses 1 to take the call', ...tabled('+15550100106') },
  'not-confirmed': {
    title: "a mobile's own voicemail answers and presses nothing: the agent takes the call",
    person: 'is a mailbox',
    ...tabled('+15550100106'),
  },
  'person-busy': {
    title: 'Synthflow has an outage, and every phone is busy',
    api: ['outage'],
    person: 'is busy',
    voicemailSeconds: 8,
  },
  'person-no-answer': {
    title: 'the agent is busy, and no phone is answered',
    agent: refuses(486, 'Busy Here'),
    person: 'does not answer',
    voicemailSeconds: 8,
  },
  'voicemail-silent': {
    title: 'the same, and the caller says nothing after the tone',
    agent: refuses(486, 'Busy Here'),
    person: 'does not answer',
  },
  'voicemail-delivered': { title: 'a voicemail is posted to VOICEMAIL_URL', ...posted },
  'voicemail-undelivered': {
    title: 'a voicemail is posted to VOICEMAIL_URL, which fails twice',
    voicemailHook: 'fails',
    ...posted,
  },
  'function-gone': { title: 'the function crashes: the static fallback answers', crashes: ['/inbound'] },
} satisfies Readonly<Record<string, Scenario>>;

/** Who calls whom in a scenario; `called` unless it is about the called number. */
export function partiesOf({ parties }: Scenario, called: string) {
  return { caller: labNumbers.caller, called, ...parties };
}

/** What a scenario plays in place of your own settings, one a text: `MIN_AGENT_SECONDS=5`, or the lab's number table. */
export function changesOf({ env = {}, hasTable }: Scenario): readonly string[] {
  const changed = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return hasTable ? ['the number table lab/numbers.ts', ...changed] : changed;
}

/** See {@link scenarios}. */
export type ScenarioName = keyof typeof scenarios;

/** Whether a scenario of this name exists. */
export const isScenarioName = (name: string): name is ScenarioName => Object.hasOwn(scenarios, name);
