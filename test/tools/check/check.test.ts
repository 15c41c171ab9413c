import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { listen } from '../../../lab/http';
import {
  settings as accepted,
  credentials,
  findingsOf,
  nowhere,
  resultOf,
  secrets,
  shellLogin,
  useStandIn,
} from '../../setup/live';
import { account, customDomain, domain, numberOf } from '../../setup/twilio-api';

const { api, place, deployed } = useStandIn();
const settings = { ...accepted, ...nowhere };
const full = { ...settings, ...credentials };

describe('npm run check', () => {
  test('offline says that the settings are valid, without a request', async () => {
    const { exitStatus, stdout } = await place(full).run('check', ['--offline']);

    expect({ exitStatus, stdout }).toEqual({
      exitStatus: 0,
      stdout: [
        'ok           settings   valid, for the environment and 0 entries of the number table',
        'not checked  Synthflow  offline',
        'not checked  SIP trunk  offline',
        'not checked  Twilio     offline',
        '',
      ].join('\n'),
    });
    expect(api().arrivals).toEqual([]);
  });

  test('says which route each number takes at a time, without a request', async () => {
    const workplace = place({ ...full, CALL_ROUTE: 'agent,voicemail' });
    const { exitStatus, stdout } = await workplace.run('check', ['--at', '2026-12-25T10:00']);
    const wrong = await workplace.run('check', ['--at', 'tomorrow']);

    expect({ exitStatus, stdout }).toEqual({
      exitStatus: 0,
      stdout: expect.stringMatching(/^ok {2}other numbers {2}agent .+, then voicemail, then message\n$/),
    });
    expect(wrong.exitStatus).not.toBe(0);
    expect(wrong.stderr).toContain('--at: expected a time such as 2026-12-25T10:00; found "tomorrow"');
  });

  test('shows what a called number gets and where it is set, without a request', async () => {
    const workplace = place({ ...full, CALL_ROUTE: 'agent,voicemail' });
    const { exitStatus, stdout } = await workplace.run('check', ['--show', '+1 (555) 010-0100']);
    const { stdout: json } = await workplace.run('check', ['--show', '+15550100100', '--json']);
    const wrong = await workplace.run('check', ['--show', '911']);

    expect({ exitStatus, stdout }).toEqual({
      exitStatus: 0,
      stdout: expect.stringMatching(/^route +CALL_ROUTE +agent .+, then voicemail, then message\n/),
    });
    expect(JSON.parse(json).rows[0]).toMatchObject({ name: 'route', source: 'CALL_ROUTE' });
    expect(wrong.exitStatus).toBe(1);
    expect(wrong.stderr).toContain('--show: expected a phone number such as +15550100100');
    expect(api().arrivals).toEqual([]);
  });

  test('offline names each setting that is wrong, misspelt, too long or secret, with its fix', async () => {
    const env = {
      ...settings,
      SYNTHFLOW_REGION: 'mars',
      SYNTHFLOW_WORKSPACEID: 'x',
      TWILIO_API_SECRET: account.secret,
      NOTES: 'n'.repeat(3000),
    };
    const { exitStatus, stdout } = await place(env).run('check', ['--offline']);

    expect(exitStatus).toBe(1);
    expect(stdout).toMatch(
      /failed +SYNTHFLOW_REGION +expected global, us or eu; found "mars"\n +→ correct it in your env file/,
    );
    expect(stdout).toContain('did you mean SYNTHFLOW_WORKSPACE_ID?');
    expect(stdout).toMatch(/failed +NOTES +3000 bytes\n +→ shorten it: Twilio takes at most 450 bytes/);
    expect(stdout).toMatch(/failed +environment +3\d{3} bytes together/);
    expect(stdout).toMatch(/failed +TWILIO_API_SECRET +would be uploaded/);
    expect(stdout).not.toContain(account.secret);
  });

  test('says which file to copy when there are no settings at all', async () => {
    const { exitStatus, stdout } = await place({}, true).run('check', ['--env', '.env', '--offline']);

    expect(exitStatus).toBe(1);
    expect(stdout).toMatch(/^failed +\.env +does not exist\n +→ cp \.env\.example \.env, and fill it in\n/);
  });

  test('accepts key, agent and region, and says what it could not check', async () => {
    const { stdout } = await place(settings).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({
      result: 'ok',
      detail: 'accepted by api.eu.synthflow.ai',
    });
    expect(resultOf(stdout, 'Synthflow agent')).toMatchObject({ result: 'ok' });
    expect(resultOf(stdout, 'Twilio')).toMatchObject({ result: 'not checked' });
    expect(api().arrivals.every(({ method }) => method === 'GET')).toBe(true);
  });

  test.each([
    ['us', 'refused here, accepted in the region eu', 'set SYNTHFLOW_REGION=eu'],
    ['global', 'refused here, accepted in the region eu', 'set SYNTHFLOW_REGION=eu'],
  ])('tells a wrong region (%s) from a wrong key', async (SYNTHFLOW_REGION, detail, fix) => {
    const { exitStatus, stdout } = await place({ ...settings, SYNTHFLOW_REGION }).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Synthflow key')).toEqual({ subject: 'Synthflow key', result: 'failed', detail, fix });
  });

  test('says that SYNTHFLOW_API_URL is in the way of the right region', async () => {
    api().fail(/^api\.us\.synthflow\.ai/, 401);
    const env = { ...settings, SYNTHFLOW_API_URL: 'https://api.us.synthflow.ai/v3' };
    const { stdout } = await place(env).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({
      fix: 'set SYNTHFLOW_REGION=eu, and unset SYNTHFLOW_API_URL',
    });
  });

  test('says in which regions a key could not be tried', async () => {
    api().fail(/^api\.us\.synthflow\.ai/, 500);
    const { stdout } = await place({ ...settings, SYNTHFLOW_API_KEY: 'wrong' }).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({
      result: 'failed',
      detail: 'refused here, and not known in us (HTTP 500)',
    });
  });

  test('says that a key is refused everywhere', async () => {
    const { stdout } = await place({ ...settings, SYNTHFLOW_API_KEY: 'wrong' }).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed', detail: 'refused in every region' });
  });

  test('says that 403 may also mean the workspace', async () => {
    api().fail(/synthflow\.ai/, 403);
    const { stdout } = await place(settings).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({
      result: 'failed',
      detail: 'refused in every region, with HTTP 403: it may not be for this workspace',
    });
  });

  describe('with a mistake in the number table', () => {
    const tableOf = (project: string) => join(project, 'src/assets/numbers.private.ts');
    const head = "import type { NumberTable } from './settings.private';\nexport const numbers: NumberTable = {\n";

    test.each<[string, string, readonly RegExp[]]>([
      [
        'the compiler finds',
        `'+15550100100': { modelID: 'x' },
        '+15550100101': { fallback: { message: 7 } },
        '+15550100102': { customVariables: (call) => ({ city: call.parameters.FromCity }) },`,
        [/:3:\d+, at modelID: .*Did you mean to write 'modelId'/, /:4:\d+, at message: Type 'number'/, /:5:\d+, at /],
      ],
      ['comes to light when it is read', "'+15550100100': JSON.parse(''),", [/:3:\d+: expected .* that can be read/]],
    ])('names file, line and field of each that %s', async (_when, entries, messages) => {
      const workplace = place(settings, true);
      writeFileSync(tableOf(workplace.project), `${head}${entries}\n};\n`);
      const { exitStatus, stdout, stderr } = await workplace.run('check', ['--offline', '--json']);
      const places = stderr.match(/src\/assets\/numbers\.private\.ts:\d.*/g);

      expect(exitStatus).toBe(1);
      expect(places).toEqual(messages.map((message) => expect.stringMatching(message)));
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(JSON.parse(stdout)).toEqual({ ok: false, error: stderr.trimEnd() });
    });

    test.each([
      ["{ '+15550100100': { route: 'agent,voicemail' } }", /the entry of \+15550100100 has another form than its type/],
      ["{ '+15550100100': { route: [null] } }", /the entry of \+15550100100 has another form than its type/],
      ["{ '+15550100100': undefined }", /the entry of \+15550100100/],
    ])('names the entry whose form no compiler has seen: %s', async (table, message) => {
      const workplace = place(settings, true);
      writeFileSync(tableOf(workplace.project), `export const numbers: any = ${table};\n`);
      const { exitStatus, stderr } = await workplace.run('check', ['--show', '+15550100100']);

      expect({ exitStatus, stderr }).toEqual({ exitStatus: 1, stderr: expect.stringMatching(message) });
    });

    test('never shows a secret that its error has', async () => {
      const workplace = place({ ...settings, CRM_TOKEN: 'a-secret-of-the-crm' }, true);
      const code = "throw new Error(process.env.CRM_TOKEN + ' and ' + process.env.SYNTHFLOW_API_KEY);";
      writeFileSync(tableOf(workplace.project), `${code}\nexport const numbers = {};\n`);
      const { stderr } = await workplace.run('check', ['--show', '+15550100100']);

      expect(stderr).toContain('expected a number table that can be read; … and …\n');
    });

    test('says that the table is not exported', async () => {
      const workplace = place(settings, true);
      writeFileSync(tableOf(workplace.project), 'export const table = {};\n');

      expect((await workplace.run('check', ['--offline'])).stderr).toMatch(
        /^The check could not run: src\/assets\/numbers\.private\.ts: it exports no `numbers`\n$/,
      );
    });
  });

  test('tries the key of each workspace, and asks for its own agents with it', async () => {
    const workplace = place(settings, true);
    const entry = "{ '+15550101001': { apiKey: process.env.ACME_KEY, modelId: 'agent-of-acme' } }";
    writeFileSync(
      join(workplace.project, 'src/assets/numbers.private.ts'),
      `import type { NumberTable } from './settings.private';\nexport const numbers: NumberTable = ${entry};\n`,
    );
    const missing = await workplace.run('check', ['--offline', '--json']);
    appendFileSync(workplace.envFile, 'ACME_KEY=canary-key-of-acme\n');
    const { stdout } = await workplace.run('check', ['--json']);

    expect(resultOf(missing.stdout, '+15550101001')?.detail).toMatch(/^apiKey in the number table: .*; found nothing$/);
    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'ok' });
    expect(resultOf(stdout, 'Synthflow key of +15550101001')).toMatchObject({ result: 'failed' });
    expect(stdout).not.toContain('canary-key-of-acme');
    const asked = api().arrivals.filter(({ path }) => path.endsWith('/agent-of-acme'));
    expect(asked.every(({ authorization }) => authorization === 'Bearer canary-key-of-acme')).toBe(true);
  });

  test('says that an agent does not exist', async () => {
    const { stdout } = await place({ ...settings, SYNTHFLOW_MODEL_ID: 'agent-2' }).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow agent')).toMatchObject({
      result: 'failed',
      detail: 'agent-2 does not exist in this workspace',
    });
  });

  test('takes a page of a proxy for no answer of Synthflow', async () => {
    api().fail(/synthflow\.ai/, 'html');
    const { stdout } = await place(settings).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({
      result: 'failed',
      detail: 'HTTP 200, but no JSON object',
    });
  });

  test.each([429, 500])('says that Synthflow answered %i', async (status) => {
    api().fail(/synthflow\.ai/, status);
    const { exitStatus, stdout } = await place(settings).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed', detail: `HTTP ${status}` });
  });

  test('says that a login cannot be right without asking Twilio', async () => {
    const env = { ...settings, ACCOUNT_SID: 'SK0', AUTH_TOKEN: 't' };
    const { stdout } = await place(env).run('check', ['--offline', '--json']);

    expect(resultOf(stdout, 'Twilio')).toMatchObject({ result: 'failed' });
  });

  test('says that the name of the trunk does not resolve', async () => {
    const { exitStatus, stdout } = await place(settings).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'SIP trunk')).toMatchObject({ result: 'failed', detail: 'trunk.invalid does not resolve' });
  });

  test('says that the name of the trunk resolves, and that only a probe proves more', async () => {
    const env = { ...settings, SYNTHFLOW_SIP_TERMINATION: 'localhost:5060' };
    const { stdout } = await place(env).run('check', ['--json']);

    expect(resultOf(stdout, 'SIP trunk')).toMatchObject({
      result: 'ok',
      detail: 'localhost resolves; only npm run probe proves that it takes calls',
    });
  });

  test('says that nothing is deployed', async () => {
    const { exitStatus, stdout } = await place(full).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Twilio service')).toMatchObject({
      result: 'failed',
      fix: expect.stringMatching(/^npm run deploy -- --env \/\S+$/),
    });
  });

  describe('with a deployment', () => {
    const wired = {
      voice_url: `https://${domain}/inbound`,
      voice_method: 'POST',
      voice_fallback_url: `https://${domain}/fallback.xml`,
      voice_fallback_method: 'GET',
    };
    beforeEach(deployed);
    const number = (changes: object) => api().numbers.push({ ...numberOf('+15550101001', 0), ...wired, ...changes });
    const check = async (...args: readonly string[]) => (await place(full).run('check', ['--json', ...args])).stdout;

    test('accepts --domain as this deployment, and checks that it is protected', async () => {
      number({
        voice_url: `https://${customDomain}/inbound`,
        voice_fallback_url: `https://${customDomain}/fallback.xml`,
      });
      const stdout = await check('--domain', customDomain);

      expect(resultOf(stdout, '+15550101001')).toMatchObject({ result: 'ok' });
      expect(resultOf(stdout, `${customDomain}/inbound`)).toMatchObject({ result: 'ok' });
      expect(resultOf(await check(), '+15550101001')).toMatchObject({
        result: 'warning',
        fix: expect.stringContaining(`npm run check -- --domain ${customDomain} --env `),
      });
    });

    test('only warns about a Studio flow in front of the only number', async () => {
      number({ voice_url: 'https://webhooks.twilio.com/v1/Accounts/AC0/Flows/FW0' });
      const stdout = await check();

      expect(resultOf(stdout, '+15550101001')).toMatchObject({ result: 'warning' });
      expect(resultOf(stdout, 'numbers')).toBeUndefined();
    });

    test.each([400, 401, 403])('takes a route that answers %i for a protected one', async (status) => {
      api().routeStatus = status;

      expect(resultOf(await check(), '/inbound')).toMatchObject({ result: 'ok' });
    });

    test('finds warnings that carry no URL by their call, behind 1,000 alerts of others', async () => {
      const callSid = `CA${'7'.repeat(32)}`;
      const line = JSON.stringify({ event: 'inbound', outcome: 'agent', callSid });
      api().logs.push({ message: line, date_created: new Date().toISOString() });
      const foreign = { error_code: '11200', request_url: 'https://other.example/' };
      api().alerts.push(...Array.from({ length: 1000 }, () => foreign));
      api().alerts.push({ error_code: '32011', request_url: null, resource_sid: callSid });

      expect(resultOf(await check(), 'alerts')).toMatchObject({ detail: '1 in the last day: 32011 (1)' });
    });

    test.each([
      ['agent-7', { '+15550101001': ['agent-7'] }, 'ok', 'is imported, and assigned to agent-7'],
      ['nobody', { '+15550101001': [] }, 'warning', 'is imported, but assigned to no agent'],
      [
        'nothing, without a workspace',
        {},
        'not checked',
        'whether it is imported: none of the agents names it, and the list of numbers may want SYNTHFLOW_WORKSPACE_ID',
      ],
    ])('says what Synthflow knows of a wired number: %s', async (_what, numbers, result, detail) => {
      number({});
      api().synthflow.numbers = numbers;

      expect(resultOf(await check(), 'Synthflow +15550101001')).toMatchObject({ result, detail });
    });

    test('says that a number is in none of the numbers of the workspace', async () => {
      number({});
      const { stdout } = await place({ ...full, SYNTHFLOW_WORKSPACE_ID: 'w' }).run('check', ['--json']);

      expect(resultOf(stdout, 'Synthflow +15550101001')).toMatchObject({
        result: 'warning',
        detail: "isn't imported into this workspace",
      });
    });

    test('says that Twilio processes the calls of a number in another region, or that this is not known', async () => {
      number({});
      api().voiceRegions['+15550101001'] = 'ie1';
      const elsewhere = findingsOf(await check());
      api().fail(/^routes\.twilio\.com/, 403);
      const unknown = findingsOf(await check());

      expect(elsewhere).toContainEqual({
        subject: '+15550101001',
        result: 'failed',
        detail: 'Twilio processes its calls in ie1, and this deployment is in us1',
        fix: 'route the number to us1 in the Console, or set TWILIO_REGION=ie1 and deploy there',
      });
      expect(unknown).toContainEqual({
        subject: '+15550101001',
        result: 'not checked',
        detail: expect.stringContaining('in which region its calls are processed: Twilio answered HTTP 403'),
      });
    });

    test("believes an agent's own record more than an empty list of numbers", async () => {
      number({});
      api().synthflow.attached = { 'agent-1': ['+1 555-010-1001', 'not a number'] };

      expect(resultOf(await check(), 'Synthflow +15550101001')).toMatchObject({
        result: 'ok',
        detail: 'is imported, and assigned to agent-1',
      });
    });

    test.each([
      [/\/Alerts\?/, 'alerts', 'not checked'],
      [/\/IncomingPhoneNumbers\.json/, 'numbers', 'failed'],
      [/\/Variables\?/, 'variables', 'failed'],
    ])('hides nothing else where Twilio refuses one look: %s', async (where, subject, result) => {
      number({});
      api().fail(where, 429);
      const stdout = await check();

      expect(resultOf(stdout, subject)).toMatchObject({ result, detail: expect.stringContaining('HTTP 429') });
      expect(resultOf(stdout, '/inbound')).toMatchObject({ result: 'ok' });
      expect(resultOf(stdout, 'Twilio service')).toBeDefined();
    });

    test("names the configured workspace, and says if Synthflow doesn't answer", async () => {
      number({});
      api().fail(/\/v2\/numbers\//, 422);
      const { stdout } = await place({ ...full, SYNTHFLOW_WORKSPACE_ID: 'w/1' }).run('check', ['--json']);

      expect(api().arrivals.map(({ path }) => path)).toContain('/v2/numbers/15550101001?workspace=w%2F1');
      expect(resultOf(stdout, 'Synthflow +15550101001')).toMatchObject({
        result: 'not checked',
        detail: 'whether it is imported: HTTP 422',
      });
    });

    test('finds a live /fallback.xml that does not match the settings', async () => {
      api().live.assets.push({ sid: 'ZN1', path: '/fallback.xml', visibility: 'protected', content: '<Response/>' });

      expect(resultOf(await check(), 'fallback')).toMatchObject({
        result: 'failed',
        detail: '/fallback.xml does not match the settings',
      });
    });

    test('says that an API key cannot ask for /fallback.xml', async () => {
      const { stdout } = await place(settings).run('check', ['--json'], { env: shellLogin });

      expect(resultOf(stdout, 'fallback')).toMatchObject({ result: 'not checked' });
    });
  });

  test("uses the shell's proxy for both platforms", async () => {
    const asked: string[] = [];
    const proxy = createHttpServer().on('connect', ({ url }, socket) => {
      asked.push(String(url));
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const port = await listen(proxy);
    const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, NODE_OPTIONS: '' };
    const { stdout } = await place(full).start('check', ['--json'], env).ended;
    proxy.close();

    expect(new Set(asked)).toEqual(new Set(['api.eu.synthflow.ai:443', 'serverless.twilio.com:443']));
    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed' });
  });

  test('finds routes that are open, numbers that point elsewhere, and alerts of the last day', async () => {
    deployed();
    api().routeStatus = 200;
    api().numbers.push({ ...numberOf('+15550101001', 0), voice_url: `https://${domain}/inbound` });
    api().alerts.push(
      { error_code: '82005', request_url: `https://${domain}/inbound` },
      { error_code: '11200', request_url: 'https://other.example/' },
    );
    const { exitStatus, stdout } = await place(full).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, '/inbound')).toMatchObject({
      result: 'failed',
      detail: 'HTTP 200 to a request without signature, expected 403',
    });
    expect(resultOf(stdout, '+15550101001')?.detail).toContain('voiceMethod is GET instead of POST');
    expect(resultOf(stdout, 'alerts')).toMatchObject({ result: 'warning', detail: '1 in the last day: 82005 (1)' });
  });

  test('prints no secret, and no colours', async () => {
    deployed();
    const { stdout, stderr } = await place(full).run('check');

    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toContain('\u001b');
  });
});
