import { labNumbers, type Scenario } from '../../../lab/scenarios';
import type { AgentBehaviour } from '../../../lab/synthflow/trunk';
import { type TransferMode, transferModes } from '../../../lab/twilio/carrier';

/** Where in a call a fault strikes. */
export type FaultStage = 'prepare' | 'agent' | TransferMode | 'person' | 'function';

/** A fault, and what the README promises of it. */
export interface Fault {
  readonly stage: FaultStage;
  /** What goes wrong, for the table. */
  readonly title: string;
  /** How the lab plays it. */
  readonly scenario: Omit<Scenario, 'title'>;
  /** What the caller hears before the ladder takes over. */
  readonly before: readonly string[];
  /**
   * What comes then: the agent if `DIRECT_DIAL` is set, the ladder after the agent, the agent who asked for a transfer,
   * the static fallback, or nothing more.
   */
  readonly next:
    | 'direct dial'
    | 'ladder'
    | 'ladder after the number'
    | 'the agent again'
    | 'static'
    | 'static after a person'
    | 'nothing';
}

/** What the owner configured. */
export interface LadderConfiguration {
  readonly number: boolean;
  readonly voicemail: boolean;
  readonly directDial: boolean;
}

const both = [false, true];

/** Every configuration of the ladder. */
export const ladderConfigurations: readonly LadderConfiguration[] = both.flatMap((directDial) =>
  both.flatMap((number) => both.map((voicemail) => ({ number, voicemail, directDial }))),
);

/** Settings that all cells share: an agent must talk for 3 s, and rings for 5. */
const common = { MIN_AGENT_SECONDS: '3', DIAL_TIMEOUT_SECONDS: '5', TRANSFER_NUMBERS: labNumbers.sales };

/** The environment of a configuration. */
export const environmentOf = ({ number, voicemail, directDial }: LadderConfiguration): Record<string, string> => ({
  ...common,
  ...(number && { FALLBACK_NUMBER: labNumbers.person }),
  ...(voicemail && { FALLBACK_VOICEMAIL: 'true' }),
  ...(directDial && { DIRECT_DIAL: 'true' }),
});

const preparing = (title: string, scenario: Fault['scenario'], next: Fault['next'] = 'direct dial'): Fault => ({
  stage: 'prepare',
  title,
  scenario,
  before: [],
  next,
});
const leg = (title: string, agent: AgentBehaviour, before: readonly string[] = ['rings']): Fault => ({
  stage: 'agent',
  title,
  scenario: { agent },
  before,
  next: 'ladder',
});
const refuses = (status: number, reason: string): Fault =>
  leg(`the trunk refuses with ${status} ${reason}`, { kind: 'refuses', status, reason });
const refers = (to: string): AgentBehaviour => ({ kind: 'refers', referTo: to });
const connected = ['rings', 'agent'];
const busyAgent: AgentBehaviour = { kind: 'refuses', status: 486, reason: 'Busy Here' };

const prepareFaults: readonly Fault[] = [
  preparing('the connection is refused', { api: 'refused' }),
  preparing('no answer for 60 s', { api: ['slow'] }),
  preparing('no answer for 60 s, with the longest budget', { api: ['slow'], env: { PREPARE_TIMEOUT_MS: '8000' } }),
  preparing('one byte a second', { api: ['trickle'] }),
  preparing('the connection is reset', { api: ['reset'] }),
  preparing('the answer is cut in its headers', { api: ['cut-in-headers'] }),
  preparing('the answer is cut in its body', { api: ['cut'] }),
  preparing('the answer is not HTTP', { api: ['garbage'] }),
  preparing('the answer has 100 MB', { api: ['huge'] }),
  preparing('a redirect', { api: ['redirect'] }),
  preparing('401 unauthorized', { api: ['unauthorized'] }, 'ladder'),
  preparing('422 rejected', { api: ['rejected'] }),
  preparing('429 over the limit, twice', { api: ['rate-limited'] }),
  preparing('429 with Retry-After of 1 s, twice', { api: ['retry-after-1s'] }),
  preparing('500 server error', { api: ['server-error'] }),
  preparing('503 unavailable, twice', { api: ['unavailable'] }),
  preparing('a web page', { api: ['html'] }),
  preparing('no call id', { api: ['no-id'] }),
  preparing('a call id that would inject into the SIP URI', { api: ['hostile-id'] }),
  preparing('Synthflow reports an outage', { api: ['outage'] }, 'ladder'),
  preparing('500 server error, and the trunk is busy', { api: ['server-error'], agent: busyAgent }),
  preparing('the key is not set', { env: { SYNTHFLOW_API_KEY: '' } }, 'ladder'),
];

