import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { listen } from '../../lab/port';
import { startSipAgent } from '../../lab/sip/user-agent';
import { makeTemporaryFolder, type TemporaryFolder } from '../../tools/temporary';
import { makeCertificate } from '../setup/certificate';
import { settings as accepted, credentials, findingsOf, nowhere, resultOf, secrets, useStandIn } from '../setup/live';
import { account, domain, numberOf } from '../setup/twilio-api';

const { api, place, deployed } = useStandIn();
const settings = { ...accepted, ...nowhere };
const full = { ...settings, ...credentials };

describe('npm run check', () => {
  test('offline says that the settings are valid, and asks nobody', async () => {
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
      /failed +SYNTHFLOW_REGION +expected global, us or eu; found "mars"\n +→ correct it in \.env/,
    );
    expect(stdout).toContain('did you mean SYNTHFLOW_WORKSPACE_ID?');
    expect(stdout).toMatch(/failed +NOTES +3000 bytes\n +→ shorten it: Twilio takes at most 450 bytes/);
    expect(stdout).toMatch(/failed +environment +3\d{3} bytes together/);
    expect(stdout).toMatch(/failed +TWILIO_API_SECRET +would be uploaded/);
    expect(stdout).not.toContain(account.secret);
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

  test('says that a key is refused everywhere', async () => {
    const { stdout } = await place({ ...settings, SYNTHFLOW_API_KEY: 'wrong' }).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed', detail: 'refused in every region' });
  });

  test('says that an agent does not exist', async () => {
    const { stdout } = await place({ ...settings, SYNTHFLOW_MODEL_ID: 'agent-2' }).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow agent')).toMatchObject({
      result: 'failed',
      detail: 'agent-2 does not exist in this workspace',
    });
  });

  test.each([429, 500])('says that Synthflow answered %i', async (status) => {
    api().fail(/synthflow\.ai/, status);
    const { exitStatus, stdout } = await place(settings).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed', detail: `HTTP ${status}` });
  });

  test('says that Synthflow and Twilio gave no answer in time', async () => {
    api().fail(/synthflow\.ai|twilio\.com/, 'hang');
    const { stdout } = await place(full).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed', detail: 'no answer within 10 s' });
    expect(resultOf(stdout, 'Twilio')).toMatchObject({ result: 'failed', detail: 'no answer from Twilio' });
  });

  test('says that the name of the trunk does not resolve', async () => {
    const { exitStatus, stdout } = await place(settings).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'SIP trunk')).toMatchObject({ result: 'failed', detail: 'trunk.invalid does not resolve' });
  });

  test.each(['udp', 'tcp'])('says what the trunk answers to OPTIONS over %s', async (SYNTHFLOW_SIP_TRANSPORT) => {
    const trunk = await startSipAgent(
      'trunk',
      () => undefined,
      (invite) => invite.refuse(403, 'Forbidden'),
    );
    const env = { ...settings, SYNTHFLOW_SIP_TERMINATION: trunk.address, SYNTHFLOW_SIP_TRANSPORT };
    const { stdout } = await place(env).run('check', ['--json']);
    trunk.stop();

    expect(resultOf(stdout, 'SIP answer')).toMatchObject({
      result: 'ok',
      detail: expect.stringMatching(/answers OPTIONS with 481/),
    });
  });

  describe('over TLS', () => {
    let port: number;
    let folder: TemporaryFolder;
    let server: Server;
    beforeEach(async () => {
      const certificate = await makeCertificate();
      server = createServer(certificate, (socket) => {
        socket.on('error', () => undefined).once('data', () => socket.end('SIP/2.0 200 OK\u001b[31m\r\n\r\n'));
      });
      port = await listen(server);
      folder = makeTemporaryFolder('trunk');
      writeFileSync(join(folder.path, 'certificate.pem'), certificate.cert);
    });
    afterEach(() => {
      server.close();
      folder.remove();
    });
    const answerOf = async (host: string, shell: Readonly<Record<string, string>>) => {
      const env = { ...settings, SYNTHFLOW_SIP_TERMINATION: `${host}:${port}`, SYNTHFLOW_SIP_TRANSPORT: 'tls' };
      const { stdout, stderr } = await place(env).run('check', ['--json'], shell);
      return { stderr, ...resultOf(stdout, 'SIP answer') };
    };

    test.each(['localhost', '127.0.0.1'])('says what a trunk with a certificate for %s answers', async (host) => {
      expect(await answerOf(host, { NODE_EXTRA_CA_CERTS: join(folder.path, 'certificate.pem') })).toEqual({
        stderr: '',
        subject: 'SIP answer',
        result: 'ok',
        detail: `${host}:${port} over TLS answers OPTIONS with 200 OK`,
      });
    });

    test('says that a trunk whose certificate nobody vouches for did not answer', async () => {
      expect(await answerOf('localhost', {})).toMatchObject({ result: 'warning' });
    });
  });

  test('says that Twilio cannot reach a trunk on this machine, and that it did not answer', async () => {
    const { stdout } = await place({ ...settings, SYNTHFLOW_SIP_TERMINATION: '127.0.0.1:9' }).run('check', ['--json']);

    expect(resultOf(stdout, 'SIP trunk')).toMatchObject({
      result: 'failed',
      detail: '127.0.0.1 resolves to 127.0.0.1, which Twilio cannot reach',
    });
    expect(resultOf(stdout, 'SIP answer')).toMatchObject({ result: 'warning' });
  });

  test('says that nothing is deployed', async () => {
    const { exitStatus, stdout } = await place(full).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Twilio service')).toMatchObject({ result: 'failed', fix: 'npm run deploy' });
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

  test.each([200, 404, 500, 504])('does not take a route that answers %i for a protected one', async (status) => {
    deployed();
    api().routeStatus = status;
    const { stdout } = await place(full).run('check', ['--json']);

    expect(resultOf(stdout, '/fallback.xml')).toMatchObject({
      result: 'failed',
      detail: `HTTP ${status} to a request without signature, expected 403`,
    });
  });

  test('says that a fallback number which is wired would send callers in a circle', async () => {
    deployed();
    api().numbers.push({ ...numberOf('+15550101001', 0), voice_url: `https://${domain}/inbound` });
    const { stdout } = await place({ ...full, FALLBACK_NUMBER: '+15550101001' }).run('check', ['--json']);

    expect(findingsOf(stdout).map(({ detail }) => detail)).toContainEqual(
      expect.stringContaining('callers would go in a circle'),
    );
  });

  test.each([
    [401, 'HTTP 401, error 20401'],
    [404, 'HTTP 404, error 20404'],
    [429, 'HTTP 429, error 20429'],
    [500, 'HTTP 500, error 20500'],
  ])('says that Twilio answered %i', async (status, detail) => {
    api().fail(/^serverless\.twilio\.com/, status);
    const { exitStatus, stdout } = await place(full).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Twilio')).toMatchObject({ result: 'failed', detail });
  });

  test('prints no secret, and no colours', async () => {
    deployed();
    const { stdout, stderr } = await place(full).run('check');

    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toContain('\u001b');
  });
});
