import { lookup } from 'node:dns/promises';
import { type ApiSettings, type NumberTable, readSettings } from '../../src/assets/settings.private';
import { regions, type Trunk } from '../../src/assets/synthflow/trunk.private';
import { dialableNumber, e164, parseAddress } from '../../src/assets/twilio/address.private';
import type { Environment } from '../environment';
import { type Finding, failed, notChecked, ok, warning } from '../finding';
import type { HttpAnswer } from '../http';
import type { Shell } from '../shell';
import { type Api, askApi } from '../synthflow/api';
import { stepsOf } from './routes';

/** What Synthflow says of key, region and agents. */
export interface SynthflowFindings {
  readonly findings: readonly Finding[];
  /** Numbers in E.164 that the agents' records name, with the agents. */
  readonly attached: ReadonlyMap<string, readonly string[]>;
}

/** The subject of findings about the environment's own key. */
const environmentKey = 'Synthflow key';

/** A workspace, with everything in it that the settings name. */
interface Workspace {
  /** Empty for the environment's own, else the numbers that have it. */
  readonly numbers: string;
  readonly api: ApiSettings;
  readonly agents: readonly string[];
}

/** Asks Synthflow whether each key, its region and its agents fit together. Never registers a call. */
export async function checkSynthflow(
  shell: Shell,
  environment: Environment,
  numbers: NumberTable,
): Promise<SynthflowFindings> {
  const workspaces = workspacesOf(environment, numbers);
  if (workspaces.length === 0) {
    return { findings: [notChecked('Synthflow', 'the settings above do not reach it')], attached: new Map() };
  }
  const checked = await Promise.all(workspaces.map((workspace) => checkWorkspace(shell, workspace)));
  return {
    findings: checked.flatMap(({ findings }) => findings),
    attached: new Map(checked.flatMap(({ attached }) => [...attached])),
  };
}

/** The workspaces of the environment and of the number table: one for each API and key. */
function workspacesOf(environment: Environment, numbers: NumberTable): readonly Workspace[] {
  const found = new Map<string, Workspace>();
  for (const number of ['', ...Object.keys(numbers)]) {
    const settings = readSettings(environment, numbers, parseAddress(number));
    const { api } = settings;
    if (api === undefined) continue;
    const key = JSON.stringify([api.apiUrl, api.apiKey]);
    const known = found.get(key);
    const agents = stepsOf(settings).flatMap((step) => (step.kind === 'agent' ? (step.modelId ?? []) : []));
    found.set(key, {
      numbers: known === undefined ? number : [known.numbers, known.numbers && number].filter(Boolean).join(', '),
      api,
      agents: [...new Set([...(known?.agents ?? []), ...agents])],
    });
  }
  return [...found.values()];
}

async function checkWorkspace(shell: Shell, { numbers, api, agents }: Workspace): Promise<SynthflowFindings> {
  const subject = numbers === '' ? environmentKey : `${environmentKey} of ${numbers}`;
  const attached = new Map<string, readonly string[]>();
  const answer = await askApi(shell, api, '/assistants/');
  const region = retirement(api.apiUrl);
  if (isRefused(answer)) return { findings: [await refusedKey(shell, subject, api, answer), ...region], attached };
  if (!isRecord(answer)) return { findings: [unclear(subject, answer), ...region], attached };
  const asked = await Promise.all(agents.map((agent) => askAgent(shell, api, agent)));
  for (const { agent, found } of asked) {
    for (const number of attachedIn(found.body)) attached.set(number, [...(attached.get(number) ?? []), agent]);
  }
  const key = ok(subject, `accepted by ${new URL(api.apiUrl).host}`);
  return { findings: [key, ...asked.map(checkAgent), ...region], attached };
}

/** An agent, and what Synthflow answered about it. */
interface AskedAgent {
  readonly agent: string;
  readonly found: HttpAnswer;
}

async function askAgent(shell: Shell, api: Api, agent: string): Promise<AskedAgent> {
  return { agent, found: await askApi(shell, api, `/assistants/${encodeURIComponent(agent)}`) };
}