const agentFaults: readonly Fault[] = [
  refuses(403, 'Forbidden'),
  refuses(404, 'Not Found'),
  refuses(480, 'Temporarily Unavailable'),
  refuses(486, 'Busy Here'),
  refuses(488, 'Not Acceptable Here'),
  refuses(500, 'Server Internal Error'),
  refuses(503, 'Service Unavailable'),
  refuses(603, 'Decline'),
  leg('the trunk does not respond', { kind: 'silent' }),
  leg('the agent does not answer', { kind: 'rings' }),
  leg('the agent drops the call at 0 s', { kind: 'talks', seconds: 0 }, connected),
  leg('the agent leaves before MIN_AGENT_SECONDS', { kind: 'talks', seconds: 1 }, connected),
  {
    stage: 'agent',
    title: 'the caller hangs up while the agent rings',
    scenario: { agent: { kind: 'rings' }, hangsUpAfterSeconds: 2 },
    before: ['rings'],
    next: 'nothing',
  },
];

const salesAddress = `sip:${labNumbers.sales}@synthflow.invalid`;
const premiumAddress = `sip:${labNumbers.premium}@synthflow.invalid`;
const toSales = refers(salesAddress);
const ringsAgain = [...connected, 'rings'];

/** The faults of a transfer, in one of Twilio's modes; by the documented one, the caller is with the agent again. */
function transferFaultsOf(transferMode: TransferMode): readonly Fault[] {
  const isDocumented = transferMode === 'the agent stays';
  const after = isDocumented ? 'the agent again' : 'ladder';
  const transfer = (
    title: string,
    scenario: Fault['scenario'],
    before: readonly string[],
    next: Fault['next'] = after,
  ): Fault => ({ stage: transferMode, title, scenario: { ...scenario, transferMode }, before, next });
  return [
    transfer('to a number that is not configured', { agent: refers(premiumAddress) }, connected),
    transfer('to a SIP host that is not Synthflow', { agent: refers('sip:agent@evil.invalid') }, connected),
    transfer('to no usable target', { agent: refers('http://evil.invalid') }, connected),
    transfer(
      'to a number that is not configured, and the agent hangs up',
      leaving(premiumAddress),
      connected,
      'ladder',
    ),
    transfer('the allowed number is busy', { agent: toSales, sales: 'is busy' }, ringsAgain),
    transfer('the fallback number is busy', toPerson, ringsAgain, isDocumented ? after : 'ladder after the number'),
    transfer('the allowed number does not answer', { agent: toSales, sales: 'does not answer' }, ringsAgain),
    transfer(
      'the allowed number is busy, and the agent hangs up',
      { ...leaving(salesAddress), sales: 'is busy' },
      ringsAgain,
      'ladder',
    ),
    transfer('Synthflow refuses the warm transfer', { agent: 'refers-warm-refused' }, ringsAgain),
    transfer(
      'the caller hangs up while the number rings',
      { agent: toSales, hangsUpAfterSeconds: 2 },
      ringsAgain,
      'nothing',
    ),
    transfer(
      '/transfer crashes',
      { crashes: ['/transfer'], agent: toSales },
      connected,
      transferMode === 'the agent leaves' ? 'static' : 'the agent again',
    ),
    ...(['is busy', 'does not answer'] as const).map((behaviour) =>
      transfer(
        `to a number that is not configured, and the person ${behaviour}`,
        { agent: refers(premiumAddress), person: behaviour },
        connected,
      ),
    ),
  ];
}

