import { changesOf, scenarios } from '../../lab/scenarios';
import { useStandIn } from '../setup/live';

const { place } = useStandIn();
const ownSettings = {
  SYNTHFLOW_API_KEY: 'canary-key-of-the-env-file',
  SYNTHFLOW_MODEL_ID: 'agent-1',
  CALL_ROUTE: 'agent,+15550100155',
  FALLBACK_MESSAGE: 'Back soon.',
};

describe('npm run call', () => {
  test('tells a call that reaches the agent with a label for each message, and exits with 0', async () => {
    const { exitStatus, stdout } = await place({}).run('call');

    expect(exitStatus).toBe(0);
    const told = [
      'Settings   settings of its own, since ',
      'times as in a real call, played 20 times as fast',
      'POST /inbound',
      'POST /v2/prepare_inbound',
      'registered',
      'Dial agent',
      'INVITE',
      'The caller hears\n',
      'What happened\n  /inbound: agent, the agent rings, with the prepared call\n',
    ];
    const places = told.map((text) => stdout.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout).not.toContain('X-Twilio-Signature');
    // No colours where there is no terminal.
    expect(stdout).not.toContain('\u001b');
  });

  test('shows every message whole when asked to', async () => {
    const { stdout } = await place({}).run('call', ['--verbose']);

    expect(stdout).toMatch(/^ +X-EI: S\.[0-9a-f-]{36};E\.CA[0-9a-f]{32};$/m);
    expect(stdout).toContain('X-Twilio-Signature: ');
    expect(stdout).toMatch(/^ +"call_status": "registered",$/m);
    expect(stdout).toMatch(/Log\n {2}\{"event":"inbound"/);
  });

  test('marks what failed, says why and what to do, and exits with 1', async () => {
    const { exitStatus, stdout } = await place({}).run('call', ['--scenario', 'slow']);

    expect(exitStatus).toBe(1);
    expect(stdout).toMatch(/Synthflow API → function +✗ no answer\n/);
    expect(stdout).toMatch(/\n {4}timeout: .* → see status\.synthflow\.ai\n/);
  });

  test('prints one JSON object for machines', async () => {
    const { exitStatus, stdout } = await place({}).run('call', ['--scenario', 'outage', '--json']);

    expect(exitStatus).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      scenario: 'outage',
      reached: 'not the agent',
      heard: [{ what: 'ringing' }, { what: 'a person' }],
    });
  });

  test('plays the settings of the env file with a stand-in for Synthflow, and shows nothing secret', async () => {
    const workplace = place(ownSettings);
    const { stdout } = await workplace.run('call', ['--scenario', 'outage', '--verbose']);

    expect(stdout).toContain(`Settings   ${workplace.envFile} and your number table\n`);
    expect(stdout).toContain('Synthflow  a stand-in; what your customVariables requests is real\n');
    expect(stdout).toContain('Dial +1…0155');
    expect(stdout).toContain('"model_id": "agent-1"');
    expect(stdout).not.toContain('canary');
  });

  test('says which settings it does without, as a real call could not', async () => {
    const { exitStatus, stdout } = await place({
      SYNTHFLOW_SIP_TERMINATION: 'sip.example.com',
    }).run('call');

    expect(exitStatus).toBe(0);
    const row = (name: string) =>
      `\n           ${name} is missing or not accepted: only the lab's stand-ins do without\n`;
    expect(stdout).toContain(row('SYNTHFLOW_API_KEY'));
    expect(stdout).toContain(row('SYNTHFLOW_MODEL_ID'));
    expect(stdout).toContain(row('SYNTHFLOW_SIP_TERMINATION'));
  });

  test('shows a wrong setting, and plays the call all the same', async () => {
    const { stdout } = await place({ ...ownSettings, SYNTHFLOW_REGION: 'mars' }).run('call');

    expect(stdout).toContain('SYNTHFLOW_REGION: expected global, us or eu; found "mars".');
    expect(stdout).toContain('Dial +1…0155');
  });

  test('says who calls whom, when, and with what', async () => {
    const parties = ['--to', '+1 (555) 010-0177', '--from', 'whatsapp', '--forwarded-from', '+15550100188'];
    const more = ['--param', 'FromCity=Berlin, Mitte', '--param', 'StirVerstat=TN-Validation-Passed-A'];
    const { stdout } = await place({}).run('call', [...parties, ...more, '--at', '2026-12-25T10:00', '--verbose']);

    for (const parameter of [
      'From=whatsapp:+15550100142',
      'To=+15550100177',
      'ForwardedFrom=+15550100188',
      'FromCity=Berlin, Mitte',
      'StirVerstat=TN-Validation-Passed-A',
    ]) {
      expect(stdout).toContain(`${parameter}\n`);
    }
  });

  test.each([
    [['--to', '911'], '--to: expected a phone number such as +15550100100'],
    [['--from', 'hello world'], '--from: expected a phone number'],
    [['--forwarded-from', 'x y'], '--forwarded-from: expected a phone number'],
    [['--param', 'CallSid=CA1'], '--param: expected Name=value'],
    [['--at', 'noon'], '--at: expected a time such as 2026-12-25T10:00'],
    [['--nonsense'], 'there is no option --nonsense; --help lists them'],
    [['--scenaro=outage'], 'there is no option --scenaro; did you mean --scenario?'],
  ])('exits with 2 and says what it expects for %j', async (args, message) => {
    const { exitStatus, stderr } = await place({}).run('call', args);

    expect(exitStatus).toBe(2);
    expect(stderr).toContain('The call could not be placed: ');
    expect(stderr).toContain(message);
  });

  test.each([
    ['outtage', 'did you mean outage?'],
    ['nonsense', 'npm run call -- --help lists them'],
  ])('exits with 2 for a scenario that does not exist, and says which one may be meant: %s', async (name, hint) => {
    const { exitStatus, stdout, stderr } = await place({}).run('call', ['--scenario', name, '--json']);

    expect(exitStatus).toBe(2);
    expect(stderr).toBe(`The call could not be placed: --scenario: there is no "${name}"; ${hint}\n`);
    expect(JSON.parse(stdout)).toEqual({ ok: false, error: stderr.trimEnd() });
  });

  test('lists each scenario in its help, with the settings that it plays, in lines that fit into a terminal', async () => {
    const { stdout } = await place({}).run('call', ['--help']);

    for (const [name, scenario] of Object.entries(scenarios)) {
      expect(stdout).toContain(`\n  ${name} `);
      for (const change of changesOf(scenario)) expect(stdout.replace(/\s+/g, ' ')).toContain(`[${change}]`);
    }
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  test('exits with 0 for a caller who was to get somebody else than the agent', async () => {
    const people = place({ ...ownSettings, CALL_ROUTE: '+15550100155,agent' });
    const [first, refused] = [await people.run('call'), await people.run('call', ['--scenario', 'caller-refused'])];

    expect([first.exitStatus, refused.exitStatus]).toEqual([0, 0]);
    expect(first.stdout).toContain('\nReached    elsewhere\n');
    expect(first.stdout).toContain('\n  /inbound: person, +1…0155 rings\n');
    expect(refused.stdout).toContain('\nReached    refused\n');
  });
});
