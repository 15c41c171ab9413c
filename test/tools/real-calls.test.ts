import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { credentials, settings, useStandIn } from '../setup/live';
import { minutesAgo, useLab } from '../setup/placed-calls';
import { account, customDomain, domain, numberOf } from '../setup/twilio-api';

const { api, place, deployed } = useStandIn();
const lab = useLab();
const full = { ...settings, ...credentials };
beforeEach(deployed);

/** A call of the lab that is on record, an hour ago unless given. */
async function recorded(minutes = 60) {
  const call = await lab.place('answered');
  lab.record(api(), call, minutesAgo(minutes));
  return call;
}
const synthflowId = (): string => Object.keys(api().synthflow.calls)[0] ?? '';
const changeSynthflow = (changes: object): void => {
  api().synthflow.calls[synthflowId()] = { ...api().synthflow.calls[synthflowId()], ...changes };
};

describe('npm run calls -- --call', () => {
  const tell = (callSid: string, ...args: readonly string[]) => place(full).run('calls', ['--call', callSid, ...args]);

  test('tells what each source says, in one picture, with links into both dashboards', async () => {
    const { callSid } = await recorded();
    const { exitStatus, stdout } = await tell(callSid);

    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/^Call {7}CA\w+, …0142 to …0100, \d{4}-/);
    expect(stdout).toMatch(/Bridge {5}agent: agent, completed; prepared in \d+ ms\n/);
    expect(stdout).toMatch(/Twilio {5}completed; the agent rang for \d s; talked for \d s\n/);
    expect(stdout).toContain(
      'Synthflow  completed; human_goodbye; rang for 0 s; talked for 5 s; the agent hung up; a transcript\n',
    );
    expect(stdout).toMatch(/Synthflow SIP → Twilio {6}BYE\n/);
    expect(stdout).toContain('What happened\n  /inbound: agent, the agent rings, with the prepared call\n');
    expect(stdout).toContain(`Twilio     https://www.twilio.com/console/voice/calls/logs/${callSid}\n`);
    expect(stdout).toContain(`Synthflow  https://app.synthflow.ai/ (Logs, ${synthflowId()})\n`);
    // What was said is for Synthflow's dashboard.
    expect(stdout).not.toContain('human: Goodbye');
  });

  test('masks phone numbers wherever they are, unless it is asked for them', async () => {
    const { callSid } = await recorded();
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
    const { callSid } = await recorded();
    changeSynthflow(changes);
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toBe(`✗ ${sentence}`);
    expect(JSON.parse((await tell(callSid, '--json')).stdout).disagreements).toEqual([sentence]);
  });

  test("says first that Twilio couldn't use what a function answered", async () => {
    const { callSid } = await recorded();
    const [event] = api().events[callSid] ?? [];
    Object.assign(event?.response ?? {}, { response_code: 502, response_body: '' });
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toBe('✗ The bridge says that /inbound answered agent, Twilio got HTTP 502');
    expect(stdout).toContain('✗ 502 Bad Gateway');
  });

  test.each<[string, RegExp, number | 'hang', RegExp]>([
    ["Twilio's record", /Calls\/CA\w+\.json/, 401, /^ {2}Twilio's record could not be read: HTTP 401.*AUTH_TOKEN/],
    [
      "Twilio's legs",
      /Calls\.json/,
      429,
      /^ {2}Twilio's dialled legs could not be read: HTTP 429.*try again in a minute/,
    ],
    ["Twilio's webhooks", /Events\.json/, 500, /^ {2}Twilio's webhooks could not be read: HTTP 500/],
    [
      "Twilio's alerts",
      /monitor\.twilio\.com/,
      403,
      /^ {2}Twilio's alerts could not be read: HTTP 403.*may not do that/,
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
    ["Synthflow's record", /v2\/calls/, 'hang', /^ {2}Synthflow's record could not be read: no answer within 10 s/],
    ["Synthflow's record", /v2\/calls/, 404, /^ {2}Synthflow doesn't know the call [-\w]+/],
  ])('tells the rest when %s could not be read (%s, %s)', async (_what, where, status, sentence) => {
    const { callSid } = await recorded();
    api().fail(where, status);
    const { exitStatus, stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toMatch(sentence);
    expect(stdout).toContain('POST /v2/prepare_inbound');
    expect(exitStatus).toBe(0);
  });

  test('says what Synthflow has no record of yet, and that it cannot be asked without a key', async () => {
    const { callSid } = await recorded();
    api().synthflow.calls[synthflowId()] = {};
    const early = await tell(callSid);
    const keyless = await place(credentials).run('calls', ['--call', callSid]);

    expect(early.stdout).toContain(`Synthflow has no record of the call ${synthflowId()} yet`);
    expect(keyless.stdout).toContain("Synthflow can't be asked: SYNTHFLOW_API_KEY isn't set");
  });

  test('tells a call that goes on as far as it has come', async () => {
    const { callSid } = await recorded(0);
    api().logs.splice(1);
    for (const call of api().calls) Object.assign(call, { status: 'in-progress', end_time: null, duration: null });
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toBe('  The call goes on: Twilio shows its webhooks 15 minutes after the end');
    expect(stdout).toMatch(/Twilio → caller +answers the call\n/);
    expect(stdout).toMatch(/ to the end {2}the agent\n/);
    expect(stdout).not.toContain('BYE');
    expect(stdout).not.toContain('ends the call');
  });

  test("shows the numbers of Twilio's alerts about it", async () => {
    const { callSid } = await recorded();
    api().alerts.push({ error_code: '32110', request_url: null, resource_sid: callSid });
    api().alerts.push({ error_code: '82005', request_url: null, resource_sid: 'CAother' });
    const { stdout } = await tell(callSid);

    expect(stdout).toContain("Twilio warns: 32110 in Twilio's debugger → docs/runbook.md");
    expect(stdout).not.toContain('82005');
  });

  test('masks phone numbers in whatever Synthflow writes', async () => {
    const { callSid } = await recorded();
    const text = 'transfer to +15550100142 or (555) 010-0142 failed';
    changeSynthflow({ status: text, end_call_reason: text, error_message: text });
    const { stdout } = await tell(callSid, '--verbose');

    expect(stdout).toContain('transfer to …0142 or …0142 failed');
    expect(stdout).not.toMatch(/5550100142|010-0142/);
  });

  test("keeps the link to Synthflow when its record can't be read, and says so of what isn't JSON", async () => {
    const { callSid } = await recorded();
    api().fail(/v2\/calls/, 'html');
    const { stdout } = await tell(callSid);

    expect(stdout.split('\n')[0]).toMatch(/^ {2}Synthflow's record could not be read: it isn't JSON/);
    expect(stdout).toContain('Synthflow  no record that could be read');
    expect(stdout).toContain(`Synthflow  https://app.synthflow.ai/ (Logs, ${synthflowId()})`);
  });

  test('says where to look for a call that nobody knows', async () => {
    const { exitStatus, stdout, stderr } = await tell(`CA${'7'.repeat(32)}`);

    expect(stderr).toContain(`--call: neither the log nor Twilio tells of CA${'7'.repeat(32)}`);
    expect(stderr).toContain('see --since, --environment and --production');
    expect(stdout).toBe('');
    expect(exitStatus).toBe(2);
  });

  test('lets nothing through that would steer a terminal', async () => {
    const { callSid } = await recorded();
    changeSynthflow({ error_message: 'red \u001b[31malert' });
    const { stdout } = await tell(callSid);

    expect(stdout).toContain('red [31malert');
    expect(stdout).not.toContain('\u001b');
  });

  test('refuses what is no CallSid', async () => {
    const { exitStatus, stderr } = await tell('CA../../Accounts');

    expect(stderr).toContain('--call: expected a CallSid such as CA0123…; found "CA../../Accounts"');
    expect(exitStatus).toBe(2);
  });

  test('asks each platform with its own login, page after page', async () => {
    const { callSid } = await recorded();
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
    const call = await recorded(30);
    const workplace = place(full);
    const { stdout } = await workplace.run('calls');

    expect(stdout).toMatch(new RegExp(`\\d+ ms +\\d s +[45] s +${call.callSid}\\n`));
    expect(stdout).toMatch(
      /\ncalled {2}calls {2}reached the agent {2}prepare p50, p95 .*answer p50, p95\nall +1 +100\.0 % +\d+ ms, \d+ ms +\d s, \d s\n/,
    );
    const { calls } = JSON.parse((await workplace.run('calls', ['--json'])).stdout);
    expect(calls[0].links).toEqual([
      ['Twilio', `https://www.twilio.com/console/voice/calls/logs/${call.callSid}`],
      ['Synthflow', `https://app.synthflow.ai/ (Logs, ${synthflowId()})`],
    ]);
  });

  test('is content with a login that may read the log alone, and says what is missing', async () => {
    const call = await recorded(30);
    api().fail(/Calls\.json/, 403);
    const { exitStatus, stdout } = await place(full).run('calls', ['--min-agent-share', '100']);

    expect(stdout).toMatch(/^Twilio's calls could not be read \(HTTP 403.*\): ring and talk times are not known/);
    expect(stdout).toContain(call.callSid);
    expect(exitStatus).toBe(0);
  });

  test('is content with a login that may not list numbers, and says what that hides', async () => {
    const call = await recorded(30);
    api().fail(/IncomingPhoneNumbers/, 403);
    const { exitStatus, stdout } = await place(full).run('calls', ['--min-agent-share', '100']);

    expect(stdout).toMatch(/^Twilio's numbers could not be read \(HTTP 403.*\): calls that no function answered/);
    expect(stdout).toContain(call.callSid);
    expect(exitStatus).toBe(0);
  });

  test('counts callers whom no function answered among those who missed the agent', async () => {
    const [wired, custom, other, switched] = ['+15550100100', '+15550100101', '+15550100102', '+15550100103'];
    api().numbers.push(
      { ...numberOf(wired, 0), voice_url: `https://${domain}/inbound` },
      { ...numberOf(custom, 1), voice_url: `https://${customDomain}/inbound` },
      { ...numberOf(other, 2), voice_url: 'https://other.example.com/inbound' },
      // The outage switch is on, and says so by itself.
      { ...numberOf(switched, 3), voice_url: `https://${domain}/fallback.xml` },
    );
    for (const called of [wired, custom, other, switched]) {
      lab.record(api(), await lab.place('function-gone', { called }), minutesAgo(30));
    }
    const watch = ['--min-agent-share', '95', '--notify', 'https://hooks.example.com/services/canary-hook'];
    const { exitStatus, stdout } = await place(full).run('calls', [...watch, '--domain', customDomain]);
    const posted = api().arrivals.find(({ host }) => host === 'hooks.example.com')?.body;

    expect(stdout).toMatch(/…0142 +…0100 +not the agent +no line +CA\w+\n/);
    expect(stdout).toMatch(/…0142 +…0101 +not the agent +no line +CA\w+\n/);
    expect(stdout).not.toMatch(/…010[23]/);
    expect(stdout).toContain(`The outage switch is on, no agent answers: ${switched}`);
    expect(posted).toContain('only 0.0 % of 2 callers');
    expect(posted).toContain('Reasons: no line (2).');
    expect(exitStatus).toBe(1);
  });

  test('leaves the calls of npm run call -- --live out of the share', async () => {
    const call = await recorded(30);
    const [own] = api().calls;
    if (own !== undefined) api().calls.push({ ...own, sid: `CA${'9'.repeat(32)}`, direction: 'outbound-api' });
    const { exitStatus, stdout } = await place(full).run('calls', ['--min-agent-share', '1']);

    expect(stdout).toMatch(new RegExp(`agent \\(test\\).*${call.callSid}`));
    expect(stdout).toContain('and 1 test calls, which do not count');
    // Nobody else called, and so nobody reached the agent.
    expect(exitStatus).toBe(1);
  });

  test('with --follow goes on with calls as they come and change, and over a failure of Twilio', async () => {
    const running = place(full).start('calls', ['--follow']);
    const head = await recorded(1);
    const [result] = api().logs.splice(1);
    await running.printed(new RegExp(`open .*${head.callSid}\\n`));
    api().fail(/Logs/, 500, 1);
    if (result !== undefined) api().logs.push(result);
    const next = await recorded(0);
    const printed = await running.printed(new RegExp(`${next.callSid}\\n`));
    running.kill('SIGINT');
    const { exitStatus, stderr } = await running.ended;

    expect(printed).toMatch(/^time +caller +called +reached/);
    expect(printed.match(/^time/gm)).toHaveLength(1);
    expect(printed).toMatch(new RegExp(`agent +completed .*${head.callSid}\\n`));
    expect(stderr).toMatch(/^HTTP 500.*\nStopped;/);
    expect(exitStatus).toBe(130);
  }, 60_000);

  test('with --follow ends quietly when nobody reads on, and watches no share', async () => {
    await recorded(1);
    const workplace = place(full);
    const running = workplace.start('calls', ['--follow']);
    await running.printed(/^time/);
    running.closeStdout();
    await recorded(0);
    const { stderr } = await running.ended;
    const refused = await workplace.run('calls', ['--follow', '--min-agent-share', '95']);

    expect(stderr).toBe('Stopped; nothing is left running.\n');
    expect(refused.stderr).toContain('--min-agent-share: expected it without --follow');
  }, 60_000);

  test.each([
    ['--production', 'production: npm run deploy -- --production'],
    ['--environment=stage', 'stage: npm run deploy -- --environment stage'],
  ])('says which environment is not deployed: %s', async (option, rest) => {
    const { stderr } = await place(full).run('calls', [option]);

    expect(stderr).toContain(`the service is not deployed in the environment ${rest}`);
  });
});

describe('npm run calls -- --notify', () => {
  const hook = 'https://hooks.example.com/services/canary-hook';
  const watch = ['--since', '15m', '--min-agent-share', '95', '--notify', hook];
  const line = (callSid: string, changes: object) => ({
    date_created: new Date().toISOString(),
    message: JSON.stringify({
      event: 'inbound',
      outcome: 'message',
      missedAgent: true,
      reason: 'timeout',
      callSid,
      ...changes,
    }),
  });
  const talked = { event: 'dial-result', stage: 'agent', outcome: 'completed', seconds: 40, missedAgent: false };
  const posts = (): string[] =>
    api()
      .arrivals.filter(({ host }) => host === 'hooks.example.com')
      .map(({ body }) => JSON.parse(body).text);

  test('posts one message when the share falls, none while it stays so, and one when it is well again', async () => {
    const workplace = place(full);
    const run = () => workplace.run('calls', watch);
    await run();
    expect(posts()).toEqual([]);

    api().logs.push(line('CA1', {}), line('CA2', {}), line('CA3', { reason: 'outage' }), line('CA4', talked));
    const fallen = await run();
    await run();
    expect(posts()).toEqual([
      expect.stringMatching(
        /^Callers don't reach the agent: only 25\.0 % of 4 callers reached the agent of \S+ in the last 15m, below 95 %\. Reasons: timeout \(2\), outage \(1\)\./,
      ),
    ]);
    expect(fallen.exitStatus).toBe(1);

    api().logs.splice(0);
    expect((await run()).exitStatus).toBe(0);
    api().logs.push(line('CA5', talked));
    const { exitStatus, stdout, stderr } = await run();
    await run();
    expect(posts().slice(1)).toEqual([
      expect.stringMatching(/^Well again: 100\.0 % of 1 callers reached the agent of/),
    ]);
    expect(exitStatus).toBe(0);
    expect(stdout + stderr).not.toContain('canary-hook');
    const memory = readFileSync(join(dirname(workplace.envFile), '.notified.json'), 'utf8');
    expect(memory).toBe('{"dev 15m 95":"well"}\n');
  }, 60_000);

  test('posts again with the next run when the message was not taken', async () => {
    const workplace = place(full);
    api().logs.push(line('CA1', {}));
    api().fail(/^hooks\.example/, 404, 1);
    const refused = await workplace.run('calls', watch);
    await workplace.run('calls', watch);

    expect(refused.exitStatus).toBe(2);
    expect(refused.stdout).toMatch(/^the message could not be posted to --notify: HTTP 404\n/);
    expect(refused.stdout).toMatch(/not the agent.*CA1\n/);
    expect(refused.stdout + refused.stderr).not.toContain('canary-hook');
    expect(posts()).toHaveLength(2);
  });

  test.each([
    [['--notify', hook], '--notify: expected --min-agent-share, too'],
    [
      ['--min-agent-share', '95', '--notify', 'http://hooks.example.com/canary-hook'],
      '--notify: expected an https URL',
    ],
    [['--min-agent-share', '95', '--notify', 'canary-hook'], '--notify: expected an https URL'],
  ])('refuses %j without showing the address', async (args, message) => {
    const { exitStatus, stderr } = await place(full).run('calls', args);

    expect(stderr).toContain(message);
    expect(stderr).not.toContain('canary-hook');
    expect(exitStatus).toBe(2);
  });
});
