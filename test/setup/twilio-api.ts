import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { getExpectedTwilioSignature } from 'twilio';
import { listen, readBody } from '../../lab/http';
import { type Answer, missing, ok, routes } from './twilio-routes';
import {
  type Arrival,
  account,
  customDomain,
  type Fault,
  newState,
  type StandInAlert,
  type StandInApp,
  type StandInCall,
  type StandInEvent,
  type StandInNumber,
  type State,
  sidOf,
  type Uploaded,
} from './twilio-state';

export { account, customDomain, domain } from './twilio-state';

/** Twilio's and Synthflow's APIs, as far as the commands use them. */
export interface StandIn {
  readonly port: number;
  readonly arrivals: readonly Arrival[];
  readonly numbers: StandInNumber[];
  readonly logs: { message: string; date_created: string }[];
  readonly alerts: StandInAlert[];
  readonly apps: StandInApp[];
  readonly calls: StandInCall[];
  readonly events: Record<string, readonly StandInEvent[]>;
  /** Called with each call that is placed here. */
  onCall: (call: StandInCall) => void;
  /** What is live: functions and assets by their path. */
  readonly live: { functions: Uploaded[]; assets: Uploaded[]; variables: Record<string, string>; dependencies: string };
  /** Requests that are answered with a redirect to another host. */
  redirect: RegExp | undefined;
  /** What a build comes to. */
  buildStatus: string;
  /** Where the calls of a number are processed; `us1` for any other. */
  readonly voiceRegions: Record<string, string>;
  /** The one environment that it knows. */
  readonly environment: { sid: string; build: string | null; suffix: string } | undefined;
  /** The variables of the environment, by SID. */
  readonly variables: Map<string, { key: string; value: string }>;
  /**
   * Answers requests whose `host/path` matches so, as long as `times` lasts; `hang` never answers, `reset` ends the
   * connection, `lost` obeys first, `html` is a page.
   */
  fail(where: RegExp, how: Fault, times?: number): void;
  /** Ends all faults. */
  heal(): void;
  /** Called once a build went live, before that is answered. */
  onActivation: (() => Promise<void>) | undefined;
  /** Status of the agent `model` at Synthflow, and the host that accepts the key. */
  synthflow: {
    key: string;
    host: string;
    agents: readonly string[];
    numbers: Readonly<Record<string, readonly string[]>>;
    attached: Readonly<Record<string, readonly string[]>>;
    calls: Record<string, object>;
  };
  /** Status with which the deployed routes answer without a signature. */
  routeStatus: number;
  stop(): Promise<void>;
}

/** Starts the stand-in; it accepts the account's token and its API key. */
export async function startStandIn(): Promise<StandIn> {
  const state = newState();
  const server = createServer((incoming, response) => void serve(state, incoming, response));
  const port = await listen(server);
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return Object.assign(state, {
    port,
    stop,
    heal: () => void state.faults.splice(0),
    fail: (where: RegExp, how: Fault, times = 99) => void state.faults.push({ where, how, times }),
  });
}

async function serve(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const arrival: Arrival = {
    method: incoming.method ?? '',
    host: String(incoming.headers['x-meant-for'] ?? ''),
    path: incoming.url ?? '',
    authorization: String(incoming.headers.authorization ?? ''),
    signature: String(incoming.headers['x-twilio-signature'] ?? ''),
    body: await readBody(incoming),
    time: performance.now(),
  };
  state.arrivals.push(arrival);
  const where = `${arrival.host}${arrival.path}`;
  const fault = state.faults.find((one) => one.times > 0 && one.where.test(where));
  if (fault) fault.times -= 1;
  if (state.redirect?.test(where)) {
    return void response.writeHead(307, { location: 'https://evil.example/x' }).end();
  }
  if (fault?.how === 'lost') answer(state, arrival, where);
  if (fault?.how === 'hang') return;
  if (fault?.how === 'reset' || fault?.how === 'lost') return void incoming.socket.resetAndDestroy();
  if (fault?.how === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
  const { status, body } = fault
    ? { status: fault.how, body: { code: 20000 + Number(fault.how), message: 'a fault', status: fault.how } }
    : answer(state, arrival, where);
  if (/Deployments$/.test(where)) await state.onActivation?.();
  response
    .writeHead(Number(status), { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}

function answer(state: State, arrival: Arrival, where: string): Answer {
  if (arrival.host.endsWith('.twil.io') || arrival.host === customDomain) return answerDeployed(state, arrival);
  if (arrival.host.endsWith('synthflow.ai')) return answerSynthflow(state, arrival);
  // Ireland is a place of its own, with a token of its own.
  const isIreland = arrival.host.endsWith('.dublin.ie1.twilio.com');
  const logins = isIreland
    ? [`${account.sid}:${account.irishToken}`]
    : [`${account.sid}:${account.token}`, `${account.key}:${account.secret}`];
  const allowed = logins.map((login) => `Basic ${Buffer.from(login).toString('base64')}`);
  if (!allowed.includes(arrival.authorization)) return ok({ code: 20003, message: 'Authenticate', status: 401 }, 401);
  const plain = where.replace('.dublin.ie1.twilio.com', '.twilio.com');
  for (const [pattern, handle] of routes) {
    const found = pattern.exec(`${arrival.method} ${plain}`);
    if (found) return handle(state, arrival, found.slice(1));
  }
  return missing;
}

/** The deployed assets, for requests with Twilio's signature. */
function answerDeployed({ live, routeStatus }: State, { host, path, signature }: Arrival): Answer {
  const asset = live.assets.find((one) => one.path === path);
  if (asset === undefined || signature === '') return ok('', routeStatus);
  return signature === getExpectedTwilioSignature(account.token, `https://${host}${path}`, {})
    ? ok(asset.content)
    : ok('', 403);
}

function answerSynthflow({ synthflow }: State, { host, path, authorization }: Arrival): Answer {
  if (host !== synthflow.host || authorization !== `Bearer ${synthflow.key}`)
    return ok({ detail: 'Unauthorized' }, 401);
  const [, digits] = /^\/v2\/numbers\/(\d+)(?:\?|$)/.exec(path) ?? [];
  if (digits !== undefined) {
    const assistants = synthflow.numbers[`+${digits}`];
    return assistants === undefined ? ok({ detail: 'Not Found' }, 404) : ok({ slug: digits, assistants });
  }
  const [, call] = /^\/v2\/calls\/([^/]+)$/.exec(path) ?? [];
  if (call !== undefined) {
    const known = synthflow.calls[call];
    return known === undefined ? ok({ detail: 'Not Found' }, 404) : ok({ status: 'ok', response: { calls: [known] } });
  }
  const [, agent = ''] = /^\/v2\/assistants\/([^/]*)$/.exec(path) ?? [];
  if (agent === '') return ok({ status: 'ok', response: {} });
  const attached = synthflow.attached[agent] ?? [];
  const record = { model_id: agent, attached_phone_numbers: attached.map((number) => ({ number, sid: 'PN1' })) };
  return synthflow.agents.includes(agent)
    ? ok({ status: 'ok', response: { assistants: [record] } })
    : ok({ detail: 'Not Found' }, 404);
}

/** A number that points elsewhere. */
export function numberOf(phoneNumber: string, index: number): StandInNumber {
  return {
    phone_number: phoneNumber,
    sid: sidOf('PN', index + 1),
    voice_url: 'https://example.com/old',
    voice_method: 'GET',
    voice_fallback_url: '',
    voice_fallback_method: 'POST',
    trunk_sid: null,
    voice_application_sid: null,
  };
}
