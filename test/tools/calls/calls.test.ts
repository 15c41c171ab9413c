import { credentials, settings, shellLogin, useStandIn } from '../../setup/live';

const { api, place, deployed } = useStandIn();
const full = { ...settings, ...credentials };

describe('npm run calls', () => {
  const line = (callSid: string, minute: number, changes: object) => ({
    date_created: `2026-01-02T03:${String(minute).padStart(2, '0')}:00Z`,
    message: JSON.stringify({ event: 'inbound', outcome: 'agent', callSid, from: '…0142', to: '…0100', ...changes }),
  });
  const result = (callSid: string, minute: number, changes: object) =>
    line(callSid, minute, { event: 'dial-result', stage: 'agent', ...changes });
  beforeEach(() => {
    deployed();
    api().logs.push(
      line('CAgood', 1, { prepareMs: 210 }),
      result('CAgood', 2, { outcome: 'completed', seconds: 40 }),
      line('CAbad', 3, { outcome: 'message', missedAgent: true, reason: 'timeout', prepareMs: 4000 }),
      line('CAgone', 4, {}),
      result('CAgone', 5, { outcome: 'caller_hung_up', seconds: 0 }),
      line('CAtalked', 6, {}),
      result('CAtalked', 7, { outcome: 'caller_hung_up', seconds: 30 }),
      line('CAfell', 8, {}),
      result('CAfell', 9, { outcome: 'person', missedAgent: true, reason: 'busy' }),
      line('CArings', 10, {}),
      { date_created: '2026-01-02T03:11:00Z', message: 'something else that a function logged' },
    );
  });

  test('shows who reached the agent: a ringing agent, or a caller who hung up while it rang, proves nothing', async () => {
    const { exitStatus, stdout } = await place(full).run('calls');

    expect(exitStatus).toBe(0);
    expect(stdout).toContain(
      '6 calls: 2 with the agent, 2 without, 0 elsewhere, 1 hung up while it rang, 0 refused, 1 still open; 50.0 % reached the agent',
    );
    expect(stdout).toMatch(/2026-01-02 03:03:00 {2}…0142 {3}…0100 {3}not the agent {2}message +timeout +4000 ms/);
    expect(stdout).toMatch(/2026-01-02 03:08:00 .* not the agent {2}person +busy/);
  });

  test.each([
    ['50', 0],
    ['51', 1],
  ])('with --min-agent-share %s exits with %i', async (share, exitStatus) => {
    expect((await place(full).run('calls', ['--min-agent-share', share])).exitStatus).toBe(exitStatus);
  });

  test('shows a call from the log alone if the platforms have no record of it, and says so first', async () => {
    const { stdout } = await place(full).run('calls', ['--call', 'CAfell']);

    expect(stdout).toMatch(
      /^ {2}Twilio's record could not be read: Twilio answered HTTP 404.*\n {2}Synthflow has no call: none was prepared\n/,
    );
    expect(stdout).toContain('Bridge     not the agent: agent, person');
    expect(stdout).toMatch(/function → Twilio +\/inbound logs agent\n.*✗ \/dial-result logs person, busy\n/);
    expect(stdout).toContain('busy: the leg was busy → ');
    expect(stdout).not.toContain('CAgood');
  });

  test.each([
    [[], 24],
    [['--since', '2h'], 2],
  ])('with %j asks Twilio for the lines of that time', async (args, hours) => {
    const earliest = Date.now() - hours * 3_600_000;
    await place(full).run('calls', args);
    const latest = Date.now() - hours * 3_600_000;
    const { path } = api().arrivals.find(({ path }) => path.includes('/Logs')) ?? { path: '' };
    const asked = Date.parse(new URL(path, 'https://serverless.twilio.com').searchParams.get('StartDate') ?? '');

    // Twilio takes whole seconds.
    expect(asked).toBeGreaterThan(earliest - 1000);
    expect(asked).toBeLessThanOrEqual(latest);
  });

  test('reads all pages', async () => {
    api().logs.push(
      ...Array.from({ length: 450 }, (_, index) =>
        line(`CA${index}`, 20, { outcome: 'message', missedAgent: true, reason: 'outage' }),
      ),
    );
    const { stdout } = await place(full).run('calls', ['--json']);

    expect(JSON.parse(stdout).totals).toMatchObject({
      calls: 456,
      agent: 2,
      notTheAgent: 452,
      elsewhere: 0,
      hungUp: 1,
      refused: 0,
      open: 1,
      agentShare: 2 / 454,
    });
  });

  test('says that there was no call, and fails only if a share is required', async () => {
    api().logs.splice(0);
    const workplace = place(full);
    const { exitStatus, stdout } = await workplace.run('calls');

    expect(exitStatus).toBe(0);
    expect(stdout).toContain('0 calls');
    expect((await workplace.run('calls', ['--min-agent-share', '90'])).exitStatus).toBe(1);
  });

  test.each([
    [['30m'], '"30m": expected options only'],
    [['--since', 'yesterday'], '--since: expected a length of time such as 30m, 12h or 7d; found "yesterday"'],
    [['--min-agent-share', 'all'], '--min-agent-share: expected a percentage from 0 to 100'],
  ])('refuses %j', async (args, message) => {
    const { exitStatus, stderr } = await place(full).run('calls', args);

    expect(exitStatus).toBe(2);
    expect(stderr).toContain(message);
  });

  test('asks for a login when there is none, and takes an API key from the shell', async () => {
    const workplace = place(settings);
    const without = await workplace.run('calls');
    const withKey = await workplace.run('calls', [], { env: shellLogin });

    expect(without.stderr).toContain('no credentials: set ACCOUNT_SID and AUTH_TOKEN');
    expect(withKey.exitStatus).toBe(0);
  });

  test("logs in with what .env holds before the shell's login", async () => {
    const { exitStatus } = await place(full).run('calls', [], {
      env: { ...shellLogin, TWILIO_API_SECRET: 'of another account' },
    });

    expect(exitStatus).toBe(0);
  });
});
