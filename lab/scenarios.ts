import type { EventName } from '../src/assets/log.private';
import type { Behaviours } from './synthflow/api';
import type { AgentBehaviour } from './synthflow/trunk';
import type { PersonBehaviour, TransferMode } from './twilio/running-call';

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
}

/** A call that the lab can play. */
export interface Scenario {
  /** What happens, for a list. */
  readonly title: string;
  /** What the caller hears on the route `agent, person, voicemail`, in the words of docs/faults.md. */
  readonly hears: string;
  /** The same on the route `agent` (default: no difference). */
  readonly hearsWithoutRoute?: string;
  /** How the API answers, request by request. */
  readonly api?: Behaviours;
  /** Whether what takes notices answers 500. */
  readonly noticesFail?: true;
  /** What Synthflow's side of the SIP call does (default: it talks for 5 s). */
  readonly agent?: AgentBehaviour | 'refers-allowed' | 'refers-warm';
  /** What a person does whose phone rings (default: answers). */
  readonly person?: PersonBehaviour;
  /** Who calls whom, where the scenario is about that (default: the lab's own numbers). */
  readonly parties?: Parties;
  /** Seconds after which the caller hangs up (default: never). */
  readonly hangsUpAfterSeconds?: number;
  /** Seconds that the caller speaks onto a voicemail (default: 0). */
  readonly voicemailSeconds?: number;
  /** What Twilio does when the agent asks for a transfer (default: what it documents). */
  readonly transferMode?: TransferMode;
  /** The functions that crash. */
  readonly crashes?: readonly `/${EventName}`[];
  /** Whether `lab/numbers.ts` takes the place of the owner's number table. */
  readonly hasTable?: true;
  /** The settings that it is about, in place of the owner's; an empty text unsets one. */
  readonly env?: Readonly<Record<string, string>>;
}

const answered = 'rings, agent';
const personAnswers = 'rings, person';
const personAfterAgent = 'rings, rings, person';
const allowed = { TRANSFER_NUMBERS: labNumbers.sales };
const refersToPremium = { kind: 'refers', referTo: `sip:${labNumbers.premium}@synthflow.invalid` } as const;
const busy = { kind: 'refuses', status: 486, reason: 'Busy Here' } as const;

/** A call that is not prepared: the person rings, without a person the message is said. */
const notPrepared = (title: string, rest: Omit<Scenario, 'title' | 'hears'>): Scenario => ({
  title,
  hears: personAnswers,
  hearsWithoutRoute: 'message',
  ...rest,
});