function checkAgent({ agent, found }: AskedAgent): Finding {
  const subject = 'Synthflow agent';
  if (isRecord(found)) return ok(subject, `${agent} exists`);
  if (found.status !== 404) return unclear(`${subject} ${agent}`, found);
  const fix = "copy the agent's id from Synthflow into SYNTHFLOW_MODEL_ID or the number table";
  return failed(subject, `${agent} does not exist in this workspace`, fix);
}

/** The numbers of an agent's record, wherever in the answer it is (docs.synthflow.ai/api-reference, "Get an agent"). */
function attachedIn(body: unknown): readonly string[] {
  const response: unknown = Object(body).response;
  const places = [body, response, ...[Object(response).assistants].flat(), Object(response).assistant];
  return places.flatMap((place) => {
    const listed: unknown = Object(place).attached_phone_numbers;
    if (!Array.isArray(listed)) return [];
    const texts = listed.map((one: unknown) => String(Object(one).number ?? one).replace(/\D/g, ''));
    return texts.filter((digits) => e164.test(`+${digits}`)).map((digits) => `+${digits}`);
  });
}

/** A wrong key and a wrong region look the same, so the other regions are tried. */
async function refusedKey(
  shell: Shell,
  subject: string,
  { apiUrl, apiKey }: Api,
  { status: refusal }: HttpAnswer,
): Promise<Finding> {
  const isOwn = subject === environmentKey;
  const unknown: string[] = [];
  for (const [name, other] of Object.entries(regions)) {
    if (other.apiUrl === apiUrl) continue;
    const answer = await askApi(shell, { apiUrl: other.apiUrl, apiKey }, '/assistants/');
    if (!isRefused(answer) && answer.status !== 200) unknown.push(`${name} (${answer.found})`);
    if (answer.status !== 200) continue;
    const own = isOwn ? `set SYNTHFLOW_REGION=${name}` : `set region: '${name}' in its entry`;
    const isUrlGiven = Object.values(regions).every((region) => region.apiUrl !== apiUrl);
    const fix = isUrlGiven ? `${own}, and unset SYNTHFLOW_API_URL` : own;
    return failed(subject, `refused here, accepted in the region ${name}`, fix);
  }
  if (unknown.length > 0) {
    const detail = `refused here, and not known in ${unknown.join(' and ')}`;
    return failed(subject, detail, 'is the network up? Then copy the API key from Synthflow again');
  }
  if (refusal === 403) {
    const detail = 'refused in every region, with HTTP 403: it may not be for this workspace';
    return failed(subject, detail, 'compare the key with the workspace, and SYNTHFLOW_WORKSPACE_ID if set');
  }
  const fix = `copy the API key from Synthflow again into ${isOwn ? 'SYNTHFLOW_API_KEY' : 'what its apiKey is read from'}`;
  return failed(subject, 'refused in every region', fix);
}

function retirement(apiUrl: string): Finding[] {
  if (apiUrl !== regions.global.apiUrl) return [];
  const detail =
    'the global region ends with the year 2026, and a workspace that chooses nothing moves to us; one old page alone still names its trunk, sipin.synthflow.ai';
  const fix =
    "ask Synthflow's support for the day of the move to us or eu, and for the key and the SIP host of then; on that day, set SYNTHFLOW_REGION and deploy";
  return [warning('Synthflow region', detail, fix)];
}

/** Whether an answer is what was asked for: a page of a proxy has status 200, too. */
const isRecord = ({ status, body }: HttpAnswer): boolean => status === 200 && typeof body === 'object' && body !== null;

function unclear(subject: string, answer: HttpAnswer): Finding {
  const found = answer.status === 200 ? 'HTTP 200, but no JSON object' : answer.found;
  return failed(subject, found, 'try again; if it stays, see status.synthflow.ai, and SYNTHFLOW_API_URL if set');
}

/**
 * Asks Synthflow whether these numbers are imported, which both ways into an agent need, and to which agent they are
 * assigned (docs.synthflow.ai/api-reference, "Get a phone number").
 */
