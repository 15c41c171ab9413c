import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSynthflow } from '../../../lab/synthflow/api';
import { voiceParameters } from '../../../lab/twilio/webhook';
import { upload } from '../../../tools/deploy/upload';
import { makeTemporaryFolder } from '../../../tools/program';
import { layOut } from '../../setup/cloud';
import { shellOf } from '../../setup/command';
import { settings as accepted, credentials, nowhere, resultOf, shellLogin, useStandIn } from '../../setup/live';
import { account, domain, numberOf } from '../../setup/twilio-api';
import type { Fault } from '../../setup/twilio-state';

const packageJson = require('../../../package.json');
const { api, place } = useStandIn();
const settings = { ...accepted, CALL_ROUTE: 'agent,+15550100190' };
const newMachine = (env: Readonly<Record<string, string>>) => place(env, true);

describe('npm run deploy', () => {
  test('uploads the protected functions, the private assets and the fallback, builds, sets the variables and activates', async () => {
    const { exitStatus, stdout, stderr } = await newMachine({ ...settings, ...credentials }).run('deploy');

    expect({ exitStatus, stderr }).toMatchObject({ exitStatus: 0 });
    const { functions, assets, variables, dependencies } = api().live;
    expect(functions.map(({ path, visibility }) => `${visibility} ${path}`).sort()).toEqual([
      'protected /confirm',
      'protected /dial-result',
      'protected /inbound',
      'protected /transfer',
      'protected /voicemail',
    ]);
    expect(
      [...new Set(assets.map(({ path, visibility }) => `${visibility} ${path.replace(/.*\./, '*.')}`))].sort(),
    ).toEqual(['private *.js', 'protected *.xml']);
    expect(variables).toEqual(settings);
    // The toolkit puts the list into quotation marks.
    const sent: readonly { name: string; version: string }[] = JSON.parse(dependencies.replace(/^"|"$/g, ''));
    expect(Object.fromEntries(sent.map(({ name, version }) => [name, version]))).toEqual(packageJson.dependencies);
    expect(stdout).toContain(`Route     https://${domain}/inbound\n`);
    expect(stdout).toContain('npm run wire');
    for (const secret of [account.token, settings.SYNTHFLOW_API_KEY]) expect(stdout + stderr).not.toContain(secret);
  });

  test('uploads a bridge that answers a call in the cloud', async () => {
    await newMachine({ ...settings, ...credentials }).run('deploy');
    const cloud = layOut(
      api().live.functions,
      api().live.assets.filter(({ visibility }) => visibility === 'private'),
    );
    const synthflow = await startSynthflow(settings.SYNTHFLOW_API_KEY);
    const context = { ...api().live.variables, SYNTHFLOW_API_URL: synthflow.apiUrl };
    const { answers } = await cloud
      .invoke('/inbound', context, [voiceParameters('+15550100142', '+15550100100')])
      .finally(() => Promise.all([synthflow.stop(), cloud.remove()]));

    expect(answers[0]?.httpStatus).toBe(200);
    expect(answers[0]?.body).toContain('<Sip>sip:+15550100100@sip.eu.synthflow.ai:32681?X-EI=S.');
    expect(api().live.assets.find(({ path }) => path === '/fallback.xml')?.content).toContain(
      '<Number>+15550100190</Number>',
    );
  });

  test('goes through a second time on a new machine, in a pipeline with an API key and settings from the shell', async () => {
    await newMachine({ ...settings, ...credentials }).run('deploy');
    const changed = { ...settings, SYNTHFLOW_MODEL_ID: 'agent-2' };
    const pipeline = newMachine({});
    const second = await pipeline.run('deploy', ['--json', '--yes'], { env: { ...changed, ...shellLogin } });
    const report = JSON.parse(second.stdout);
    const check = await pipeline.run('check', ['--json'], { env: { ...changed, ...nowhere, ...shellLogin } });

    expect(second.exitStatus).toBe(0);
    expect(report).toEqual({
      ok: true,
      build: expect.stringMatching(/^[0-9a-f]{12}$/),
      domain,
      routes: ['/inbound', '/dial-result', '/transfer', '/confirm', '/voicemail', '/fallback.xml'].map(
        (path) => `https://${domain}${path}`,
      ),
      removed: [],
      foreign: [],
    });
    expect(api().live.variables).toEqual(changed);
    expect(api().live.functions[0]?.content).toContain(`// build ${report.build}`);
    expect(JSON.parse(check.stdout).findings).toContainEqual(
      expect.objectContaining({ subject: 'settings', result: 'ok' }),
    );
    expect(check.stdout).toContain(`${domain} is this build (${report.build})`);
    expect(second.stdout + second.stderr).not.toContain(account.secret);
  });

  test.each([[[]], [['--production']]])(
    'removes settings that are no longer set or have another name, says which, and leaves what is not its own: %j',
    async (args) => {
      const before = { ...settings, ...credentials, TRANSFER_NUMBERS: '+15550100191', NOTES: 'mine' };
      await newMachine(before).run('deploy', args);
      const { NOTES: _notes, TRANSFER_NUMBERS: _numbers, ...after } = { ...before, CALL_ROUTE: '' };
      const renamed = { ...after, DIAL_TIMEOUT_SECONDS: '5', MEMO: 'mine' };
      const { exitStatus, stdout } = await newMachine(renamed).run('deploy', [...args, '--yes']);
      const { CALL_ROUTE: _route, ...kept } = settings;

      expect(exitStatus).toBe(0);
      expect(stdout).toMatch(/Removed +CALL_ROUTE, which is no longer set\nRemoved +TRANSFER_NUMBERS, which/);
      expect(stdout).toMatch(/Left +NOTES, which isn't the bridge's\n/);
      expect(api().live.variables).toEqual({
        ...kept,
        NOTES: 'mine',
        MEMO: 'mine',
        DIAL_TIMEOUT_SECONDS: '5',
      });
      expect(api().live.assets.find(({ path }) => path === '/fallback.xml')?.content).not.toContain('+15550100190');
    },
  );

  test('passes the check: variables and /fallback.xml match the settings until one changes', async () => {
    const place = newMachine({ ...settings, ...nowhere, ...credentials });
    await place.run('deploy');
    const same = await place.run('check', ['--json']);
    const changed = newMachine({ ...settings, ...nowhere, ...credentials, FALLBACK_MESSAGE: 'Please call again.' });
    const different = await changed.run('check', ['--json']);

    expect(resultOf(same.stdout, 'fallback')).toMatchObject({ result: 'ok' });
    expect(resultOf(same.stdout, 'variables')).toMatchObject({ result: 'ok' });
    expect(resultOf(different.stdout, 'fallback')).toMatchObject({ result: 'failed' });
    expect(resultOf(different.stdout, 'FALLBACK_MESSAGE')).toMatchObject({ result: 'failed' });
  });

  test('trims what a pipeline gives: a secret often ends in a line break', async () => {
    const shell = { ...settings, ...shellLogin, SYNTHFLOW_API_KEY: `${settings.SYNTHFLOW_API_KEY}\n` };
    const { exitStatus } = await newMachine({}).run('deploy', [], { env: shell });

    expect(exitStatus).toBe(0);
    expect(api().live.variables).toEqual(settings);
  });

  test.each<[RegExp, Fault]>([
    [/^serverless-upload/, 400],
    [/Builds$/, 400],
    [/Deployments$/, 500],
  ])('leaves the old build with its settings when %s fails', async (where, how) => {
    await newMachine({ ...settings, ...credentials, TRANSFER_NUMBERS: '+15550100191' }).run('deploy');
    const { functions, variables } = structuredClone(api().live);
    api().fail(where, how);
    const changed = { ...settings, ...credentials, SYNTHFLOW_MODEL_ID: 'agent-2', CALLER_ID: '+15550100198' };
    const { exitStatus, stderr } = await newMachine(changed).run('deploy', ['--yes']);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain('Nothing was deployed: ');
    expect(api().live).toMatchObject({ functions, variables });
    expect(api().live.variables).toEqual(variables);
  });

  test('never says that nothing was deployed when its settings count for the code of before', async () => {
    await newMachine({ ...settings, ...credentials }).run('deploy');
    api().fail(/Deployments$/, 500);
    api().fail(/Variables\/\w+$/, 500);
    const changed = newMachine({ ...settings, ...credentials, CALLER_ID: '+15550100198' });
    const { exitStatus, stdout, stderr } = await changed.run('deploy', ['--yes']);

    expect(exitStatus).toBe(1);
    expect(stdout).toContain('The code that was live still is, but some of these settings may count for it');
    expect(stderr).not.toContain('Nothing was deployed');
  });

  test('uploads nothing that would be public, whatever the build has let through', async () => {
    const { path, remove } = makeTemporaryFolder('dist');
    mkdirSync(join(path, 'assets'));
    mkdirSync(join(path, 'functions'));
    writeFileSync(join(path, 'assets/customers.json'), '[]');
    const login = { accountSid: account.sid, username: account.sid, password: account.token, region: 'us1' };
    const what = { account: login, dist: path, environment: {}, serviceName: 'bridge', suffix: 'dev' };

    await expect(upload(shellOf(), { ...what, onVariables: jest.fn() })).rejects.toThrow(
      '/customers.json would be public',
    );
    remove();
  });

  test('goes on after a 429 on an upload', async () => {
    api().fail(/^serverless-upload/, 429, 1);
    const { exitStatus } = await newMachine({ ...settings, ...credentials }).run('deploy');

    expect(exitStatus).toBe(0);
    expect(api().live.functions.map(({ content }) => content.includes('// build '))).toEqual(Array(5).fill(true));
  });

  test.each<[Fault, string]>([
    [500, 'Response code 500'],
    [302, 'Twilio answered with a redirect (302)'],
  ])('says why a file could not be uploaded: %s', async (fault, why) => {
    api().fail(/^serverless-upload/, fault);
    const { stderr } = await newMachine({ ...settings, ...credentials }).run('deploy');

    expect(stderr).toContain('Nothing was deployed: Failed to upload Function /');
    expect(stderr).toContain(`: ${why}`);
  });

  test("finds out what is live when Twilio's last answer is lost", async () => {
    api().fail(/Deployments$/, 'lost');
    const { exitStatus, stdout, stderr } = await newMachine({ ...settings, ...credentials }).run('deploy');

    expect(exitStatus).toBe(0);
    expect(stdout).toContain(`Deployed  ${domain}`);
    expect(stderr).not.toContain('Nothing was deployed');
  });

  test.each<[string, RegExp, string]>([
    ['what is live cannot be read', /Versions\/\w+\/Content$/, 'It was deployed, but what is live could not be read'],
    [
      'a variable cannot be removed',
      /^serverless\.twilio\.com\/v1\/Services\/\w+\/Environments\/\w+\/Variables\/\w+$/,
      'It is deployed, but variables that are no longer set may still be there',
    ],
  ])('never says that nothing was deployed once it may be live: %s', async (_case, where, sentence) => {
    const machine = newMachine({ ...settings, ...credentials });
    await machine.run('deploy');
    await newMachine({ ...settings, ...credentials, TRANSFER_NUMBERS: '+15550100191' }).run('deploy', ['--yes']);
    api().fail(where, 500);
    const { exitStatus, stdout, stderr } = await machine.run('deploy', ['--yes']);

    expect(exitStatus).toBe(1);
    expect(stdout).toMatch(/^Build [0-9a-f]{12}: /);
    expect(stdout).toContain(sentence);
    expect(stderr).not.toContain('Nothing was deployed');
  });

  test('goes through although its record can be neither read nor written', async () => {
    const machine = newMachine({ ...settings, ...credentials });
    mkdirSync(join(machine.project, '.twiliodeployinfo'));
    // Nor does a pipe there keep it waiting.
    const piped = newMachine({ ...settings, ...credentials });
    execFileSync('mkfifo', [join(piped.project, '.twiliodeployinfo')]);
    const first = await machine.run('deploy');
    const second = await machine.run('deploy', ['--yes']);
    const third = await piped.run('deploy', ['--yes']);

    expect([first.exitStatus, second.exitStatus, third.exitStatus]).toEqual([0, 0, 0]);
    expect(first.stderr).toContain('.twiliodeployinfo could not be written');
    expect(first.stderr + second.stderr).not.toContain('Nothing was deployed');
  });

  test('says so when another deployment went live beside it', async () => {
    const machine = newMachine({ ...settings, ...credentials });
    const other = newMachine({ ...settings, ...credentials });
    appendFileSync(join(other.project, 'src/assets/numbers.private.ts'), 'export const another = 1;\n');
    api().onActivation = async () => {
      api().onActivation = undefined;
      await other.run('deploy', ['--yes']);
    };
    const { exitStatus, stdout } = await machine.run('deploy', ['--json']);

    expect(exitStatus).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^another deployment \(build [0-9a-f]{12}\) replaced this one$/),
    });
  });

  test('says so when another deployment of the same code has set other settings meanwhile', async () => {
    const machine = newMachine({ ...settings, ...credentials });
    const other = newMachine({
      ...settings,
      ...credentials,
      SYNTHFLOW_MODEL_ID: 'agent-3',
      TRANSFER_NUMBERS: '+15550100191',
    });
    api().onActivation = async () => {
      api().onActivation = undefined;
      await other.run('deploy', ['--yes']);
    };
    const replaced = await machine.run('deploy', ['--json']);
    const { variables } = structuredClone(api().live);
    api().onActivation = async () => {
      api().onActivation = undefined;
      const agent = [...api().variables.values()].find(({ key }) => key === 'SYNTHFLOW_MODEL_ID');
      Object.assign(agent ?? {}, { value: 'agent-4' });
    };
    const mixed = await machine.run('deploy', ['--json', '--yes']);

    expect(JSON.parse(replaced.stdout)).toMatchObject({
      ok: false,
      error: expect.stringContaining('replaced this one'),
    });
    expect(variables).toMatchObject({ SYNTHFLOW_MODEL_ID: 'agent-3', TRANSFER_NUMBERS: '+15550100191' });
    expect(mixed.exitStatus).toBe(1);
    expect(JSON.parse(mixed.stdout)).toMatchObject({
      ok: false,
      error: 'It is deployed, but another deployment has set SYNTHFLOW_MODEL_ID meanwhile: run one of them again',
    });
  });

  test('uploads what it built and checked, whatever is built or written meanwhile', async () => {
    const machine = newMachine({ ...settings, ...credentials });
    const table = join(machine.project, 'src/assets/numbers.private.ts');
    const { exitStatus } = await machine.run('deploy', [], {
      onOutput: (_stdout, stderr) => {
        if (!stderr.includes('checking the settings')) return;
        writeFileSync(table, "throw new Error('half written');");
        mkdirSync(join(machine.project, 'dist/functions'), { recursive: true });
        writeFileSync(join(machine.project, 'dist/functions/inbound.protected.js'), 'broken');
      },
    });

    expect(exitStatus).toBe(0);
    expect(api().live.assets.find(({ path }) => path === '/numbers.js')?.content).toContain('exports.numbers = {}');
    expect(api().live.functions.map(({ content }) => content)).not.toContain('broken');
  });

  test('goes to Ireland with everything, if TWILIO_REGION says so, and never uploads that', async () => {
    const ireland = { ...settings, ACCOUNT_SID: account.sid, AUTH_TOKEN: account.irishToken, TWILIO_REGION: 'ie1' };
    const machine = newMachine(ireland);
    const { exitStatus } = await machine.run('deploy', [], { env: { TWILIO_EDGE: 'sydney' } });
    api().numbers.push(numberOf('+15550101001', 0));
    api().voiceRegions['+15550101001'] = 'ie1';
    const wired = await machine.run('wire', ['+15550101001', '--yes']);
    await machine.run('calls');

    expect([exitStatus, wired.exitStatus]).toEqual([0, 0]);
    const hosts = new Set(api().arrivals.map(({ host }) => host.replace(/^[\w-]+/, '*')));
    expect([...hosts]).toEqual(['*.dublin.ie1.twilio.com']);
    expect(api().live.variables).toEqual(settings);
  });

  test('is refused in Ireland with a login of us1', async () => {
    const wrong = newMachine({ ...settings, ...credentials, TWILIO_REGION: 'ie1' });
    const { exitStatus, stderr } = await wrong.run('deploy');

    expect(exitStatus).toBe(1);
    expect(stderr).toContain("each of Twilio's regions has its own");
  });

  test('asks nobody in a region that has no Functions', async () => {
    const { exitStatus, stderr } = await newMachine({ ...settings, ...credentials }).run('deploy', [], {
      env: { TWILIO_REGION: 'au1', TWILIO_EDGE: 'sydney' },
    });

    expect(exitStatus).toBe(1);
    expect(stderr).toContain('Nothing was deployed: TWILIO_REGION: expected us1 or ie1; found "au1"');
    expect(api().arrivals).toEqual([]);
  });

  test('never shows the login, although the client names it in an error', async () => {
    api().fail(/Builds$/, 'html');
    const { exitStatus, stdout, stderr } = await newMachine({ ...settings, ...credentials }).run('deploy', ['--json']);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain("Nothing was deployed: Twilio answered something that isn't JSON");
    expect(stdout + stderr).not.toContain(account.token);
  });

  test('follows no redirect: neither code nor a key goes elsewhere', async () => {
    api().redirect = /Variables/;
    const { exitStatus, stderr } = await newMachine({ ...settings, ...credentials }).run('deploy');

    expect(exitStatus).toBe(1);
    expect(stderr).toContain('Nothing was deployed: Twilio answered with a redirect (307)');
    expect(api().arrivals.filter(({ host }) => host === 'evil.example')).toEqual([]);
  });

  test('says that Twilio could not build it', async () => {
    api().buildStatus = 'failed';
    const { stderr } = await newMachine({ ...settings, ...credentials }).run('deploy');

    expect(stderr).toContain('Nothing was deployed: Twilio could not build it, most likely for a dependency');
  });

  test('says in a sentence that the connection to Twilio broke', async () => {
    api().fail(/Builds$/, 'reset');
    const { exitStatus, stderr } = await newMachine({ ...settings, ...credentials }).run('deploy');

    expect(exitStatus).toBe(1);
    expect(stderr).toContain('Nothing was deployed: the connection to Twilio broke: run it again');
  });

  test.each([
    [['--production'], false],
    [['--environment', 'stage'], true],
  ])('with %j makes the environment that it names (a suffix: %p)', async (args, hasSuffix) => {
    await newMachine({ ...settings, ...credentials }).run('deploy', args);
    const made = api().arrivals.find(({ method, path }) => method === 'POST' && /\/Environments$/.test(path));

    expect(made?.body).toMatch(/UniqueName=/);
    expect(/DomainSuffix=stage(&|$)/.test(made?.body ?? '')).toBe(hasSuffix);
    expect(/DomainSuffix=\w/.test(made?.body ?? '')).toBe(hasSuffix);
  });

  test('deploys nothing when a setting is wrong, and says which', async () => {
    const { exitStatus, stdout } = await newMachine({ ...settings, ...credentials, DIAL_TIMEOUT_SECONDS: '4' }).run(
      'deploy',
    );

    expect(exitStatus).toBe(1);
    expect(stdout).toMatch(/failed +DIAL_TIMEOUT_SECONDS +expected a whole number of seconds from 5 to 120; found "4"/);
    expect(stdout).toContain('Nothing was deployed.');
    expect(api().arrivals).toEqual([]);
  });

  test.each([
    [['--environment', ''], '--environment: expected 1 to 16 letters, digits or dashes; found ""'],
    [['--environment', 'x', '--production'], '--environment "x" and --production can\'t be combined'],
  ])('deploys nothing with %j, which may be production by mistake', async (args, message) => {
    const { exitStatus, stderr } = await newMachine({ ...settings, ...credentials }).run('deploy', args);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain(message);
    expect(api().arrivals).toEqual([]);
  });

  test('asks before it replaces what another checkout has deployed, and shows it', async () => {
    const first = newMachine({ ...settings, ...credentials });
    await first.run('deploy');
    api().numbers.push({ ...numberOf('+15550101001', 0), voice_url: `https://${domain}/inbound` });
    const second = newMachine({ ...settings, ...credentials, SYNTHFLOW_MODEL_ID: 'agent-2' });
    const refused = await second.run('deploy', [], { typed: 'no\n' });
    const unasked = await second.run('deploy');
    const { variables } = structuredClone(api().live);
    const wanted = await second.run('deploy', [], { typed: 'yes\n' });
    const again = await second.run('deploy');

    expect(refused).toMatchObject({ exitStatus: 1 });
    expect(refused.stderr).toContain(
      `Domain   ${domain}\nAgent    ${settings.SYNTHFLOW_MODEL_ID}\nNumbers  +15550101001\n`,
    );
    expect(unasked.stderr).toContain('Nothing was deployed: give --yes to replace it without a terminal');
    expect(variables.SYNTHFLOW_MODEL_ID).toBe(settings.SYNTHFLOW_MODEL_ID);
    expect([wanted.exitStatus, again.exitStatus]).toEqual([0, 0]);
    expect(again.stderr).not.toContain("hasn't made");
  });

  test('asks for each environment: one of another checkout may be beside one of its own', async () => {
    await newMachine({ ...settings, ...credentials }).run('deploy', ['--production']);
    const { environment } = api();
    const own = newMachine({ ...settings, ...credentials });
    // The stand-in has one environment: this checkout's first, then the other one's again.
    Object.assign(api(), { environment: undefined });
    await own.run('deploy');
    Object.assign(api(), { environment });
    const { exitStatus, stderr } = await own.run('deploy', ['--production']);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain("This checkout hasn't made what is deployed there");
  });

  test('asks again once somebody else has deployed there since', async () => {
    const own = newMachine({ ...settings, ...credentials });
    const first = await own.run('deploy');
    const same = await own.run('deploy');
    await newMachine({ ...settings, ...credentials, SYNTHFLOW_MODEL_ID: 'agent-2' }).run('deploy', ['--yes']);
    const after = await own.run('deploy');

    expect([first.exitStatus, same.exitStatus, after.exitStatus]).toEqual([0, 0, 1]);
    expect(after.stderr).toContain("This checkout hasn't made what is deployed there");
    expect(api().live.variables.SYNTHFLOW_MODEL_ID).toBe('agent-2');
  });

  test('deploys, finds and checks the service that .twilioserverlessrc names', async () => {
    const machine = newMachine({ ...settings, ...nowhere, ...credentials });
    const file = join(machine.project, '.twilioserverlessrc');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"twilio-synthflow-bridge"', "'another-name'"));
    await machine.run('deploy');
    const check = await machine.run('check', ['--json']);
    const others = await newMachine({ ...settings, ...nowhere, ...credentials }).run('check', ['--json']);

    expect(api().arrivals.find(({ method, path }) => method === 'POST' && /Services$/.test(path))?.body).toContain(
      'UniqueName=another-name',
    );
    expect(resultOf(check.stdout, 'Twilio service')).toMatchObject({ result: 'ok' });
    expect(resultOf(others.stdout, 'Twilio service')).toMatchObject({ result: 'failed' });
  });

  test.each(['{ serviceName: ', 'null', '{ serviceName: { toString() { for (;;); } } }'])(
    'says that it cannot read .twilioserverlessrc: %s',
    async (text) => {
      const machine = newMachine({ ...settings, ...credentials });
      writeFileSync(join(machine.project, '.twilioserverlessrc'), text);
      const { exitStatus, stderr } = await machine.run('deploy');

      expect(exitStatus).toBe(1);
      expect(stderr).toContain('Nothing was deployed: .twilioserverlessrc: expected JSON5; ');
    },
  );

  test('says which file to copy when there are no settings at all', async () => {
    const { exitStatus, stdout } = await newMachine({}).run('deploy', ['--env', '.env']);

    expect(exitStatus).toBe(1);
    expect(stdout).toMatch(/^failed +\.env +does not exist\n +→ cp \.env\.example \.env, and fill it in\n/);
    expect(api().arrivals).toEqual([]);
  });
});
