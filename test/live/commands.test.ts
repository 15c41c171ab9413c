import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startSipAgent } from '../../tools/lab/sip-agent';
import { makeWorkplace, type Workplace } from '../setup/command';
import { account, domain, numberOf, type StandIn, startStandIn } from '../setup/twilio-api';

jest.setTimeout(40_000);

const settings = {
  SYNTHFLOW_API_KEY: 'canary-synthflow-key-90cd',
  SYNTHFLOW_MODEL_ID: 'agent-1',
  SYNTHFLOW_REGION: 'eu',
  // A name that is never resolved (RFC 6761), so that the check of the trunk asks nobody.
  SYNTHFLOW_SIP_TERMINATION: 'trunk.invalid:5060',
};
const credentials = { ACCOUNT_SID: account.sid, AUTH_TOKEN: account.token };
const secrets = [settings.SYNTHFLOW_API_KEY, account.token, account.secret];

let standIn: StandIn;
const workplaces: Workplace[] = [];
beforeEach(async () => {
  standIn = await startStandIn();
});
afterEach(async () => {
  for (const workplace of workplaces.splice(0)) workplace.remove();
  await standIn.stop();
});

const place = (env: Readonly<Record<string, string>>): Workplace => {
  const workplace = makeWorkplace(env, standIn.port);
  workplaces.push(workplace);
  return workplace;
};
const full = { ...settings, ...credentials };

interface Finding {
  readonly subject: string;
  readonly result: string;
  readonly detail: string;
  readonly mend?: string;
}
const findingsOf = (stdout: string): readonly Finding[] => JSON.parse(stdout).findings;
const resultOf = (stdout: string, subject: string) => findingsOf(stdout).find((finding) => finding.subject === subject);

/** Makes the stand-in hold a deployment, as Twilio's API would show it. */
function deployed(): void {
  Object.assign(standIn, { service: `ZS${'3'.repeat(32)}`, environment: { sid: `ZE${'4'.repeat(32)}`, build: null } });
}

