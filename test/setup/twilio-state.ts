/** A phone number as Twilio's API shows it. */
export interface StandInNumber {
  readonly phone_number: string;
  readonly sid: string;
  voice_url: string;
  voice_method: string;
  voice_fallback_url: string;
  voice_fallback_method: string;
  trunk_sid: string | null;
  voice_application_sid: string | null;
}

/** A TwiML app as Twilio's API shows it. */
export type StandInApp = Pick<
  StandInNumber,
  'sid' | 'voice_url' | 'voice_method' | 'voice_fallback_url' | 'voice_fallback_method'
>;

/** An alert as Twilio's API shows it. */
export interface StandInAlert {
  readonly error_code: string;
  readonly request_url: string | null;
  readonly resource_sid?: string;
}

/** A call as Twilio's API shows it, as far as the commands read it. */
export interface StandInCall {
  readonly sid: string;
  readonly parent_call_sid: string | null;
  readonly direction: string;
  readonly from: string;
  readonly to: string;
  status: string;
  readonly date_created: string;
  readonly start_time: string | null;
  end_time: string | null;
  duration: string | null;
}

/** An event of a call as Twilio's API shows it. */
export interface StandInEvent {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly parameters: Readonly<Record<string, string>>;
  };
  readonly response: Readonly<Record<string, string | number>>;
}

/** One request that arrived. */
export interface Arrival {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly authorization: string;
  readonly signature: string;
  readonly body: string;
  /** Milliseconds since this process began. */
  readonly time: number;
}

/** A file as it was uploaded. */
export interface Uploaded {
  readonly sid: string;
  readonly path: string;
  readonly visibility: string;
  readonly content: string;
}

/** The account that the stand-in knows: its token and its API key. */
export const account = {
  sid: `AC${'1'.repeat(32)}`,
  token: 'canary-auth-token-5b1f',
  irishToken: 'canary-irish-token-c3d2',
  key: `SK${'2'.repeat(32)}`,
  secret: 'canary-api-secret-77aa',
};
/** Where the stand-in deploys to. */
export const domain = 'twilio-synthflow-bridge-1234-dev.twil.io';

/** A domain of the owner's own that leads to the deployment. */
export const customDomain = 'voice.example.com';

/** An id of the form that Twilio gives. */
export const sidOf = (prefix: string, count: number): string => `${prefix}${count.toString(16).padStart(32, '0')}`;

/** How a request can fail: with this status, or otherwise. */
export type Fault = number | 'hang' | 'lost' | 'html' | 'reset';

/** A Twilio in which nothing was deployed yet. */
export function newState() {
  return {
    arrivals: [] as Arrival[],
    numbers: [] as StandInNumber[],
    logs: [] as { message: string; date_created: string }[],
    alerts: [] as StandInAlert[],
    apps: [] as StandInApp[],
    calls: [] as StandInCall[],
    /** Events, by the call that they belong to. */
    events: {} as Record<string, readonly StandInEvent[]>,
    /** What a call that is placed here becomes. */
    onCall: (_call: StandInCall): void => undefined,
    faults: [] as { where: RegExp; how: Fault; times: number }[],
    synthflow: {
      key: 'canary-synthflow-key-90cd',
      host: 'api.eu.synthflow.ai',
      agents: ['agent-1'] as readonly string[],
      /** Imported numbers, with the agents that they are assigned to. */
      numbers: {} as Readonly<Record<string, readonly string[]>>,
      /** What an agent's own record says of its numbers. */
      attached: {} as Readonly<Record<string, readonly string[]>>,
      calls: {} as Record<string, object>,
    },
    routeStatus: 403,
    count: 0,
    service: undefined as string | undefined,
    serviceName: 'twilio-synthflow-bridge',
    /** Called once a build went live, before that is answered. */
    /** Requests that are answered with a redirect to another host. */
    redirect: undefined as RegExp | undefined,
    buildStatus: 'completed',
    voiceRegions: {} as Record<string, string>,
    onActivation: undefined as (() => Promise<void>) | undefined,
    environment: undefined as { sid: string; build: string | null; suffix: string } | undefined,
    resources: { Functions: new Map<string, string>(), Assets: new Map<string, string>() },
    versions: new Map<string, Uploaded & { owner: string; kind: 'Functions' | 'Assets' }>(),
    builds: new Map<string, { functions: string[]; assets: string[]; dependencies: string }>(),
    variables: new Map<string, { key: string; value: string }>(),
    live: {
      functions: [] as Uploaded[],
      assets: [] as Uploaded[],
      variables: {} as Record<string, string>,
      dependencies: '',
    },
  };
}

/** What the stand-in remembers. */
export type State = ReturnType<typeof newState>;
