import axios from 'axios';
import { type NumberTable, readSettings } from '../../src/assets/settings.private';
import { regions } from '../../src/assets/synthflow/trunk.private';
import { type Finding, failed, notChecked, ok, warning } from './report';

type Environment = Readonly<Record<string, string>>;

/** Asks Synthflow whether the key, the region and the agents fit together. Never registers a call. */
export async function checkSynthflow(environment: Environment, numbers: NumberTable): Promise<readonly Finding[]> {
  const called = ['', ...Object.keys(numbers)];
  const apis = called.flatMap((number) => readSettings(environment, numbers, number).api ?? []);
  const [api] = apis;
  if (api === undefined) return [notChecked('Synthflow', 'the settings above do not reach it')];
  const status = await ask(`${api.apiUrl}/assistants/`, api.apiKey);
  if (status === 401 || status === 403) return [await refusedKey(api.apiUrl, api.apiKey)];
  if (status !== 200) return [unclear('Synthflow key', status)];
  const agents = [...new Set(apis.map(({ modelId }) => modelId))];
  return [
    ok('Synthflow key', `accepted by ${new URL(api.apiUrl).host}`),
    ...(await Promise.all(agents.map((agent) => checkAgent(api.apiUrl, api.apiKey, agent)))),
    ...retirement(api.apiUrl),
  ];
}

async function checkAgent(apiUrl: string, apiKey: string, agent: string): Promise<Finding> {
  const status = await ask(`${apiUrl}/assistants/${encodeURIComponent(agent)}`, apiKey);
  if (status === 200) return ok('Synthflow agent', `${agent} exists`);
  if (status !== 404) return unclear(`Synthflow agent`, status);
  return failed(
    'Synthflow agent',
    `${agent} does not exist in this workspace`,
    "copy the agent's id from Synthflow into SYNTHFLOW_MODEL_ID or the number table",
  );
}

/** A wrong key and a wrong region read the same, so the other regions are asked. */
async function refusedKey(apiUrl: string, apiKey: string): Promise<Finding> {
  const others = Object.entries(regions).filter(([, region]) => region.apiUrl !== apiUrl);
  const answers = await Promise.all(
    others.map(async ([name, region]) => ({ name, status: await ask(`${region.apiUrl}/assistants/`, apiKey) })),
  );
  const right = answers.find(({ status }) => status === 200);
  if (right)
    return failed(
      'Synthflow key',
      `refused here, accepted in the region ${right.name}`,
      `set SYNTHFLOW_REGION=${right.name}`,
    );
  return failed(
    'Synthflow key',
    'refused in every region',
    'copy the API key from Synthflow again into SYNTHFLOW_API_KEY',
  );
}

function retirement(apiUrl: string): Finding[] {
  if (apiUrl !== regions.global.apiUrl) return [];
  return [
    warning(
      'Synthflow region',
      'the global region is retired during Q4 2026',
      'move the workspace to us or eu, and set SYNTHFLOW_REGION',
    ),
  ];
}

function unclear(subject: string, status: number): Finding {
  const what = status === 0 ? 'no answer within 10 s' : `HTTP ${status}`;
  return failed(subject, what, 'try again; if it stays, see status.synthflow.ai, and SYNTHFLOW_API_URL if set');
}

/** The HTTP status; 0 when there was no answer. */
async function ask(url: string, apiKey: string): Promise<number> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const options = { headers, timeout: 10_000, maxRedirects: 0, proxy: false, validateStatus: () => true } as const;
  return axios.get(url, options).then(
    ({ status }) => status,
    () => 0,
  );
}