const toPerson: Fault['scenario'] = {
  agent: refers(`sip:${labNumbers.person}@synthflow.invalid`),
  person: 'is busy',
  env: { TRANSFER_NUMBERS: labNumbers.person },
};

const leaving = (referTo: string): Fault['scenario'] => ({ agent: { kind: 'refers', referTo, leaves: true } });

const person = (title: string, scenario: Fault['scenario'], before: readonly string[] = []): Fault => ({
  stage: 'person',
  title,
  scenario,
  before,
  next: 'ladder',
});

const personFaults: readonly Fault[] = (['is busy', 'does not answer'] as const).flatMap((behaviour) => [
  person(`an outage, and the person ${behaviour}`, { api: ['outage'], person: behaviour }),
  person(`the agent is busy, and the person ${behaviour}`, { agent: busyAgent, person: behaviour }, ['rings']),
  person(`an outage, the person ${behaviour}, and the caller speaks after the tone`, {
    api: ['outage'],
    person: behaviour,
    voicemailSeconds: 8,
  }),
]);

const crash = (
  title: string,
  scenario: Fault['scenario'],
  before: readonly string[],
  next: Fault['next'] = 'static',
): Fault => ({ stage: 'function', title, scenario, before, next });

const functionFaults: readonly Fault[] = [
  crash('/inbound crashes', { crashes: ['/inbound'] }, []),
  crash('/dial-result crashes, after a busy agent', { crashes: ['/dial-result'], agent: busyAgent }, ['rings']),
  crash('/dial-result crashes, after a conversation', { crashes: ['/dial-result'] }, connected),
  crash(
    '/dial-result crashes, after a busy person',
    { crashes: ['/dial-result'], api: ['outage'], person: 'is busy' },
    ['rings'],
    'static after a person',
  ),
  crash(
    '/dial-result crashes, after the person or else the voicemail',
    { crashes: ['/dial-result'], api: ['outage'], voicemailSeconds: 8 },
    ['rings', 'person'],
    'static after a person',
  ),
];

/** Every fault of the lab at every stage. */
export const faults: readonly Fault[] = [
  ...prepareFaults,
  ...agentFaults,
  ...transferModes.flatMap(transferFaultsOf),
  ...personFaults,
  ...functionFaults,
];

/** What the caller must hear, by the README's rules: one word a sound. */
export function expectedSounds(fault: Fault, ladder: LadderConfiguration): readonly string[] {
  const { before, next, scenario } = fault;
  switch (next) {
    case 'nothing':
      return before;
    case 'ladder after the number':
      // A transfer to the fallback number counts as that step; a number that is only allowed rings, and is rung once.
      return [...before, ...ladderSounds(scenario, { ...ladder, number: false })];
    case 'the agent again':
      return [...before, 'agent again'];
    case 'ladder':
      return [...before, ...ladderSounds(scenario, ladder)];
    case 'direct dial':
      if (!ladder.directDial) return [...before, ...ladderSounds(scenario, ladder)];
      return scenario.agent === undefined ? connected : ['rings', ...ladderSounds(scenario, ladder)];
    case 'static':
      return [...before, ...staticSounds(scenario, ladder)];
    case 'static after a person':
      // Without a number nobody is rung, and the function that crashes is asked only after a recording, if at all.
      if (ladder.number) return [...before, ...staticSounds(scenario, ladder)];
      if (ladder.voicemail && scenario.voicemailSeconds !== undefined) return ['message', 'tone', 'message'];
      return ladderSounds(scenario, ladder);
  }
}

function ladderSounds({ person: behaviour = 'answers' }: Fault['scenario'], ladder: LadderConfiguration) {
  const wayOut = ladder.voicemail ? ['message', 'tone', 'closing'] : ['message'];
  if (!ladder.number) return wayOut;
  return behaviour === 'answers' ? ['rings', 'person'] : ['rings', ...wayOut];
}

/** `/fallback.xml` says the message first, since nothing can follow when the person does not answer. */
function staticSounds({ person: behaviour = 'answers' }: Fault['scenario'], ladder: LadderConfiguration) {
  if (!ladder.number) return ['message'];
  return behaviour === 'answers' ? ['message', 'rings', 'person'] : ['message', 'rings'];
}
