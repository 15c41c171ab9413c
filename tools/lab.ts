import { parseArgs } from 'node:util';
import { onInterrupt } from './command';
import { readEnvFile } from './environment';
import { type RealApi, startLab } from './lab/lab';
import { startLabServer } from './lab/server';
import { installRuntime } from './runtime';

const usage = `npm run lab -- [--port N] [--pace N]

Serves a page on this machine from which you place calls and watch them.
--port N   the page's port; a free one unless given
--pace N   how many times as fast as real time a call runs; 5 unless given`;

async function main(): Promise<void> {
  const { port, pace, help } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      pace: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  }).values;
  if (help) return void process.stdout.write(`${usage}\n`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Error(`--port: expected a number up to 65535; found "${port}"`);
  if (!(Number(pace) > 0 && Number(pace) <= 100))
    throw new Error(`--pace: expected a number from above 0 to 100; found "${pace}"`);

  const real = realApi(readEnvFile());
  const api = real === undefined ? 'stand-in' : `real API at ${new URL(real.apiUrl).host}`;
  const lab = await startLab({ secondMs: 1000 / Number(pace), real });
  const server = await startLabServer(lab, api, Number(port)).catch(async (error: unknown) => {
    await lab.stop();
    throw error;
  });
  process.stdout.write(`Lab    ${server.url}\nAPI    ${api}\nSIP    stand-in\n\nCtrl-C ends it.\n`);
  const stop = async (): Promise<void> => {
    await server.stop();
    await lab.stop();
    process.exit(0);
  };
  onInterrupt(() => void stop());
}

/** The real API, when `.env` holds what preparing a call needs; throws when a setting is not accepted. */
function realApi(environment: Readonly<Record<string, string>>): RealApi | undefined {
  if ((environment.SYNTHFLOW_API_KEY ?? '') === '') return undefined;
  installRuntime();
  const { readSettings }: typeof import('../src/assets/settings.private') = require(
    Runtime.getAssets()['/settings.js'].path,
  );
  const { numbers }: typeof import('../src/assets/numbers.private') = require(Runtime.getAssets()['/numbers.js'].path);
  // One agent is enough, be it the environment's or a number's own: the page chooses the called number.
  const settings = ['', ...Object.keys(numbers)].map((number) => readSettings(environment, numbers, number));
  const api = settings.find((one) => one.api !== undefined)?.api;
  if (api === undefined) throw new Error(`.env does not reach the real API:\n${settings[0]?.problems.join('\n')}`);
  // The trunk is the lab's own, so its settings are, too.
  const names = Object.keys(environment).filter((name) => /^SYNTHFLOW_(?!SIP_)/.test(name));
  const env = Object.fromEntries(names.map((name) => [name, environment[name] ?? '']));
  return { apiUrl: api.apiUrl, apiKey: api.apiKey, env };
}

main().catch((error: unknown) => {
  process.stderr.write(`The lab could not be started: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
