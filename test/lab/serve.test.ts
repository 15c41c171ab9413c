import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { pause } from '../../lab/clock';
import type { PageCall } from '../../lab/page/page-calls';
import { useStandIn } from '../setup/live';

const { place } = useStandIn();
const quietly = { proxy: false } as const;

/** Runs the command, and visits its page; returns what it printed. */
async function serve(
  workplace: ReturnType<typeof place>,
  visit: (url: string) => Promise<unknown> = async () => undefined,
): Promise<string> {
  const printed = await new Promise<string>((resolve) => {
    const onOutput = (stdout: string): void => {
      if (stdout.includes('Ctrl-C ends it.\n')) resolve(stdout);
    };
    void workplace.run('lab', ['--pace', '100'], { onOutput });
  });
  const url = /http:\S+/.exec(printed)?.[0] ?? '';
  const { data } = await axios.get<string>(url, quietly);
  expect(data).toMatch(/^<!doctype html>/i);
  await visit(url);
  return printed;
}

/** Places a call on the page and waits for its end. */
async function placeCall(url: string, request: object = {}): Promise<PageCall> {
  const { data } = await axios.post(`${url}api/calls`, { scenario: 'answered', ...request }, quietly);
  for (;;) {
    const { data: news } = await axios.get<{ calls: PageCall[] }>(`${url}api/news`, quietly);
    const call = news.calls.find(({ id }) => id === data.id);
    if (call !== undefined && call.state !== 'running' && call.state !== 'waiting') return call;
    await pause(20);
  }
}

const titlesOf = ({ story }: PageCall): string[] => story.steps.map(({ title }) => title);

describe('npm run lab', () => {
  test('serves a page on this machine, with its own settings as long as there are no others', async () => {
    const workplace = place({});

    const printed = (await serve(workplace)).replace(/http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\//, 'URL');
    expect(printed.split('\n')).toEqual([
      'Lab        URL',
      `Settings   settings of its own, since ${workplace.envFile} has none`,
      'Synthflow  a stand-in',
      '',
      'Ctrl-C ends it.',
      '',
    ]);
  });

  const settings = {
    SYNTHFLOW_API_KEY: 'key-of-the-env-file',
    SYNTHFLOW_MODEL_ID: 'agent-1',
    CALL_ROUTE: 'agent,+15550100155',
  };

  test('plays a change of the env file and of the number table with the next call', async () => {
    const workplace = place(settings, true);
    const table = join(workplace.project, 'src/assets/numbers.private.ts');
    const writeTable = (entries: string): void =>
      writeFileSync(
        table,
        readFileSync(table, 'utf8').replace(/NumberTable = [\s\S]*$/, `NumberTable = ${entries};\n`),
      );
    await serve(workplace, async (url) => {
      expect(titlesOf(await placeCall(url, { scenario: 'outage' }))).toContain('Dial +1…0155');

      writeFileSync(workplace.envFile, 'SYNTHFLOW_API_KEY=k\nSYNTHFLOW_MODEL_ID=a\nCALL_ROUTE=agent,+15550100156\n');
      expect(titlesOf(await placeCall(url, { scenario: 'outage' }))).toContain('Dial +1…0156');

      writeTable("{ '+15550100177': { route: ['agent', '+15550100157'] } }");
      const call = await placeCall(url, { scenario: 'outage' });
      expect(call.called).toBe('+15550100177');
      expect(titlesOf(call)).toContain('Dial +1…0157');

      writeTable("{ '+15550100177': { roote: [] } }");
      const broken = await placeCall(url);
      expect(broken.state).toBe('broken');
      expect(broken.told.join('\n')).toContain('numbers.private.ts:4');

      writeTable('{}');
      expect(titlesOf(await placeCall(url, { scenario: 'outage' }))).toContain('Dial +1…0156');
    });
  });

  test.each([
    [['--port', '65536'], '--port: expected a number up to 65535; found "65536"'],
    [['--port', 'any'], '--port: expected a number up to 65535; found "any"'],
    [['--pace', '0'], '--pace: expected a number from above 0 to 100; found "0"'],
    [['--pace', '101'], '--pace: expected a number from above 0 to 100; found "101"'],
    [['--pace', 'fast'], '--pace: expected a number from above 0 to 100; found "fast"'],
    [
      ['--live'],
      'no credentials: set ACCOUNT_SID and AUTH_TOKEN in your env file, or ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET in the shell',
    ],
  ])('refuses %j', async (args, message) => {
    const { exitStatus, stdout, stderr } = await place({}).run('lab', args);

    expect(stdout).toBe('');
    expect({ exitStatus, stderr }).toEqual({ exitStatus: 1, stderr: `The lab could not be started: ${message}\n` });
  });
});