/** Every scenario by the name that `npm run call -- --scenario` takes, in groups. */
export const scenarioGroups = {
  'The agent answers': {
    answered: { title: 'the agent, and whoever else rings, answers', hears: answered },
    retried: {
      title: 'the API answers 429 once, then prepares the call',
      hears: answered,
      api: ['rate-limited', 'registered'],
    },
    'direct-dial': {
      title: 'the API fails, and DIRECT_DIAL reaches the agent',
      hears: answered,
      api: ['server-error'],
      env: { DIRECT_DIAL: 'true' },
    },
  },
  'Preparing the call fails': {
    slow: notPrepared('the API gives no answer for 60 s', { api: ['slow'] }),
    unauthorized: notPrepared('the API refuses the key (401)', { api: ['unauthorized'] }),
    'server-error': notPrepared('the API fails (500)', { api: ['server-error'] }),
    outage: notPrepared('Synthflow reports an outage', { api: ['outage'] }),
  },
  "The agent's leg fails": {
    'agent-busy': {
      title: 'the agent is busy (486)',
      hears: personAfterAgent,
      hearsWithoutRoute: 'rings, message',
      agent: busy,
    },
    'no-answer': {
      title: 'the agent rings, and nobody answers',
      hears: personAfterAgent,
      hearsWithoutRoute: 'rings, message',
      agent: { kind: 'rings' },
    },
    'agent-drops': {
      title: 'the agent answers, and drops the call at 0 s',
      hears: 'rings, agent, rings, person',
      hearsWithoutRoute: 'rings, agent, message',
      agent: { kind: 'talks', seconds: 0 },
    },
    'agent-too-short': {
      title: 'the agent leaves after 2 s of 5',
      hears: 'rings, agent, rings, person',
      hearsWithoutRoute: 'rings, agent, message',
      agent: { kind: 'talks', seconds: 2 },
      env: { MIN_AGENT_SECONDS: '5' },
    },
    'caller-hangs-up': {
      title: 'the caller hangs up while the agent rings',
      hears: 'rings',
      agent: { kind: 'rings' },
      hangsUpAfterSeconds: 2,
    },
  },
  'The agent transfers': {
    transfer: {
      title: 'the agent transfers to an allowed number, where a person answers',
      hears: 'rings, agent, rings, person',
      agent: 'refers-allowed',
      env: allowed,
    },
    'transfer-busy': {
      title: 'the agent transfers to an allowed number that is busy',
      hears: 'rings, agent, rings, agent again',
      agent: 'refers-allowed',
      person: 'is busy',
      env: allowed,
    },
    'transfer-forbidden': {
      title: 'the agent transfers to a number that is not allowed',
      hears: 'rings, agent, agent again',
      agent: refersToPremium,
    },
    'transfer-leg-ended': {
      title: 'the agent transfers to a number that is not allowed, and Twilio ends its leg first',
      hears: 'rings, agent, rings, person',
      hearsWithoutRoute: 'rings, agent, message',
      agent: refersToPremium,
      transferMode: 'the agent leaves',
    },
    'transfer-warm': {
      title: 'the agent joins the caller to a person at Synthflow',
      hears: 'rings, agent, rings, agent',
      agent: 'refers-warm',
    },
  },
  'People, voicemail and functions': {
    'person-busy': {
      title: 'Synthflow reports an outage, every phone is busy, and the caller speaks after the tone',
      hears: 'rings, message, tone, closing',
      hearsWithoutRoute: 'message',
      api: ['outage'],
      person: 'is busy',
      voicemailSeconds: 8,
    },
    'voicemail-silent': {
      title: 'the agent is busy, nobody answers a phone, and the caller is silent after the tone',
      hears: 'rings, rings, message, tone, message',
      hearsWithoutRoute: 'rings, message',
      agent: busy,
      person: 'does not answer',
    },
    'not-confirmed': {
      title: "a person comes first, and a mobile's own voicemail answers and presses nothing",
      hears: 'rings, rings, agent',
      person: 'is a mailbox',
      parties: { called: '+15550100106' },
      hasTable: true,
    },
    missed: {
      title: 'a word is said, the phone is busy, and the missed call is posted to NOTIFY_URL',
      hears: 'word, rings, message',
      person: 'is busy',
      parties: { called: '+15550100107' },
      hasTable: true,
      env: { NOTIFY_URL: 'https://chat.invalid/notices' },
    },
    held: {
      title: 'the API answers 429 twice, the caller is held by a word, and the second agent answers',
      hears: 'word, rings, agent',
      api: ['rate-limited', 'rate-limited', 'registered'],
      parties: { called: '+15550100108' },
      hasTable: true,
    },
    closed: {
      title: 'the number is closed, and its voicemail is posted to NOTIFY_URL',
      hears: 'message, tone, closing',
      voicemailSeconds: 8,
      parties: { called: '+15550100105' },
      hasTable: true,
      // The lab puts a stand-in in place of it.
      env: { NOTIFY_URL: 'https://chat.invalid/voicemails' },
    },
    'caller-refused': {
      title: 'a caller who hides the number is refused',
      hears: 'rejection',
      parties: { caller: 'anonymous' },
      env: { REFUSED_CALLERS: 'anonymous,+1900*' },
    },
    'function-gone': {
      title: 'the function crashes, and the static fallback answers',
      hears: 'message, rings, person',
      hearsWithoutRoute: 'message',
      crashes: ['/inbound'],
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Scenario>>>>;

type Groups = typeof scenarioGroups;

/** The name of a scenario. */
export type ScenarioName = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups];

/** Every scenario by its name. */
export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  ...scenarioGroups['The agent answers'],
  ...scenarioGroups['Preparing the call fails'],
  ...scenarioGroups["The agent's leg fails"],
  ...scenarioGroups['The agent transfers'],
  ...scenarioGroups['People, voicemail and functions'],
};

/** Who calls whom in a scenario; `called` where the scenario isn't about the called number. */
export function partiesOf({ parties }: Scenario, called: string): Required<Parties> {
  return { caller: labNumbers.caller, called, ...parties };
}

/** What a scenario plays in place of the owner's settings: `MIN_AGENT_SECONDS=5`, or the lab's number table. */
export function changesOf({ env = {}, hasTable }: Scenario): readonly string[] {
  const changed = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return hasTable ? ['the number table lab/numbers.ts', ...changed] : changed;
}

/** Whether a scenario of this name exists. */
export const isScenarioName = (name: string): name is ScenarioName => Object.hasOwn(scenarios, name);
