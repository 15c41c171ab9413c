import axios from 'axios';
import { pause } from '../../lab/clock';
import { startSynthflow } from '../../lab/synthflow/api';
import { useStandIn } from '../setup/live';

const { place } = useStandIn();

/** Starts the command, visits its page, and ends it as Ctrl-C does; returns what it printed. */
async function serve(
  env: Readonly<Record<string, string>>,
  visit: (url: string) => Promise<unknown> = async () => undefined,
): Promise<string> {
  const lab = place(env).start('lab', ['--pace', '100']);
  const printed = await lab.printed(/Ctrl-C ends it\.\n/);
  const url = /http:\S+/.exec(printed)?.[0] ?? '';
  const { data } = await axios.get<string>(url, { proxy: false });
  await visit(url);
  lab.kill('SIGINT');

  expect(data).toMatch(/^<!doctype html>/i);
  expect(await lab.ended).toMatchObject({ exitStatus: 130, stderr: 'Stopped; nothing is left running.\n' });
  return printed;
}

/** Places a call on the page and waits for its end. */
async function placeCall(url: string): Promise<void> {
  await axios.post(`${url}api/calls`, { scenario: 'answered' }, { proxy: false });
  const isRunning = async (): Promise<boolean> => {
    const { data } = await axios.get(`${url}api/lab`, { proxy: false });
    return data.calls[0].state === 'running';
  };
  while (await isRunning()) await pause(20);
}

describe('npm run lab', () => {
  test('serves a page on this machine, with a stand-in for Synthflow as long as there is no key', async () => {
    expect(await serve({})).toMatch(
      /^Lab {2}http:\/\/127\.0\.0\.1:\d+\/\nAPI {2}stand-in\nSIP {2}stand-in\n\nCtrl-C ends it\.\n$/,
    );
  });

  test('prepares its calls with the settings of the env file that holds a key', async () => {
    const key = 'key-of-the-env-file';
    const api = await startSynthflow(key);
    const env = { SYNTHFLOW_API_KEY: key, SYNTHFLOW_MODEL_ID: 'agent-1', SYNTHFLOW_API_URL: api.apiUrl };
    const printed = await serve(env, placeCall);
    await api.stop();

    expect(printed).toContain(`API  real API at ${new URL(api.apiUrl).host}\n`);
    expect(printed).not.toContain(key);
    expect(api.exchanges).toMatchObject([{ body: expect.stringContaining('"model_id":"agent-1"') }]);
    expect(api.exchanges[0]?.answer?.httpStatus).toBe(200);
  });

  test('says which setting keeps it from the API', async () => {
    const workplace = place({ SYNTHFLOW_API_KEY: 'key-of-the-env-file', SYNTHFLOW_REGION: 'mars' });
    const { exitStatus, stdout, stderr } = await workplace.run('lab');

    expect({ exitStatus, stdout }).toEqual({ exitStatus: 1, stdout: '' });
    expect(stderr).toContain(`The lab could not be started: ${workplace.envFile} does not reach the real API:\n`);
    expect(stderr).toContain('SYNTHFLOW_MODEL_ID: expected');
    expect(stderr).toContain('SYNTHFLOW_REGION: expected global, us or eu; found "mars"');
    expect(stderr).not.toContain('key-of-the-env-file');
  });

  test.each([
    [['--port', '65536'], '--port: expected a number up to 65535; found "65536"'],
    [['--port', 'any'], '--port: expected a number up to 65535; found "any"'],
    [['--pace', '0'], '--pace: expected a number from above 0 to 100; found "0"'],
    [['--pace', '101'], '--pace: expected a number from above 0 to 100; found "101"'],
    [['--pace', 'fast'], '--pace: expected a number from above 0 to 100; found "fast"'],
  ])('refuses %j', async (args, message) => {
    const { exitStatus, stderr } = await place({}).run('lab', args);

    expect({ exitStatus, stderr }).toEqual({ exitStatus: 1, stderr: `The lab could not be started: ${message}\n` });
  });
});
