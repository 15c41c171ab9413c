import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, settings, useStandIn } from '../../setup/live';
import { minutesAgo, record } from '../../setup/recorded-calls';
import { account, customDomain, domain, numberOf } from '../../setup/twilio-api';

const { api, place, deployed } = useStandIn();
const full = { ...settings, ...credentials };
beforeEach(deployed);

/** A call that reached the agent is on record, by default an hour ago; returns its CallSid. */
const recorded = (minutes = 60): string => record(api(), 'answered', { placed: minutesAgo(minutes) });
const synthflowId = (): string => Object.keys(api().synthflow.calls)[0] ?? '';
const changeSynthflow = (changes: object): void => {
  api().synthflow.calls[synthflowId()] = { ...api().synthflow.calls[synthflowId()], ...changes };
};

describe('npm run calls -- --call', () => {
  const tell = (callSid: string, ...args: readonly string[]) => place(full).run('calls', ['--call', callSid, ...args]);

  test('shows what each source says, in one picture, with links into both dashboards', async () => {
    const callSid = recorded();
    const { exitStatus, stdout } = await tell(callSid);

    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/^Call {7}CA\w+, …0142 to …0100, \d{4}-/);
    expect(stdout).toMatch(/Bridge {5}agent: agent, completed; prepared in 210 ms\n/);
    expect(stdout).toMatch(/Twilio {5}completed; the agent rang for \d s; talked for \d s\n/);
    expect(stdout).toContain(
      'Synthflow  completed; human_goodbye; rang for 0 s; talked for 5 s; the agent hung up; a transcript\n',
    );
    // One arrow for each record, and none for what nobody recorded.
    expect(stdout.match(/^ *\d\.\d\d s {2}.*$/gm)?.map((row) => row.replace(/ +/g, ' ').trim())).toEqual([
      '0.00 s caller → Twilio calls …0100: rang 3 s, talked 6 s',
      '0.00 s Twilio → function POST /inbound: 200 OK in 250 ms',
      '0.00 s function → Twilio /inbound logs agent',
      `0.00 s Synthflow API → function record: completed; human_goodbye; rang for 0 s; talked for 5 s; the agent hung up; a transcript`,
      '1.00 s Twilio → Synthflow SIP rang 2 s, talked 5 s',
      '8.00 s Twilio → function POST /dial-result: 200 OK in 250 ms',
      '8.00 s function → Twilio /dial-result logs completed',
    ]);
    expect(stdout).toContain('What happened\n  /inbound: agent, the agent rings, with the prepared call\n');
    expect(stdout).toContain(`Twilio     https://www.twilio.com/console/voice/calls/logs/${callSid}\n`);
    expect(stdout).toContain(`Synthflow  https://app.synthflow.ai/ (Logs, ${synthflowId()})\n`);
    // What was said is for Synthflow's dashboard.
    expect(stdout).not.toContain('human: Goodbye');
  });

  test('masks every phone number by default, and shows them on request', async () => {
    const callSid = recorded();
    const masked = await tell(callSid, '--verbose');
    const whole = await tell(callSid, '--verbose', '--numbers');

    for (const number of ['5550100142', '5550100100']) {
      expect(masked.stdout).not.toContain(number);
      expect(whole.stdout).toContain(number);
    }
    expect(masked.stdout).toContain('caller=…0142');
    expect(masked.stdout).toContain(`S.${synthflowId()}`);
  });

  test.each<[string, object, string]>([
    [
      'how it ended',
      { status: 'failed', end_call_reason: 'agent_error', error_message: 'no audio for +15550100142' },
      'The bridge says completed, Synthflow says failed (agent_error: no audio for …0142)',
    ],
    [
      'how long it lasted',
      { telephony_duration: 1000 },
      'How long the agent talked: The bridge says 5 s, Twilio says 5 s, Synthflow says 1 s',
    ],
  ])('says first where the sources disagree about %s', async (_about, changes, sentence) => {
    const callSid = recorded();
    changeSynthflow(changes);
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toBe(`✗ ${sentence}`);
    expect(JSON.parse((await tell(callSid, '--json')).stdout).disagreements).toEqual([sentence]);
  });

  // Both as users have printed it, and as Synthflow's documents have it.
  test.each([
    [{ status: undefined, call_status: 'completed' }, 'completed; '],
    [{ telephony_ringing_duration: 3 }, 'rang for 3 s; '],
    [{ telephony_ringing_duration: 4180 }, 'rang for 4 s; '],
    [{ telephony_ringing_duration: 400 }, 'rang for 0 s; '],
  ])("reads Synthflow's record in either of its forms: %j", async (changes, said) => {
    const callSid = recorded();
    changeSynthflow(changes);

    expect((await tell(callSid)).stdout).toMatch(new RegExp(`^Synthflow .*${said}`, 'm'));
  });

  test.each<[string, (id: string) => unknown, string]>([
    ['an object', (id) => ({ 'X-EI': `S.${id};E.CA1;` }), 'X-EI: arrived'],
    ['a list', (id) => [{ name: 'x-ei', value: `S.${id};` }], 'X-EI: arrived'],
    ['another call', () => ({ 'X-EI': 'S.other;' }), 'X-EI: another id'],
    ['others only', () => ({ 'X-Plan': 'gold' }), 'X-EI: missing'],
    ['nothing', () => null, 'no X-EI'],
    ['an empty object', () => ({}), 'no X-EI'],
  ])('says whether X-EI reached Synthflow, where its headers are %s', async (_what, headers, said) => {
    const callSid = recorded();
    changeSynthflow({ telephony_sip_headers: headers(synthflowId()) });
    const { stdout } = await tell(callSid);
    const isWrong = /another|missing/.test(said);

    if (said === 'no X-EI') expect(stdout).not.toMatch(/^Synthflow .*X-EI/m);
    else expect(stdout).toMatch(new RegExp(`^Synthflow .*; ${said};`, 'm'));
    expect(stdout.startsWith('✗ The bridge dialled the agent with X-EI,')).toBe(isWrong);
  });

  test('asks every workspace for the record, and none twice', async () => {
    const callSid = recorded();
    const workplace = place({ ...full, SYNTHFLOW_API_KEY: 'another-key' }, true);
    const entry = `{ apiKey: '${settings.SYNTHFLOW_API_KEY}', modelId: 'agent-1' }`;
    const entries = `{ '+15550101001': ${entry}, '+15550101002': ${entry} }`;
    const table = join(workplace.project, 'src/assets/numbers.private.ts');
    writeFileSync(table, readFileSync(table, 'utf8').replace('= {}', `= ${entries}`));
    const { stdout } = await workplace.run('calls', ['--call', callSid]);
    const asked = api().arrivals.filter(({ path }) => path.startsWith('/v2/calls/'));

    expect(stdout).toMatch(/^Synthflow +completed; /m);
    expect(asked).toHaveLength(2);
  });

  test("says first that Twilio couldn't use what a function answered", async () => {
    const callSid = recorded();
    const [event] = api().events[callSid] ?? [];
    Object.assign(event?.response ?? {}, { response_code: 502, response_body: '' });
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toBe('✗ The bridge says that /inbound answered agent, Twilio got HTTP 502');
    expect(stdout).toContain('✗ POST /inbound: 502 Bad Gateway in 250 ms');
  });

  test.each<[string, RegExp, number, RegExp]>([
    [
      "Twilio's record",
      /Calls\/CA\w+\.json/,
      401,
      /^ {2}Twilio's record could not be read: Twilio answered HTTP 401.*AUTH_TOKEN/,
    ],
    [
      "Twilio's legs",
      /Calls\.json/,
      429,
      /^ {2}Twilio's dialled legs could not be read: Twilio answered HTTP 429.*try again in a minute/,
    ],
    ["Twilio's webhooks", /Events\.json/, 500, /^ {2}Twilio's webhooks could not be read: Twilio answered HTTP 500/],
    [
      "Twilio's alerts",
      /monitor\.twilio\.com/,
      403,
      /^ {2}Twilio's alerts could not be read: Twilio answered HTTP 403.*may not do that/,
    ],
    ["Synthflow's record", /v2\/calls/, 401, /^ {2}Synthflow's record could not be read: HTTP 401: npm run check/],
    [
      "Synthflow's record",
      /v2\/calls/,
      429,
      /^ {2}Synthflow's record could not be read: HTTP 429: try again in a minute/,
    ],
    [
      "Synthflow's record",
      /v2\/calls/,
      500,
      /^ {2}Synthflow's record could not be read: HTTP 500: try again in a minute/,
    ],
    ["Synthflow's record", /v2\/calls/, 404, /^ {2}Synthflow doesn't know the call [-\w]+/],
  ])('tells the rest when %s could not be read (%s, %s)', async (_what, where, status, sentence) => {
    const callSid = recorded();
    api().fail(where, status);
    const { exitStatus, stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toMatch(sentence);
    expect(stdout).toContain('/inbound logs agent');
    expect(exitStatus).toBe(0);
  });

  test("says if Synthflow has no record yet, or if there's no key to ask with", async () => {
    const callSid = recorded();
    api().synthflow.calls[synthflowId()] = {};
    const early = await tell(callSid);
    const keyless = await place(credentials).run('calls', ['--call', callSid]);

    expect(early.stdout).toContain(`Synthflow has no record of the call ${synthflowId()} yet`);
    expect(keyless.stdout).toContain(
      "Synthflow can't be asked: its settings are missing or wrong: npm run check -- --offline",
    );
  });

  test('shows a call in progress so far', async () => {
    const callSid = recorded(0);
    api().logs.splice(1);
    for (const call of api().calls) Object.assign(call, { status: 'in-progress', end_time: null, duration: null });
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toBe('  The call goes on: Twilio shows its webhooks 15 minutes after the end');
    expect(stdout).toMatch(/Twilio → Synthflow SIP +rang 0 s, talks\n/);
  });

  test("shows the error codes of Twilio's alerts about it", async () => {
    const callSid = recorded();
    api().alerts.push({ error_code: '32110', request_url: null, resource_sid: callSid });
    api().alerts.push({ error_code: '82005', request_url: null, resource_sid: 'CAother' });
    const { stdout } = await tell(callSid);

    expect(stdout).toContain("Twilio warns: 32110 in Twilio's debugger → docs/runbook.md");
    expect(stdout).not.toContain('82005');
  });

  test('masks phone numbers in whatever Synthflow writes', async () => {
    const callSid = recorded();
    const text = 'transfer to +15550100142 or (555) 010-0142 failed';
    changeSynthflow({ status: text, end_call_reason: text, error_message: text });
    const { stdout } = await tell(callSid, '--verbose');

    expect(stdout).toContain('transfer to …0142 or …0142 failed');
    expect(stdout).not.toMatch(/5550100142|010-0142/);
  });

  test("keeps the link to Synthflow if its record can't be read or isn't JSON, and says so", async () => {
    const callSid = recorded();
    api().fail(/v2\/calls/, 'html');
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toMatch(/^ {2}Synthflow's record could not be read: it isn't JSON/);
    expect(stdout).toContain('Synthflow  no record that could be read');
    expect(stdout).toContain(`Synthflow  https://app.synthflow.ai/ (Logs, ${synthflowId()})`);
  });

  test('says where to look for an unknown call', async () => {
    const { exitStatus, stdout, stderr } = await tell(`CA${'7'.repeat(32)}`);

    expect(stderr).toContain(`--call: neither the log nor Twilio has CA${'7'.repeat(32)}`);
    expect(stderr).toContain('see --since, --environment and --production');
    expect(stdout).toBe('');
    expect(exitStatus).toBe(2);
  });

  test('strips terminal control characters', async () => {
    const callSid = recorded();
    changeSynthflow({ error_message: 'red \u001b[31malert' });
    const { stdout } = await tell(callSid);

    expect(stdout).toContain('red [31malert');
    expect(stdout).not.toContain('\u001b');
  });

  test('refuses anything but a CallSid', async () => {
    const { exitStatus, stderr } = await tell('CA../../Accounts');

    expect(stderr).toContain('--call: expected a CallSid such as CA0123…; found "CA../../Accounts"');
    expect(exitStatus).toBe(2);
  });

  test('asks each platform with its own login, page after page', async () => {
    const callSid = recorded();
    await tell(callSid);
    const asked = api().arrivals.map(({ method, host, path }) => `${method} ${host}${path.replace(/\?.*/, '')}`);
    const account1 = `api.twilio.com/2010-04-01/Accounts/${account.sid}`;

    expect(asked).toContain(`GET ${account1}/Calls/${callSid}.json`);
    expect(asked).toContain(`GET ${account1}/Calls.json`);
    expect(asked.filter((one) => one === `GET ${account1}/Calls/${callSid}/Events.json`)).toHaveLength(
      Math.ceil((api().events[callSid]?.length ?? 0) / 2),
    );
    expect(asked).toContain(`GET api.eu.synthflow.ai/v2/calls/${synthflowId()}`);
    expect(api().arrivals.every(({ method }) => method === 'GET')).toBe(true);
    for (const { host, authorization } of api().arrivals) {
      expect(authorization).toMatch(host.endsWith('synthflow.ai') ? /^Bearer / : /^Basic /);
    }
  });
});

describe('npm run calls', () => {
  test('shows for how long the agent rang and talked, the percentiles, and links in its JSON', async () => {
    const callSid = recorded(30);
    const workplace = place(full);
    const { stdout } = await workplace.run('calls');

    expect(stdout).toMatch(new RegExp(`\\d+ ms +\\d s +[45] s +${callSid}\\n`));
    expect(stdout).toMatch(
      /\ncalled {2}calls {2}reached the agent {2}prepare p50, p95 .*answer p50, p95\nall +1 +100\.0 % +\d+ ms, \d+ ms +\d s, \d s\n/,
    );
    const { calls } = JSON.parse((await workplace.run('calls', ['--json'])).stdout);
    expect(calls[0].links).toEqual([
      ['Twilio', `https://www.twilio.com/console/voice/calls/logs/${callSid}`],
      ['Synthflow', `https://app.synthflow.ai/ (Logs, ${synthflowId()})`],
    ]);
  });

  test('works with a login that may read only the log, and says what is missing', async () => {
    const callSid = recorded(30);
    api().fail(/Calls\.json/, 403);
    const { exitStatus, stdout } = await place(full).run('calls', ['--min-agent-share', '100']);

    expect(stdout).toMatch(
      /^Twilio's calls could not be read \(Twilio answered HTTP 403.*\): ring and talk times are not known/,
    );
    expect(stdout).toContain(callSid);
    expect(exitStatus).toBe(0);
  });

  test('works with a login that may not list numbers, and says what that hides', async () => {
    const callSid = recorded(30);
    api().fail(/IncomingPhoneNumbers/, 403);
    const { exitStatus, stdout } = await place(full).run('calls', ['--min-agent-share', '100']);

    expect(stdout).toMatch(
      /^Twilio's numbers could not be read \(Twilio answered HTTP 403.*\): calls that no function answered/,
    );
    expect(stdout).toContain(callSid);
    expect(exitStatus).toBe(0);
  });

  test('counts callers without a log line as not reached', async () => {
    const [wired, custom, other, switched] = ['+15550100100', '+15550100101', '+15550100102', '+15550100103'];
    api().numbers.push(
      { ...numberOf(wired, 0), voice_url: `https://${domain}/inbound` },
      { ...numberOf(custom, 1), voice_url: `https://${customDomain}/inbound` },
      { ...numberOf(other, 2), voice_url: 'https://other.example.com/inbound' },
      // The outage switch is on, and says so by itself.
      { ...numberOf(switched, 3), voice_url: `https://${domain}/fallback.xml` },
    );
    for (const called of [wired, custom, other, switched]) {
      record(api(), 'function-gone', { placed: minutesAgo(30), called });
    }
    const args = ['--min-agent-share', '95', '--domain', customDomain];
    const { exitStatus, stdout } = await place(full).run('calls', args);

    expect(stdout).toMatch(/…0142 +…0100 +not the agent +no line +CA\w+\n/);
    expect(stdout).toMatch(/…0142 +…0101 +not the agent +no line +CA\w+\n/);
    expect(stdout).not.toMatch(/…010[23]/);
    expect(stdout).toContain(`The outage switch is on, no agent answers: ${switched}`);
    expect(exitStatus).toBe(1);
  });

  test('leaves the calls of npm run probe out of the share', async () => {
    const callSid = recorded(30);
    const [own] = api().calls;
    if (own !== undefined) api().calls.push({ ...own, sid: `CA${'9'.repeat(32)}`, direction: 'outbound-api' });
    const { exitStatus, stdout } = await place(full).run('calls', ['--min-agent-share', '1']);

    expect(stdout).toMatch(new RegExp(`agent \\(test\\).*${callSid}`));
    expect(stdout).toContain("and 1 test call that don't count");
    // Nobody else called, and so nobody reached the agent.
    expect(exitStatus).toBe(1);
  });

  test('with --follow shows calls as they change, and survives a failure of Twilio', async () => {
    const head = recorded(1);
    const [result] = api().logs.splice(1);
    let next = '';
    const rounds = [
      () => api().fail(/Logs/, 500, 1),
      () => {
        if (result !== undefined) api().logs.push(result);
        next = recorded(0);
      },
    ];
    const watched = new Promise<{ stdout: string; stderr: string }>((seen) => {
      let printed = { stdout: '', stderr: '' };
      const clock = {
        now: Date.now,
        // The last round never ends, as `--follow` doesn't.
        pause: async () => (rounds.length > 0 ? void rounds.shift()?.() : new Promise<void>(() => seen(printed))),
      };
      void place(full).run('calls', ['--follow'], {
        clock,
        onOutput: (stdout, stderr) => (printed = { stdout, stderr }),
      });
    });
    const { stdout, stderr } = await watched;

    expect(stdout).toMatch(/^time +caller +called +reached/);
    expect(stdout.match(/^time/gm)).toHaveLength(1);
    expect(stdout).toMatch(new RegExp(`open .*${head}\n(.*\n)*.*agent +completed .*${head}\n`));
    expect(stdout).toMatch(new RegExp(`${next}\n`));
    expect(stderr).toMatch(/^Twilio answered HTTP 500.*\n$/);
  });

  test('refuses --follow with a share', async () => {
    const { stderr } = await place(full).run('calls', ['--follow', '--min-agent-share', '95']);

    expect(stderr).toContain("--min-agent-share and --follow can't be combined");
  });

  test.each([
    ['--production', 'production: npm run deploy -- --production'],
    ['--environment=stage', 'stage: npm run deploy -- --environment stage'],
  ])('says which environment is not deployed: %s', async (option, rest) => {
    const { stderr } = await place(full).run('calls', [option]);

    expect(stderr).toContain(`the service is not deployed in the environment ${rest}`);
  });
});