export async function checkImports(
  shell: Shell,
  environment: Environment,
  numbers: NumberTable,
  called: readonly string[],
  attached: SynthflowFindings['attached'],
): Promise<readonly Finding[]> {
  const wanted = [...new Set([...Object.keys(numbers), ...called])].flatMap((number) => {
    const { api, trunk } = readSettings(environment, numbers, parseAddress(number));
    const dialled = dialableNumber(parseAddress(trunk?.dialNumber ?? number)) ?? '';
    return api === undefined || !e164.test(dialled) ? [] : [{ api, dialled }];
  });
  return Promise.all(wanted.map(({ api, dialled }) => checkImport(shell, api, dialled, attached.get(dialled))));
}

async function checkImport(
  shell: Shell,
  api: ApiSettings,
  number: string,
  attachedTo: readonly string[] | undefined,
): Promise<Finding> {
  const subject = `Synthflow ${number}`;
  // The agent's own record is surer: the list of numbers was empty for somebody whose agents had some.
  if (attachedTo !== undefined) return ok(subject, `is imported, and assigned to ${attachedTo.join(', ')}`);
  const workspace = api.workspaceId === undefined ? '' : `?workspace=${encodeURIComponent(api.workspaceId)}`;
  const answer = await askApi(shell, api, `/numbers/${number.slice(1)}${workspace}`);
  if (answer.status === 404 && api.workspaceId === undefined) {
    const why = 'none of the agents names it, and the list of numbers may want SYNTHFLOW_WORKSPACE_ID';
    return notChecked(subject, `whether it is imported: ${why}`);
  }
  if (answer.status === 404) {
    const fix = 'import it in Synthflow as a custom number, and assign it to an inbound agent';
    return warning(subject, "isn't imported into this workspace", fix);
  }
  if (!isRecord(answer)) return notChecked(subject, `whether it is imported: ${answer.found}`);
  const agents = agentsIn(answer.body);
  if (agents.length > 0) return ok(subject, `is imported, and assigned to ${agents.join(', ')}`);
  return warning(subject, 'is imported, but assigned to no agent', 'assign it to an inbound agent in Synthflow');
}

function agentsIn(body: unknown): readonly string[] {
  const agents = typeof body === 'object' && body !== null && 'assistants' in body ? body.assistants : undefined;
  return Array.isArray(agents) ? agents.filter((agent) => typeof agent === 'string') : [];
}

const isRefused = ({ status }: HttpAnswer): boolean => status === 401 || status === 403;

/** Whether the trunks' names resolve, and are dialled from near them. Nothing is sent to them. */
export async function checkTrunks(environment: Environment, numbers: NumberTable): Promise<readonly Finding[]> {
  const called = ['', ...Object.keys(numbers)];
  const trunks = called.flatMap(
    (number) => readSettings(environment, numbers, parseAddress(number)).trunk?.trunk ?? [],
  );
  if (trunks.length === 0) return [notChecked('SIP trunk', 'the settings above do not name it')];
  const hosts = [...new Set(trunks.map((trunk) => trunk.hosts[0].name))];
  return [...(await Promise.all(hosts.map(checkTrunk))), ...checkDistance(trunks)];
}

async function checkTrunk(host: string): Promise<Finding> {
  const subject = 'SIP trunk';
  const found = await lookup(host).catch(() => undefined);
  if (found !== undefined) return ok(subject, `${host} resolves; only npm run probe proves that it takes calls`);
  const fix = 'is the network up? If it is, correct SYNTHFLOW_REGION, or SYNTHFLOW_SIP_TERMINATION if set';
  return failed(subject, `${host} does not resolve`, fix);
}

/** Twilio sends every SIP call from Virginia unless it is asked for another place (twilio.com/docs/voice/twiml/sip). */
function checkDistance(trunks: readonly Trunk[]): readonly Finding[] {
  const isFar = trunks.some(({ hosts, region }) => region === undefined && regions.eu.sipHosts.includes(hosts[0].name));
  if (!isFar) return [];
  const detail = "Twilio sends calls to Synthflow's trunk in Frankfurt from Virginia";
  return [warning('TWILIO_SIP_REGION', detail, 'set TWILIO_SIP_REGION=de1')];
}
