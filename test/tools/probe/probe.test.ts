import { inTerminal } from '../../setup/command';
import { credentials, settings, useStandIn } from '../../setup/live';
import { minutesAgo, type RecordedName, record, recordedCalls } from '../../setup/recorded-calls';
import { domain, numberOf } from '../../setup/twilio-api';

const { api, place, deployed } = useStandIn();
const full = { ...settings, ...credentials };
const [wired, free] = ['+15550100100', '+15550100160'];

beforeEach(() => {
  deployed();
  api().numbers.push({ ...numberOf(wired, 0), voice_url: `https://${domain}/inbound` }, numberOf(free, 1));
});

const placed = () => api().arrivals.filter(({ method, path }) => method === 'POST' && path.endsWith('/Calls.json'));
const hungUp = () => api().arrivals.filter(({ method, body }) => method === 'POST' && body === 'Status=completed');

/** A call to the wired number goes like this one; the records are there as soon as the call is over. */
function ringsInto(name: RecordedName, change: () => void = () => undefined): void {
  api().onCall = (outbound) => {
    record(api(), name, { placed: minutesAgo(0), caller: free, called: wired });
    const { seconds, talked } = recordedCalls[name];
    const end = new Date(minutesAgo(0).getTime() + seconds * 1000);
    Object.assign(outbound, { status: 'completed', end_time: end.toUTCString(), duration: `${talked}` });
    change();
  };
}

