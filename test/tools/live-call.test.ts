import type { ScenarioName } from '../../lab/scenarios';
import { inTerminal } from '../setup/command';
import { credentials, settings, useStandIn } from '../setup/live';
import { minutesAgo, useLab } from '../setup/placed-calls';
import { domain, numberOf } from '../setup/twilio-api';
import type { StandInCall } from '../setup/twilio-state';

const { api, place, deployed } = useStandIn();
const lab = useLab();
const full = { ...settings, ...credentials };
const [wired, free] = ['+15550100100', '+15550100160'];

beforeEach(() => {
  deployed();
  api().numbers.push({ ...numberOf(wired, 0), voice_url: `https://${domain}/inbound` }, numberOf(free, 1));
});

const placed = () => api().arrivals.filter(({ method, path }) => method === 'POST' && path.endsWith('/Calls.json'));
const hungUp = () => api().arrivals.filter(({ method, body }) => method === 'POST' && body === 'Status=completed');

/** Whoever rings the wired number gets what this scenario plays; the records are there as soon as the call is over. */
async function ringsInto(name: ScenarioName, change: (call: StandInCall) => void = () => undefined): Promise<void> {
  const call = await lab.place(name, { caller: free, called: wired });
  api().onCall = (outbound) => {
    lab.record(api(), call, minutesAgo(0));
    const own = api().calls.find(({ sid }) => sid === call.callSid);
    Object.assign(outbound, { status: 'completed', end_time: own?.end_time, duration: own?.duration });
    change(outbound);
  };
}

