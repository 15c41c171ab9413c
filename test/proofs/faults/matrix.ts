import { labNumbers, type Scenario } from '../../../lab/scenarios';
import type { AgentBehaviour } from '../../../lab/synthflow/trunk';
import { type TransferMode, transferModes } from '../../../lab/twilio/carrier';
import { apiFaults } from '../../setup/api-faults';

/** Where in a call a fault strikes. */
export type FaultStage = 'prepare' | 'agent' | TransferMode | 'person' | 'route' | 'function';

/** A fault, and what the README promises of it. */
export interface Fault {
  readonly stage: FaultStage;
  /** What goes wrong, for the table. */
  readonly title: string;
  /** How the lab plays it. */
  readonly scenario: Omit<Scenario, 'title'>;
  /** What the caller hears before the route takes over. */
  readonly before: readonly string[];
  /**
   * What comes then: the agent if `DIRECT_DIAL` is set, the route after the agent, the agent who asked for a transfer,
   * the static fallback, or nothing more.
   */
  readonly next:
    | 'direct dial'
    | 'route'
    | 'route after the number'
    | 'the agent again'
    | 'static'
    | 'static after a person'
    | 'nothing';
}

/** What the owner configured. */
export interface RouteConfiguration {
  readonly number: boolean;
  readonly voicemail: boolean;
  readonly directDial: boolean;
}

const both = [false, true];

/** Every configuration of the route. */
export const routeConfigurations: readonly RouteConfiguration[] = both.flatMap((directDial) =>
  both.flatMap((number) => both.map((voicemail) => ({ number, voicemail, directDial }))),
);

/** Settings that all cells share: an agent must talk for 3 s, and rings for 5. */
const common = { MIN_AGENT_SECONDS: '3', DIAL_TIMEOUT_SECONDS: '5', TRANSFER_NUMBERS: labNumbers.sales };

/** The environment of a configuration. */
export const environmentOf = ({ number, voicemail, directDial }: RouteConfiguration): Record<string, string> => ({
  ...common,
  CALL_ROUTE: ['agent', ...(number ? [labNumbers.person] : []), ...(voicemail ? ['voicemail'] : [])].join(),
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
  next: 'route',
});
const refuses = (status: number, reason: string): Fault =>
  leg(`the trunk refuses with ${status} ${reason}`, { kind: 'refuses', status, reason });
const refers = (to: string): AgentBehaviour => ({ kind: 'refers', referTo: to });
const connected = ['rings', 'agent'];
const unavailable: AgentBehaviour = { kind: 'refuses', status: 503, reason: 'Service Unavailable' };
const busyAgent: AgentBehaviour = { kind: 'refuses', status: 486, reason: 'Busy Here' };