describe('npm run check', () => {
  test('offline says that the settings are valid, and asks nobody', async () => {
    const { exitStatus, stdout } = await place(full).run('check', ['--offline']);

    expect({ exitStatus, stdout }).toEqual({
      exitStatus: 0,
      stdout: 'ok          settings  valid, for the environment and 0 entries of the number table\n',
    });
    expect(standIn.arrivals).toEqual([]);
  });

  test('offline names each setting that is wrong, misspelt, too long or secret, with its mend', async () => {
    const env = {
      ...settings,
      SYNTHFLOW_REGION: 'mars',
      SYNTHFLOW_WORKSPACEID: 'x',
      TWILIO_API_SECRET: account.secret,
      NOTES: 'n'.repeat(3000),
    };
    const { exitStatus, stdout } = await place(env).run('check', ['--offline']);

    expect(exitStatus).toBe(1);
    expect(stdout).toContain('SYNTHFLOW_REGION: expected global, us or eu; found "mars"');
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
    expect(standIn.arrivals.every(({ method }) => method === 'GET')).toBe(true);
  });

  test.each([
    ['us', 'refused here, accepted in the region eu', 'set SYNTHFLOW_REGION=eu'],
    ['global', 'refused here, accepted in the region eu', 'set SYNTHFLOW_REGION=eu'],
  ])('tells a wrong region (%s) from a wrong key', async (SYNTHFLOW_REGION, detail, mend) => {
    const { exitStatus, stdout } = await place({ ...settings, SYNTHFLOW_REGION }).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Synthflow key')).toEqual({ subject: 'Synthflow key', result: 'failed', detail, mend });
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
    standIn.fail(/synthflow\.ai/, status);
    const { exitStatus, stdout } = await place(settings).run('check', ['--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed', detail: `HTTP ${status}` });
  });

  test('says that Synthflow gave no answer in time', async () => {
    standIn.fail(/synthflow\.ai/, 'hang');
    const { stdout } = await place(settings).run('check', ['--json']);

    expect(resultOf(stdout, 'Synthflow key')).toMatchObject({ result: 'failed', detail: 'no answer within 10 s' });
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

  test('says that a trunk which only this machine can reach is none, and that it did not answer', async () => {
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
    expect(resultOf(stdout, 'Twilio service')).toMatchObject({ result: 'failed', mend: 'npm run deploy' });
  });

  test('finds routes that are open, numbers that point elsewhere, and alerts of the last day', async () => {
    deployed();
    standIn.routeStatus = 200;
    standIn.numbers.push({ ...numberOf('+15550101001', 0), voice_url: `https://${domain}/inbound` });
    standIn.alerts.push(
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

  test('says that a fallback number which is wired would send callers in a circle', async () => {
    deployed();
    standIn.numbers.push({ ...numberOf('+15550101001', 0), voice_url: `https://${domain}/inbound` });
    const { stdout } = await place({ ...full, FALLBACK_NUMBER: '+15550101001' }).run('check', ['--json']);

    expect(findingsOf(stdout).map(({ detail }) => detail)).toContainEqual(
      expect.stringContaining('callers would go in a circle'),
    );
  });

  test.each([
    [401, 'HTTP 401, error 20401'],
    [500, 'HTTP 500, error 20500'],
  ])('says that Twilio answered %i', async (status, detail) => {
    standIn.fail(/^serverless\.twilio\.com/, status);
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

describe('npm run wire', () => {
  const first = '+15550101001';
  const wired = {
    voice_url: `https://${domain}/inbound`,
    voice_method: 'POST',
    voice_fallback_url: `https://${domain}/fallback.xml`,
    voice_fallback_method: 'GET',
  };
  beforeEach(() => {
    deployed();
    standIn.numbers.push(...Array.from({ length: 200 }, (_, index) => numberOf(`+1555010${1001 + index}`, index)));
  });

  test('points a number at the deployment, keeps what was there, and puts it back', async () => {
    const workplace = place(full);
    const done = await workplace.run('wire', [first, '--yes']);

    expect(done.exitStatus).toBe(0);
    expect(standIn.numbers[0]).toMatchObject(wired);
    const saved = JSON.parse(readFileSync(join(dirname(workplace.envFile), '.wired.json'), 'utf8'));
    expect(saved[first]).toEqual({
      voiceUrl: 'https://example.com/old',
      voiceMethod: 'GET',
      voiceFallbackUrl: '',
      voiceFallbackMethod: 'POST',
    });

    const undone = await workplace.run('wire', ['--undo', '--yes']);
    expect(undone.exitStatus).toBe(0);
    expect(standIn.numbers[0]).toMatchObject({
      voice_url: 'https://example.com/old',
      voice_method: 'GET',
      voice_fallback_url: '',
    });
  });

  test('changes nothing the second time, and keeps what was there before the first', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '--yes']);
    const before = standIn.arrivals.length;
    const { exitStatus, stdout } = await workplace.run('wire', [first, '--yes']);

    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/^ok +\+15550101001 +is as asked already\n$/);
    expect(standIn.arrivals.slice(before).filter(({ method }) => method === 'POST')).toEqual([]);
    expect(readFileSync(join(dirname(workplace.envFile), '.wired.json'), 'utf8')).toContain('example.com/old');
  });

  test('shows the change and does nothing without --yes and without a terminal', async () => {
    const { exitStatus, stderr } = await place(full).run('wire', [first]);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain(`voiceUrl            https://example.com/old → https://${domain}/inbound`);
    expect(standIn.numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  test('refuses what a SIP trunk or a TwiML app holds, what is foreign and what is no number, and wires the rest', async () => {
    Object.assign(standIn.numbers[1] ?? {}, { trunk_sid: 'TK1' });
    Object.assign(standIn.numbers[2] ?? {}, { voice_application_sid: 'AP1' });
    const { exitStatus, stdout } = await place(full).run('wire', [
      '+15550101002',
      '+15550101003',
      '+15550109999',
      '911',
      first,
      '--yes',
      '--json',
    ]);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, '+15550101002')?.detail).toContain('the SIP trunk TK1 holds it');
    expect(resultOf(stdout, '+15550101003')?.detail).toContain('the TwiML app AP1 holds it');
    expect(resultOf(stdout, '+15550109999')?.detail).toBe('not in this account');
    expect(resultOf(stdout, '911')?.detail).toBe('no number in E.164');
    expect(resultOf(stdout, first)).toMatchObject({ result: 'ok' });
    expect(standIn.numbers[0]).toMatchObject(wired);
  });

  test('goes on after a failure on one number, and the exit status tells', async () => {
    standIn.fail(/IncomingPhoneNumbers\/PN0*1\.json/, 500);
    const { exitStatus, stdout } = await place(full).run('wire', [first, '+15550101002', '--yes', '--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, first)).toMatchObject({ result: 'failed', detail: expect.stringContaining('HTTP 500') });
    expect(resultOf(stdout, '+15550101002')).toMatchObject({ result: 'ok' });
  });

  test('says that the login was refused', async () => {
    const { exitStatus, stderr } = await place({ ...full, AUTH_TOKEN: 'wrong' }).run('wire', [first, '--yes']);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain('Nothing was changed: HTTP 401, error 20003: check ACCOUNT_SID and AUTH_TOKEN');
  });

  test('finds every wired one of 200 numbers over several pages', async () => {
    Object.assign(standIn.numbers[199] ?? {}, wired);
    const { stdout } = await place(full).run('check', ['--json']);

    expect(resultOf(stdout, '+15550101200')).toMatchObject({ result: 'ok' });
  });
});

describe('npm run calls', () => {
  const line = (callSid: string, minute: number, changes: object) => ({
    date_created: `2026-01-02T03:${String(minute).padStart(2, '0')}:00Z`,
    message: JSON.stringify({ event: 'inbound', outcome: 'agent', callSid, from: '…0142', to: '…0100', ...changes }),
  });
  const result = (callSid: string, minute: number, changes: object) =>
    line(callSid, minute, { event: 'dial-result', stage: 'agent', ...changes });
  beforeEach(() => {
    deployed();
    standIn.logs.push(
      line('CAgood', 1, { prepareMs: 210 }),
      result('CAgood', 2, { outcome: 'completed', seconds: 40 }),
      line('CAbad', 3, { outcome: 'message', reason: 'timeout', prepareMs: 4000 }),
      line('CAgone', 4, {}),
      result('CAgone', 5, { outcome: 'caller_hung_up', seconds: 0 }),
      line('CAtalked', 6, {}),
      result('CAtalked', 7, { outcome: 'caller_hung_up', seconds: 30 }),
      line('CAfell', 8, {}),
      result('CAfell', 9, { outcome: 'fallback_number', reason: 'busy' }),
      line('CArings', 10, {}),
      { date_created: '2026-01-02T03:11:00Z', message: 'something else that a function logged' },
    );
  });

  test('shows who reached the agent: a ringing agent, or a caller who hung up while it rang, is no proof', async () => {
    const { exitStatus, stdout } = await place(full).run('calls');

    expect(exitStatus).toBe(0);
    expect(stdout).toContain(
      '6 calls: 2 with the agent, 2 without, 1 hung up while it rang, 1 still open; 50.0 % reached the agent',
    );
    expect(stdout).toMatch(/2026-01-02 03:03:00 {2}…0142 {3}…0100 {3}not the agent {2}message +timeout +4000 ms/);
    expect(stdout).toMatch(/2026-01-02 03:08:00 .* not the agent {2}fallback_number +busy/);
  });

  test.each([
    ['50', 0],
    ['51', 1],
  ])('with --min-agent-share %s exits with %i', async (share, exitStatus) => {
    expect((await place(full).run('calls', ['--min-agent-share', share])).exitStatus).toBe(exitStatus);
  });

  test('tells the whole story of one call across its requests', async () => {
    const { stdout } = await place(full).run('calls', ['--call', 'CAfell']);

    expect(stdout).toMatch(
      /^CAfell: not the agent\n\n2026-01-02 03:08:00 {2}\/inbound {2}agent\n[\s\S]*03:09:00 {2}\/dial-result {2}fallback_number\n[\s\S]*reason +busy/,
    );
    expect(stdout).not.toContain('CAgood');
  });

  test('reads all pages', async () => {
    standIn.logs.push(
      ...Array.from({ length: 450 }, (_, index) => line(`CA${index}`, 20, { outcome: 'message', reason: 'outage' })),
    );
    const { stdout } = await place(full).run('calls', ['--json']);

    expect(JSON.parse(stdout).totals).toEqual({
      calls: 456,
      agent: 2,
      notTheAgent: 452,
      hungUp: 1,
      open: 1,
      agentShare: 2 / 454,
    });
  });

  test('says that there was no call, and fails only where a share is asked for', async () => {
    standIn.logs.splice(0);
    const workplace = place(full);
    const { exitStatus, stdout } = await workplace.run('calls');

    expect(exitStatus).toBe(0);
    expect(stdout).toContain('0 calls');
    expect((await workplace.run('calls', ['--min-agent-share', '90'])).exitStatus).toBe(1);
  });

  test.each([
    [['--since', 'yesterday'], '--since: expected a length of time such as 30m, 12h or 7d; found "yesterday"'],
    [['--min-agent-share', 'all'], '--min-agent-share: expected a percentage from 0 to 100'],
  ])('refuses %j', async (args, message) => {
    const { exitStatus, stderr } = await place(full).run('calls', args);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain(message);
  });

  test('asks for a login when there is none, and takes an API key from the shell', async () => {
    const workplace = place(settings);
    const without = await workplace.run('calls');
    const withKey = await workplace.run('calls', [], {
      ACCOUNT_SID: account.sid,
      TWILIO_API_KEY: account.key,
      TWILIO_API_SECRET: account.secret,
    });

    expect(without.stderr).toContain('no credentials: set ACCOUNT_SID and AUTH_TOKEN');
    expect(withKey.exitStatus).toBe(0);
  });
});
