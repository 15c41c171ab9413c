import { type RealApi, startLab } from '../lab/lab';
import { startLabServer } from '../lab/page/server';
import { readSettings } from '../src/assets/settings.private';
import { buildTemporarily } from './build';
import { deploymentOptions, runCommand } from './command';
import { readEnvFile } from './environment';
import { loadNumberTable } from './number-table';
import { alignColumns } from './table';

/** The real API, when the env file holds what preparing a call needs; throws when a setting is not accepted. */
async function realApi(envFile: string): Promise<RealApi | undefined> {
  const environment = readEnvFile(envFile);
  if ((environment.SYNTHFLOW_API_KEY ?? '') === '') return undefined;
  const numbers = await loadNumberTable();
  // One agent is enough, be it the environment's or a number's own: the page chooses the called number.
  const settings = ['', ...Object.keys(numbers)].map((number) => readSettings(environment, numbers, number));
  const api = settings.find((one) => one.api !== undefined)?.api;
  if (api === undefined)
    throw new Error(`${envFile} does not reach the real API:\n${settings[0]?.problems.join('\n')}`);
  // The trunk is the lab's own, so its settings are, too.
  const names = Object.keys(environment).filter((name) => /^SYNTHFLOW_(?!SIP_)/.test(name));
  const env = Object.fromEntries(names.map((name) => [name, environment[name] ?? '']));
  return { apiUrl: api.apiUrl, apiKey: api.apiKey, env };
}

void runCommand({
  name: 'lab',
  usage: '[options]',
  summary: 'Serves a page on this machine from which you place calls and watch them.',
  options: {
    port: { type: 'string', default: '0', value: 'N', help: "the page's port; a free one unless given" },
    pace: {
      type: 'string',
      default: '5',
      value: 'N',
      help: 'how many times as fast as real time a call runs; 5 unless given',
    },
    env: deploymentOptions.env,
  },
  notes: 'It runs until Ctrl-C.',
  failure: 'The lab could not be started',
  run: async ({ port, pace, env }) => {
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
      throw new Error(`--port: expected a number up to 65535; found "${port}"`);
    if (!(Number(pace) > 0 && Number(pace) <= 100))
      throw new Error(`--pace: expected a number from above 0 to 100; found "${pace}"`);
    const dist = await buildTemporarily();
    const real = await realApi(env);
    const api = real === undefined ? 'stand-in' : `real API at ${new URL(real.apiUrl).host}`;
    const lab = await startLab({ secondMs: 1000 / Number(pace), real, dist });
    const server = await startLabServer(lab, api, Number(port));
    const rows = [
      ['Lab', server.url],
      ['API', api],
      ['SIP', 'stand-in'],
    ];
    process.stdout.write(`${alignColumns(rows)}\n\nCtrl-C ends it.\n`);
    return new Promise(() => undefined);
  },
});