describe('npm run call -- --live', () => {
  test('rings the wired number from a free one, holds the line, and exits with 0 once all have seen the agent', async () => {
    await ringsInto('answered');
    const { exitStatus, stdout, stderr } = await place(full).run('call', ['--live', wired, '--yes']);

    expect(stderr).toContain(`Calls ${wired} from ${free}, holds the line for 20 s, and hangs up.`);
    expect(stderr).toContain('a few cents');
    expect(exitStatus).toBe(0);
    expect(Object.fromEntries(new URLSearchParams(placed()[0]?.body))).toEqual({
      ...{ From: free, To: wired, Timeout: '60', TimeLimit: '25' },
      Twiml: '<Response><Pause length="20"/><Hangup/></Response>',
    });
    const parts = [
      'Twilio → Synthflow SIP      INVITE',
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

  test.each<[ScenarioName, RegExp]>([
    ['outage', /failed {2}\/inbound +person: outage/],
    ['agent-busy', /failed +trunk +did not answer in 0 s: busy/],
    ['agent-drops', /failed +agent +its leg lasted 0 s, and the bridge says: not the agent/],
    ['function-gone', /failed +\/inbound +wrote no line/],
  ])(
    'exits with 1 when the agent was not reached, and says at which part: %s',
    async (name, part) => {
      await ringsInto(name);
      const run = place(full).run('call', ['--live', wired, '--yes']);
      const { exitStatus, stdout } = await run;

      expect(stdout).toMatch(part);
      expect(stdout).toMatch(/\n\nThe agent was not reached\.\n$/);
      expect(exitStatus).toBe(1);
    },
    60_000,
  );

  test('says that not all is well when the agent talked, and Synthflow calls it failed', async () => {
    await ringsInto('answered', () => {
      for (const call of Object.values(api().synthflow.calls)) Object.assign(call, { status: 'failed' });
    });
    const { exitStatus, stdout } = await place(full).run('call', ['--live', wired, '--yes']);

    expect(stdout).toMatch(/failed +Synthflow +has the call \S+: failed\n/);
    expect(stdout).toMatch(/\n\nThe agent talked, but not all is well: see what failed\.\n$/);
    expect(exitStatus).toBe(1);
  });

  test('judges its own call when another one comes in meanwhile', async () => {
    const other = await lab.place('answered', { caller: free, called: wired });
    await ringsInto('outage', () => {
      lab.record(api(), other, new Date(minutesAgo(0).getTime() + 5000));
      api().calls.reverse();
    });
    const { exitStatus, stdout } = await place(full).run('call', ['--live', wired, '--yes']);

    expect(stdout).not.toContain(other.callSid);
    expect(stdout).toMatch(/\n\nThe agent was not reached\.\n$/);
    expect(exitStatus).toBe(1);
  });

  test('waits for records that can not be read at once', async () => {
    await ringsInto('answered', () => {
      api().fail(/Calls\.json\?/, 403, 1);
      api().fail(/Logs/, 403, 1);
    });
    const { exitStatus, stdout } = await place(full).run('call', ['--live', wired, '--yes']);

    expect(stdout).toContain('The agent was reached.');
    expect(exitStatus).toBe(0);
  });

  test('says that the call was made when its records can not be read at all', async () => {
    await ringsInto('answered', () => api().fail(/Logs/, 403));
    const { exitStatus, stdout } = await place(full).run('call', ['--live', wired, '--yes', '--json']);

    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: expect.stringMatching(/^The call was made, but its records could not be read: HTTP 403/),
    });
    expect(exitStatus).toBe(2);
  }, 60_000);

  test.each<[ScenarioName, string]>([
    ['transfer', "transfer_number; Twilio kept the agent's leg meanwhile"],
    ['transfer-busy', 'transfer_number: nobody answered'],
    ['transfer-leg-ended', 'was refused: number_not_allowed'],
  ])('with --expect transfer says whether one was made, and what became of the agent: %s', async (name, part) => {
    await ringsInto(name);
    const { exitStatus, stdout } = await place(full).run('call', ['--live', wired, '--yes', '--expect', 'transfer']);

    expect(stdout).toContain(part);
    expect(exitStatus).toBe(name === 'transfer' ? 0 : 1);
  });

  test('prints one line of JSON for a schedule', async () => {
    await ringsInto('answered');
    const { stdout } = await place(full).run('call', ['--live', wired, '--yes', '--json']);

    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, call: { reached: 'agent', disagreements: [] } });
  });

  test.each([
    [['--live', '+15550100170', '--yes'], `--live: expected a number that is wired to ${domain} (${wired}); found`],
    [['--live', free, '--yes'], '--live: expected a number that is wired to'],
    [['--live', wired, '--from', '+15550100170', '--yes'], '--from: expected another number of this account'],
    [['--live', wired, '--from', wired, '--yes'], '--from: expected another number of this account'],
    [['--live', wired, '--seconds', '4', '--yes'], '--seconds: expected a whole number from 5 to 120; found "4"'],
    [['--live', wired, '--seconds', '121', '--yes'], '--seconds: expected a whole number from 5 to 120'],
    [['--live', wired, '--expect', 'magic', '--yes'], '--expect: expected agent or transfer; found "magic"'],
    [['--live', wired, '--to', wired, '--yes'], '--to: a real call has its own; expected it without --live'],
    [['--live', wired, '--scenario', 'outage', '--yes'], '--scenario: a real call has its own'],
    [['--live', wired, '--real-api', '--yes'], '--real-api: a real call has its own'],
    [['--live', wired], 'give --yes to call without a terminal'],
  ])('rings nobody and exits with 2 when given %j', async (args, message) => {
    const { exitStatus, stderr } = await place(full).run('call', args);

    expect(stderr).toContain(message);
    expect(exitStatus).toBe(2);
    expect(placed()).toEqual([]);
  });

  test('says that each number is wired when none is free to call from', async () => {
    api().numbers.splice(1);
    const { exitStatus, stderr } = await place(full).run('call', ['--live', wired, '--yes']);

    expect(stderr).toContain('--from: expected a number of this account to call from, since each of them is wired');
    expect(exitStatus).toBe(2);
  });

  inTerminal('asks in a terminal, and rings nobody without a yes', async () => {
    await ringsInto('answered');
    const workplace = place(full);
    const refused = await workplace.runInTerminal('call', ['--live', wired], ['Type yes to do this: ', 'no\r']);
    const calls = placed().length;
    const wanted = await workplace.runInTerminal('call', ['--live', wired], ['Type yes to do this: ', 'yes\r']);

    expect(refused).toMatchObject({ exitStatus: 2, stdout: expect.stringContaining('nobody typed yes') });
    expect(calls).toBe(0);
    expect(wanted).toMatchObject({ exitStatus: 0, stdout: expect.stringContaining('The agent was reached.') });
  });

  test.each([
    [401, 'HTTP 401'],
    [429, 'HTTP 429'],
    [500, 'HTTP 500'],
  ])('exits with 2 when Twilio refuses the call with %i', async (status, message) => {
    api().fail(/Calls\.json$/, status);
    const { exitStatus, stderr } = await place(full).run('call', ['--live', wired, '--yes']);

    expect(stderr).toContain(`The call could not be placed: ${message}`);
    expect(stderr).not.toMatch(/hung up|Hanging up/);
    expect(exitStatus).toBe(2);
  });

  test('goes on when a look at the call fails, and when Synthflow does', async () => {
    await ringsInto('answered');
    api().fail(/Calls\/\w+\.json/, 500, 1);
    api().fail(/v2\/calls/, 503, 1);
    const { exitStatus, stdout } = await place(full).run('call', ['--live', wired, '--yes']);

    expect(stdout).toContain('The agent was reached.');
    expect(exitStatus).toBe(0);
  });

  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP'])('hangs up when %s ends it', async (signal) => {
    const running = place(full).start('call', ['--live', wired, '--yes']);
    api().onCall = (call) => Object.assign(call, { status: 'in-progress' });
    while (placed().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill(signal);
    const { exitStatus, stderr } = await running.ended;

    expect(exitStatus).toBe(130);
    expect(stderr).toContain('Hanging up …\nStopped; nothing is left running.\n');
    expect(hungUp().map(({ path }) => path)).toEqual([expect.stringMatching(/Calls\/CA\w+\.json$/)]);
    expect(api().calls.map(({ status }) => status)).toEqual(['completed']);
  });

  test('says that Twilio ends the call when it could not be hung up', async () => {
    const running = place(full).start('call', ['--live', wired, '--yes']);
    api().onCall = (call) => Object.assign(call, { status: 'in-progress' });
    while (placed().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    api().fail(/Calls\/\w+\.json/, 500);
    running.kill('SIGINT');
    const { stderr } = await running.ended;

    expect(stderr).toContain('The call could not be hung up: HTTP 500');
    expect(stderr).toContain('Twilio ends it 25 s after the answer.\nStopped.\n');
  });
});
