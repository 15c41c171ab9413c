import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { pause } from '../../lab/clock';
import { freePort, serve } from '../../lab/http';
import { voiceParameters } from '../../lab/twilio/webhook';
import { formatEnvFile } from '../../tools/environment';
import { programFile, startProgram } from '../../tools/program';
import { useStandIn } from '../setup/live';

const { place } = useStandIn();

/** Open for one minute, on the day before the clocks of Sydney go back. */
const table = `import type { NumberTable } from './settings.private';

export const numbers: NumberTable = {
  '+15550100177': {
    hours: { timeZone: 'Australia/Sydney', open: { sat: ['17:30-17:31'] } },
    closedRoute: ['voicemail'],
  },
  '+15550100178': { fallback: { message: 'Sales is back soon.' }, route: ['agent', '+15550100156'] },
};
`;

/** A project with settings of its own, whose API nobody can reach. */
async function placeOwn(): Promise<ReturnType<typeof place>> {
  const env = {
    SYNTHFLOW_API_KEY: 'a-key',
    SYNTHFLOW_MODEL_ID: 'agent-1',
    SYNTHFLOW_API_URL: `http://127.0.0.1:${await freePort()}/v2`,
    CALL_ROUTE: 'agent,+15550100155',
    FALLBACK_MESSAGE: 'Back soon.',
  };
  const workplace = place(env, true);
  writeFileSync(join(workplace.project, 'src/assets/numbers.private.ts'), table);
  writeFileSync(join(workplace.project, '.env'), formatEnvFile(env));
  return workplace;
}

describe('A voicemail in the lab, for a number whose entry names a URL', () => {
  test('is posted to the stand-in, and never to that URL', async () => {
    const asked: string[] = [];
    const chat = await serve((incoming, response) => {
      asked.push(incoming.url ?? '');
      response.writeHead(200).end();
    });
    const workplace = await placeOwn();
    const entry = `{ route: ['voicemail'], notifyUrl: '${chat.url}/hooks/canary' }`;
    const own = table.replace(
      "{ fallback: { message: 'Sales is back soon.' }, route: ['agent', '+15550100156'] }",
      entry,
    );
    // What the owner's code prints is no line of the bridge, even if it begins like one.
    const prints = `console.log('{"event": mine');\n`;
    writeFileSync(join(workplace.project, 'src/assets/numbers.private.ts'), own + prints);
    const { stdout } = await workplace.run('call', ['--scenario', 'person-busy', '--to', '+15550100178', '--json']);
    await chat.stop();

    expect(JSON.parse(stdout).printed).toContain('{"event": mine');
    expect(JSON.parse(stdout).log.map((line: string) => JSON.parse(line).outcome)).toContain('voicemail_delivered');
    expect(asked).toEqual([]);
    expect(stdout).not.toContain('canary');
  });
});

test('A lookup that fails in the lab names your file and line, and has the variables of the env file', async () => {
  const workplace = await placeOwn();
  const own = `import type { NumberTable } from './settings.private';

export const numbers: NumberTable = {
  '+15550100177': {
    customVariables: async (_call, { signal }) => {
      const response = await fetch(\`http://\${process.env.CRM_HOST}/\`, { signal });
      return { plan: await response.text() };
    },
  },
};
`;
  writeFileSync(join(workplace.project, 'src/assets/numbers.private.ts'), own);
  writeFileSync(
    workplace.envFile,
    `SYNTHFLOW_API_KEY=k\nSYNTHFLOW_MODEL_ID=a\nCRM_HOST=127.0.0.1:${await freePort()}\n`,
  );
  const { stdout } = await workplace.run('call');

  expect(stdout).toContain(
    '    TypeError ECONNREFUSED at async customVariables (src/assets/numbers.private.ts:6:24)\n',
  );
});

test('A number of another workspace is played with its own agent, and nobody sees its key', async () => {
  const workplace = await placeOwn();
  const entry = "{ apiKey: process.env.ACME_KEY, modelId: 'agent-of-acme' }";
  const own = `import type { NumberTable } from './settings.private';\n\nexport const numbers: NumberTable = Object.freeze({ '+15550100177': Object.freeze(${entry}) });\n`;
  writeFileSync(join(workplace.project, 'src/assets/numbers.private.ts'), own);
  writeFileSync(
    workplace.envFile,
    'SYNTHFLOW_API_KEY=key-of-ours\nSYNTHFLOW_MODEL_ID=ours\nACME_KEY=canary-key-of-acme\n',
  );
  const { exitStatus, stdout } = await workplace.run('call', ['--to', '+15550100177', '--verbose']);

  expect(exitStatus).toBe(0);
  expect(stdout).toContain('"model_id": "agent-of-acme"');
  expect(stdout).not.toMatch(/canary|key-of-ours/);
});

test('A call of the lab is played at the time at which check says that it is open', async () => {
  const workplace = await placeOwn();
  const at = async (time: string) => {
    const call = await workplace.run('call', ['--to', '+15550100177', '--at', time]);
    const check = await workplace.run('check', ['--at', time]);
    const taken = /taken as (\w+), by the hours of the called number/.exec(call.stdout)?.[1];
    return [taken, /15550100177 +(\w+) at/.exec(check.stdout)?.[1]];
  };

  expect(await at('2026-04-04T17:30')).toEqual(['open', 'open']);
  expect(await at('2026-04-04T17:31')).toEqual(['closed', 'closed']);
});

describe('With settings and a number table of your own, a call that cannot be prepared takes your route', () => {
  test('with npm start', async () => {
    const { project, run } = await placeOwn();
    const options = { cwd: project };
    await run('build');
    const port = await freePort();
    const emulator = startProgram([programFile('twilio-run'), 'start', '--port', `${port}`, '--no-logs'], options);
    const post = (to: string) =>
      axios
        .post<string>(`http://127.0.0.1:${port}/inbound`, new URLSearchParams(voiceParameters('+15550100142', to)), {
          proxy: false,
        })
        .catch(() => undefined);
    let answer: Awaited<ReturnType<typeof post>>;
    while (answer === undefined) {
      answer = await post('+15550100178');
      await pause(100);
    }
    const other = await post('+15550100100');
    emulator.kill();
    await emulator.ended;

    expect(answer.data).toContain('>+15550100156</Number>');
    expect(other?.data).toContain('>+15550100155</Number>');
  });
});