describe('npm run probe', () => {
  test('rings the wired number from a free one, holds the line, and exits with 0 if every source saw the agent', async () => {
    ringsInto('answered');
    const { exitStatus, stdout, stderr } = await place(full).run('probe', [wired, '--yes']);

    expect(stderr).toContain(`Calls ${wired} from ${free}, holds the line for 20 s, and hangs up.`);
    expect(stderr).toContain('a few cents');
    expect(exitStatus).toBe(0);
    expect(Object.fromEntries(new URLSearchParams(placed()[0]?.body))).toEqual({
      From: free,
      To: wired,
      Timeout: '60',
      TimeLimit: '25',
      Twiml: '<Response><Pause length="20"/><Hangup/></Response>',
    });
    const parts = [
      'Twilio → Synthflow SIP      rang 2 s, talked 5 s',
      'ok  Twilio     answered after',
      'ok  /inbound   prepared the call in',
      'ok  trunk      answered after',
      'ok  agent      talked for',
      'ok  Synthflow  has the call',
      'with a transcript\n\nThe agent was reached.\n',
    ];
    const places = parts.map((part) => stdout.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout).not.toContain(wired.slice(1));
    expect(hungUp()).toEqual([]);
  });

  test.each<[RecordedName, RegExp]>([
    ['outage', /failed {2}\/inbound +person: outage/],
    ['agent-busy', /failed +trunk +did not answer in 0 s: busy/],
    ['agent-drops', /failed +agent +its leg lasted 0 s, and the bridge says: not the agent/],
    ['function-gone', /failed +\/inbound +wrote no line/],
  ])('exits with 1 when the agent was not reached, and says at which part: %s', async (name, part) => {
    ringsInto(name);
    const { exitStatus, stdout } = await place(full).run('probe', [wired, '--yes']);

    expect(stdout).toMatch(part);
    expect(stdout).toMatch(/\n\nThe agent was not reached\.\n$/);
    expect(exitStatus).toBe(1);
  });

  test('says that something failed when the agent talked, and Synthflow calls it failed', async () => {
    ringsInto('answered', () => {
      for (const call of Object.values(api().synthflow.calls)) Object.assign(call, { status: 'failed' });
    });
    const { exitStatus, stdout } = await place(full).run('probe', [wired, '--yes']);

    expect(stdout).toMatch(/failed +Synthflow +has the call \S+: failed\n/);
    expect(stdout).toMatch(/\n\nThe agent talked, but something else failed: see above\.\n$/);
    expect(exitStatus).toBe(1);
  });

  test('judges its own call even if another one arrives meanwhile', async () => {
    let other = '';
    ringsInto('outage', () => {
      other = record(api(), 'answered', { placed: minutesAgo(-5 / 60), caller: free, called: wired });
      api().calls.reverse();
    });
    const { exitStatus, stdout } = await place(full).run('probe', [wired, '--yes']);

    expect(stdout).not.toContain(other);
    expect(stdout).toMatch(/\n\nThe agent was not reached\.\n$/);
    expect(exitStatus).toBe(1);
  });

  test("waits for records that aren't readable yet", async () => {
    ringsInto('answered', () => {
      api().fail(/Calls\.json\?/, 403, 1);
      api().fail(/Logs/, 403, 1);
    });
    const { exitStatus, stdout } = await place(full).run('probe', [wired, '--yes']);

    expect(stdout).toContain('The agent was reached.');
    expect(exitStatus).toBe(0);
  });

  test('says that the call was placed when its records can not be read at all', async () => {
    ringsInto('answered', () => api().fail(/Logs/, 403));
    const { exitStatus, stdout } = await place(full).run('probe', [wired, '--yes', '--json']);

    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: expect.stringMatching(/^The call was placed, but its records could not be read: Twilio answered HTTP 403/),
    });
    expect(exitStatus).toBe(2);
  });

  test.each<[RecordedName, string]>([
    ['transfer', "transfer_number; Twilio kept the agent's leg meanwhile"],
    ['transfer-busy', 'transfer_number: nobody answered'],
    ['transfer-refused', 'was refused: number_not_allowed'],
  ])('with --expect transfer says whether one was made, and what became of the agent: %s', async (name, part) => {
    ringsInto(name);
    const { exitStatus, stdout } = await place(full).run('probe', [wired, '--yes', '--expect', 'transfer']);

    expect(stdout).toContain(part);
    expect(exitStatus).toBe(name === 'transfer' ? 0 : 1);
  });

  test('prints one line of JSON for a schedule', async () => {
    ringsInto('answered');
    const { stdout } = await place(full).run('probe', [wired, '--yes', '--json']);

    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, call: { reached: 'agent', disagreements: [] } });
  });

  test.each([
    [[], 'expected one number that is wired, such as npm run probe -- +15550100100'],
    [[wired, free], 'expected one number that is wired'],
    [['+15550100170', '--yes'], `expected a number that is wired to ${domain} (${wired}); found "+15550100170"`],
    [[free, '--yes'], 'expected a number that is wired to'],
    [[wired, '--from', '+15550100170', '--yes'], '--from: expected another number of this account'],
    [[wired, '--from', wired, '--yes'], '--from: expected another number of this account'],
    [[wired, '--seconds', '4', '--yes'], '--seconds: expected a whole number from 5 to 120; found "4"'],
    [[wired, '--seconds', '121', '--yes'], '--seconds: expected a whole number from 5 to 120'],
    [[wired, '--expect', 'magic', '--yes'], '--expect: expected agent or transfer; found "magic"'],
    [[wired], 'give --yes to call without a terminal'],
  ])('rings nobody and exits with 2 when given %j', async (args, message) => {
    const { exitStatus, stderr } = await place(full).run('probe', args);

    expect(stderr).toContain(message);
    expect(exitStatus).toBe(2);
    expect(placed()).toEqual([]);
  });

  test('asks for a number to call from when none is free', async () => {
    api().numbers.splice(1);
    const { exitStatus, stderr } = await place(full).run('probe', [wired, '--yes']);

    expect(stderr).toContain(
      '--from: expected a number of this account to call from, since no other one can call and is free',
    );
    expect(exitStatus).toBe(2);
  });

  test('rings nobody without confirmation', async () => {
    const refused = await place(full).run('probe', [wired], { typed: 'no\n' });

    expect(refused).toMatchObject({ exitStatus: 2, stderr: expect.stringContaining('nobody typed yes') });
    expect(placed()).toEqual([]);
  });

  inTerminal('asks in a terminal, and rings once yes is typed', async () => {
    ringsInto('answered');
    const wanted = await place(full).runInTerminal('probe', [wired], 'Type yes to do this: ', 'yes\r');

    expect(wanted).toMatchObject({ exitStatus: 0, stdout: expect.stringContaining('The agent was reached.') });
  });

  test.each([
    [401, 'HTTP 401'],
    [500, 'HTTP 500'],
  ])('exits with 2 when Twilio refuses the call with %i', async (status, message) => {
    api().fail(/Calls\.json$/, status);
    const { exitStatus, stderr } = await place(full).run('probe', [wired, '--yes']);

    expect(stderr).toContain(`The call could not be placed: Twilio answered ${message}`);
    expect(stderr).not.toMatch(/hung up|Hanging up/);
    expect(exitStatus).toBe(2);
  });

  test('goes on when a look at the call fails, and when Synthflow does', async () => {
    ringsInto('answered');
    api().fail(/Calls\/\w+\.json/, 500, 1);
    api().fail(/v2\/calls/, 503, 1);
    const { exitStatus, stdout } = await place(full).run('probe', [wired, '--yes']);

    expect(stdout).toContain('The agent was reached.');
    expect(exitStatus).toBe(0);
  });

  test('hangs up when Ctrl-C ends it', async () => {
    const running = place(full).start('probe', [wired, '--yes']);
    api().onCall = (call) => Object.assign(call, { status: 'in-progress' });
    while (placed().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill('SIGINT');
    const { exitStatus, stderr } = await running.ended;

    expect(exitStatus).toBe(130);
    expect(stderr).toContain('Hanging up …\nStopped; nothing is left running.\n');
    expect(hungUp().map(({ path }) => path)).toEqual([expect.stringMatching(/Calls\/CA\w+\.json$/)]);
    expect(api().calls.map(({ status }) => status)).toEqual(['completed']);
  });

  describe('when it is ended while the line is held', () => {
    /** A clock that stands still once the call was placed. */
    const held = () => {
      let reached: () => void = () => undefined;
      const isHeld = new Promise<void>((resolve) => (reached = resolve));
      const clock = { now: Date.now, pause: () => new Promise<void>(() => reached()) };
      return { clock, isHeld };
    };

    test("hangs up no call that may be somebody else's, where the answer to its own was lost", async () => {
      api().onCall = (call) => Object.assign(call, { status: 'in-progress' });
      api().fail(/Calls\.json$/, 'lost', 1);
      const workplace = place(full);
      void workplace.run('probe', [wired, '--yes']);
      while (placed().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));

      await expect(workplace.end()).rejects.toThrow(/If it was placed, Twilio ends it 25 s after the answer\.$/);
      expect(hungUp()).toEqual([]);
    });

    test('says that Twilio ends the call if it could not be hung up', async () => {
      api().onCall = (call) => Object.assign(call, { status: 'in-progress' });
      const { clock, isHeld } = held();
      const workplace = place(full);
      void workplace.run('probe', [wired, '--yes'], { clock });
      await isHeld;
      api().fail(/Calls\/\w+\.json/, 500);

      await expect(workplace.end()).rejects.toThrow(
        /^The call could not be hung up: Twilio answered HTTP 500.* Twilio ends it 25 s after the answer\.$/,
      );
    });
  });
});