const prepareFaults: readonly Fault[] = [
  preparing('the connection is refused', { api: 'refused' }),
  preparing('no answer for 60 s', { api: ['slow'] }),
  preparing('no answer for 60 s, with the longest budget', { api: ['slow'], env: { PREPARE_TIMEOUT_MS: '8000' } }),
  preparing('one byte a second', { api: ['trickle'] }),
  preparing('the connection is reset', { api: ['reset'] }),
  preparing('the answer is cut in its headers', { api: [apiFaults['cut-in-headers']] }),
  preparing('the answer is cut in its body', { api: [apiFaults.cut] }),
  preparing('the answer is not HTTP', { api: [apiFaults.garbage] }),
  preparing('the answer has 100 MB', { api: ['huge'] }),
  preparing('a redirect', { api: [apiFaults.redirect] }),
  preparing('401 unauthorized', { api: ['unauthorized'] }, 'route'),
  preparing('422 rejected', { api: ['rejected'] }),
  preparing('429 over the limit, twice', { api: ['rate-limited'] }),
  preparing('429 with Retry-After of 1 s, twice', { api: [apiFaults['retry-after-1s']] }),
  preparing('500 server error', { api: ['server-error'] }),
  preparing('503 unavailable, twice', { api: [apiFaults.unavailable] }),
  preparing('a web page', { api: ['html'] }),
  preparing('no call id', { api: ['no-id'] }),
  preparing('a call id that would inject into the SIP URI', { api: ['hostile-id'] }),
  preparing('Synthflow reports an outage', { api: ['outage'] }, 'route'),
  preparing('500 server error, and the trunk is busy', { api: ['server-error'], agent: busyAgent }),
  preparing('the key is not set', { env: { SYNTHFLOW_API_KEY: '' } }, 'route'),
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
  const after = isDocumented ? 'the agent again' : 'route';
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
    transfer('to a number that is not configured, and the agent hangs up', leaving(premiumAddress), connected, 'route'),
    transfer('the allowed number is busy', { agent: toSales, sales: 'is busy' }, ringsAgain),
    transfer(
      'the next phone of the route is busy',
      toPerson,
      ringsAgain,
      isDocumented ? after : 'route after the number',
    ),
    transfer('the allowed number does not answer', { agent: toSales, sales: 'does not answer' }, ringsAgain),
    transfer(
      'the allowed number is busy, and the agent hangs up',
      { ...leaving(salesAddress), sales: 'is busy' },
      ringsAgain,
      'route',
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
  next: 'route',
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

/** Routes in another order: what the caller hears doesn't depend on the configuration. */
const ordered = (title: string, scenario: Fault['scenario'], before: readonly string[], ...route: string[]): Fault => ({
  stage: 'route',
  title: `${route.join(', ').replaceAll(labNumbers.person, 'person')}: ${title}`,
  scenario: { ...scenario, env: { ...scenario.env, CALL_ROUTE: route.join() } },
  before,
  next: 'nothing',
});
const recorded = ['message', 'tone', 'closing'];
const routeFaults: readonly Fault[] = [
  ordered(
    'the person does not answer',
    { person: 'does not answer' },
    ['rings', ...connected],
    labNumbers.person,
    'agent',
  ),
  ordered(
    'the person is busy, and Synthflow reports an outage',
    { person: 'is busy', api: ['outage'] },
    ['rings', 'message'],
    labNumbers.person,
    'agent',
  ),
  ordered(
    'the person is busy, and the API is slow',
    { person: 'is busy', api: ['slow'], env: { DIRECT_DIAL: '' } },
    ['rings', 'message'],
    labNumbers.person,
    'agent',
  ),
  ordered(
    'the trunk fails once',
    { agent: unavailable, agentThen: { kind: 'talks', seconds: 5 } },
    ['rings', ...connected],
    'agent',
    'agent',
  ),
  ordered('the trunk fails twice', { agent: unavailable }, ['rings', 'rings', 'message'], 'agent', 'agent'),
  ordered(
    'the API fails once',
    { api: ['server-error', 'registered'], env: { DIRECT_DIAL: '' } },
    connected,
    'agent',
    'agent',
  ),
  ordered(
    'no answer of the API for 60 s, twice',
    { api: ['slow'], env: { DIRECT_DIAL: '' } },
    ['message'],
    'agent',
    'agent',
  ),
  ordered(
    'no answer of the API for 60 s, twice, with the longest budget',
    { api: ['slow'], env: { DIRECT_DIAL: '', PREPARE_TIMEOUT_MS: '8000' } },
    ['message'],
    'agent',
    'agent',
  ),
  ordered('Synthflow reports an outage', { api: ['outage'] }, ['message'], 'agent', 'agent'),
  ordered('the caller is silent', {}, ['message', 'tone', ...connected], 'voicemail', 'agent'),
  ordered('the caller speaks', { voicemailSeconds: 8 }, recorded, 'voicemail', 'agent'),
  ordered(
    '/dial-result crashes',
    { person: 'does not answer', crashes: ['/dial-result'] },
    ['rings', 'message', 'rings'],
    labNumbers.person,
    'agent',
  ),
];

/** Numbers of the lab's table: what the caller hears doesn't depend on the configuration. */
const tabled = (title: string, called: string, scenario: Fault['scenario'], before: readonly string[]): Fault => ({
  stage: 'route',
  title,
  scenario: { ...scenario, parties: { called }, hasTable: true },
  before,
  next: 'nothing',
});
const confirming = '+15550100106';
const personThenAgent = ['rings', ...connected];
const tableFaults: readonly Fault[] = [
  tabled('the number is closed', '+15550100105', { voicemailSeconds: 8 }, recorded),
  tabled('person with confirm, agent: 1 is pressed', confirming, {}, ['rings', 'person']),
  tabled('person with confirm, agent: a mailbox answers', confirming, { person: 'is a mailbox' }, personThenAgent),
  tabled('person with confirm, agent: /confirm crashes', confirming, { crashes: ['/confirm'] }, personThenAgent),
];
const voicemailFaults: readonly Fault[] = [
  ordered('VOICEMAIL_URL fails', { voicemailSeconds: 8, voicemailHook: 'fails' }, recorded, 'voicemail'),
  ordered(
    '/voicemail crashes',
    { voicemailSeconds: 8, voicemailHook: 'takes it', crashes: ['/voicemail'] },
    recorded,
    'voicemail',
  ),
];

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
  ...routeFaults,
  ...tableFaults,
  ...voicemailFaults,
  ...functionFaults,
];

/** What the caller must hear, by the README's rules: one word a sound. */
export function expectedSounds(fault: Fault, route: RouteConfiguration): readonly string[] {
  const { before, next, scenario } = fault;
  switch (next) {
    case 'nothing':
      return before;
    case 'route after the number':
      // A transfer to a phone further on counts as its step; a number that is only allowed rings, and is rung once.
      return [...before, ...routeSounds(scenario, { ...route, number: false })];
    case 'the agent again':
      return [...before, 'agent again'];
    case 'route':
      return [...before, ...routeSounds(scenario, route)];
    case 'direct dial':
      if (!route.directDial) return [...before, ...routeSounds(scenario, route)];
      return scenario.agent === undefined ? connected : ['rings', ...routeSounds(scenario, route)];
    case 'static':
      return [...before, ...staticSounds(scenario, route)];
    case 'static after a person':
      // Without a number nobody is rung, and the function that crashes is asked only after a recording, if at all.
      if (route.number) return [...before, ...staticSounds(scenario, route)];
      if (route.voicemail && scenario.voicemailSeconds !== undefined) return ['message', 'tone', 'message'];
      return routeSounds(scenario, route);
  }
}

function routeSounds({ person: behaviour = 'answers' }: Fault['scenario'], route: RouteConfiguration) {
  const wayOut = route.voicemail ? ['message', 'tone', 'closing'] : ['message'];
  if (!route.number) return wayOut;
  return behaviour === 'answers' ? ['rings', 'person'] : ['rings', ...wayOut];
}

/** `/fallback.xml` says the message first, since nothing can follow when the person does not answer. */
function staticSounds({ person: behaviour = 'answers' }: Fault['scenario'], route: RouteConfiguration) {
  if (!route.number) return ['message'];
  return behaviour === 'answers' ? ['message', 'rings', 'person'] : ['message', 'rings'];
}
