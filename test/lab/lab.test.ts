import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Lab, type PlacedCall, startLab } from '../../lab/lab';
import { startLabServer } from '../../lab/page/lab-server';
import { listen } from '../../lab/port';
import { isScenarioName, labNumbers, type ScenarioName, scenarios } from '../../lab/scenarios';
import { labEnvironment } from '../../lab/settings';
import { startSipAgent } from '../../lab/sip/user-agent';
import { startSynthflow } from '../../lab/synthflow/api';
import { startEmulator } from '../../lab/twilio/emulator';
import { startGateway } from '../../lab/twilio/gateway';
import { labAuthToken } from '../../lab/twilio/webhook';

const settings = { environment: labEnvironment, numbers: {} };
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ secondMs: 40, settings: async () => settings });
});
afterAll(() => lab.stop());

const sorry = '"We are sorry, our assistant cannot take your call at the moment."';
const leaveMessage =
  '"We are sorry, our assistant cannot take your call at the moment. Please leave a message after the tone."';
/** What a caller hears whom the agent can't take: the route of the lab goes on with a person. */
const personHeard = ['ringing', 'a person'];
const goodbye = '"Thank you. Goodbye."';

/** What each caller hears, and one outcome with its reason for each request to a function. */
const expected: Readonly<Record<ScenarioName, readonly [heard: readonly string[], outcomes: readonly string[]]>> = {
  answered: [
    ['ringing', 'the agent'],
    ['agent', 'completed'],
  ],
  retried: [
    ['ringing', 'the agent'],
    ['agent', 'completed'],
  ],
  'direct-dial': [
    ['ringing', 'the agent'],
    ['agent_direct server_error', 'completed'],
  ],

  slow: [personHeard, ['person timeout', 'completed']],
  trickle: [personHeard, ['person timeout', 'completed']],
  reset: [personHeard, ['person unreachable', 'completed']],
  refused: [personHeard, ['person unreachable', 'completed']],
  huge: [personHeard, ['person malformed', 'completed']],
  unauthorized: [personHeard, ['person unauthorized', 'completed']],
  'rate-limited': [personHeard, ['person rate_limited', 'completed']],
  rejected: [personHeard, ['person rejected', 'completed']],
  'server-error': [personHeard, ['person server_error', 'completed']],
  html: [personHeard, ['person malformed', 'completed']],
  'no-id': [personHeard, ['person malformed', 'completed']],
  'hostile-id': [personHeard, ['person malformed', 'completed']],
  outage: [personHeard, ['person outage', 'completed']],
  misconfigured: [personHeard, ['person misconfigured', 'completed']],

  'agent-busy': [
    ['ringing', 'ringing', 'a person'],
    ['agent', 'person busy', 'completed'],
  ],
  'agent-not-found': [
    ['ringing', 'ringing', 'a person'],
    ['agent', 'person failed', 'completed'],
  ],
  'agent-503': [
    ['ringing', 'ringing', 'a person'],
    ['agent', 'person failed', 'completed'],
  ],
  'no-answer': [
    ['ringing', 'ringing', 'a person'],
    ['agent', 'person no_answer', 'completed'],
  ],
  'agent-drops': [
    ['ringing', 'the agent', 'ringing', 'a person'],
    ['agent', 'person not_connected', 'completed'],
  ],
  'agent-too-short': [
    ['ringing', 'the agent', 'ringing', 'a person'],
    ['agent', 'person too_short', 'completed'],
  ],
  'caller-hangs-up': [['ringing'], ['agent', 'caller_hung_up']],

  transfer: [
    ['ringing', 'the agent', 'ringing', 'a person'],
    ['agent', 'transfer_number', 'completed'],
  ],
  'transfer-busy': [
    ['ringing', 'the agent', 'ringing', 'the agent again'],
    ['agent', 'transfer_number', 'completed'],
  ],
  'transfer-forbidden': [
    ['ringing', 'the agent', 'the agent again'],
    ['agent', 'transfer_refused number_not_allowed', 'completed'],
  ],
  'transfer-agent-gone': [
    ['ringing', 'the agent', 'ringing', 'a person'],
    ['agent', 'transfer_refused number_not_allowed', 'person failed', 'completed'],
  ],
  'transfer-leg-ended': [
    ['ringing', 'the agent', 'ringing', 'a person'],
    ['agent', 'transfer_refused number_not_allowed', 'person failed', 'completed'],
  ],
  'transfer-warm': [
    ['ringing', 'the agent', 'ringing', 'the agent'],
    ['agent', 'transfer_sip', 'completed'],
  ],

  'people-first': [
    ['ringing', 'ringing', 'the agent'],
    ['person', 'agent no_answer', 'completed'],
  ],
  'agent-twice': [
    ['ringing', 'ringing', 'the agent'],
    ['agent', 'agent failed', 'completed'],
  ],
  lookup: [
    ['ringing', 'the agent'],
    ['agent', 'completed'],
  ],
  'lookup-late': [
    ['ringing', 'the agent'],
    ['agent', 'completed'],
  ],
  'lookup-failed': [
    ['ringing', 'the agent'],
    ['agent', 'completed'],
  ],
  closed: [
    [leaveMessage, 'a tone', goodbye],
    ['voicemail', 'voicemail_left'],
  ],
  confirmed: [
    ['ringing', 'a person'],
    ['person', 'confirm_asked', 'confirmed', 'completed'],
  ],
  'not-confirmed': [
    ['ringing', 'ringing', 'the agent'],
    ['person', 'confirm_asked', 'agent not_confirmed', 'completed'],
  ],
  'person-busy': [
    ['ringing', leaveMessage, 'a tone', goodbye],
    ['person outage', 'voicemail busy', 'voicemail_left'],
  ],
  'person-no-answer': [
    ['ringing', 'ringing', leaveMessage, 'a tone', goodbye],
    ['agent', 'person busy', 'voicemail no_answer', 'voicemail_left'],
  ],
  'voicemail-silent': [
    ['ringing', 'ringing', leaveMessage, 'a tone', goodbye],
    ['agent', 'person busy', 'voicemail no_answer'],
  ],
  'caller-refused': [['a rejection'], ['refused']],
  diverted: [
    [leaveMessage, 'a tone', goodbye],
    ['voicemail outage', 'voicemail_left'],
  ],
  'sip-called': [
    ['ringing', 'the agent'],
    ['agent', 'completed'],
  ],
  'sip-caller': [
    ['ringing', 'a person'],
    ['person outage', 'completed'],
  ],
  'voicemail-delivered': [
    [leaveMessage, 'a tone', goodbye],
    ['voicemail', 'voicemail_left', 'voicemail_delivered'],
  ],
  'voicemail-undelivered': [
    [leaveMessage, 'a tone', goodbye],
    ['voicemail', 'voicemail_left', 'voicemail_undelivered server_error'],
  ],
  'function-gone': [[sorry, 'ringing', 'a person'], []],
};

/** Scenarios in which the caller talks to the agent; one that drops the call at once does not count. */
const reaching = [
  ...['answered', 'retried', 'direct-dial', 'sip-called', 'people-first', 'agent-twice'],
  ...['lookup', 'lookup-late', 'lookup-failed', 'not-confirmed'],
  ...['transfer', 'transfer-busy', 'transfer-forbidden', 'transfer-agent-gone', 'transfer-leg-ended', 'transfer-warm'],
];

/** Twilio's warnings in scenarios that end in some. */
const warned: Partial<Record<ScenarioName, readonly number[]>> = {
  'function-gone': [11200],
  // The Dial that nobody answers.
  'transfer-forbidden': [13254],
  'transfer-agent-gone': [13254],
  'transfer-leg-ended': [13254],
};

const outcomesOf = (call: PlacedCall): string[] =>
  call.log.map((line) => {
    const { outcome, reason } = JSON.parse(line);
    return reason === undefined ? outcome : `${outcome} ${reason}`;
  });

describe('A call through carrier, gateway, emulator and SIP', () => {
  test.each(Object.keys(scenarios).filter(isScenarioName))('ends as its scenario says: %s', async (name) => {
    const [heard, outcomes] = expected[name];
    const call = await lab.place(scenarios[name]);

    expect(call.heard.map(({ what }) => what)).toEqual(heard);
    expect(outcomesOf(call)).toEqual(outcomes);
    expect(call.warnings.map(({ code }) => code)).toEqual(warned[name] ?? []);
    expect(call.reached).toBe(reaching.includes(name));
  });

  test.each<[ScenarioName, string, string | undefined]>([
    ['lookup', 'gold', undefined],
    ['lookup-late', 'unknown', 'timeout'],
    ['lookup-failed', 'unknown', 'failed'],
  ])('tells the agent what its table knows of the caller: %s', async (name, plan, lookup) => {
    const { steps, log } = await lab.place(scenarios[name]);
    const asked = steps.find(({ to }) => to === 'Synthflow API')?.content ?? '';

    expect(JSON.parse(asked).custom_variables).toEqual({ plan });
    expect(JSON.parse(log[0] ?? '').lookup).toBe(lookup);
  });

  test('whose voicemail is delivered posts it with both numbers, once the call has ended', async () => {
    const { steps, callSid } = await lab.place(scenarios['voicemail-delivered']);
    const posted = steps.filter(({ to, title }) => to === 'person' && title === 'a new voicemail');
    const ended = steps.findIndex(({ title }) => title === 'ends the call');

    expect(posted.map(({ content }) => JSON.parse(content))).toEqual([
      {
        text: expect.stringMatching(
          /^Voicemail for \+15550100110 from \+15550100142, 8 s: https:\/\/api\.twilio\.com\//,
        ),
        called: '+15550100110',
        caller: labNumbers.caller,
        seconds: 8,
        recordingUrl: expect.stringMatching(/\/Recordings\/RE/),
        callSid,
      },
    ]);
    expect(steps.findIndex(({ title }) => title === 'a new voicemail')).toBeGreaterThan(ended);
  });

  test('brings the prepared call and the CallSid to the trunk, byte for byte', async () => {
    const { steps, callSid } = await lab.place(scenarios.answered);
    const invite = steps.find(({ title }) => title === 'INVITE')?.content ?? '';
    const answer = steps.find(({ from }) => from === 'Synthflow API')?.content ?? '{}';

    expect(invite.split('\r\n')).toContain(`X-EI: S.${JSON.parse(answer).synthflow_call_id};E.${callSid};`);
    expect(invite.startsWith(`INVITE sip:${labNumbers.called}@127.0.0.1:`)).toBe(true);
  });

  test('to a SIP address registers and dials the number in it', async () => {
    const { steps } = await lab.place(scenarios['sip-called']);
    const prepared = steps.find(({ to }) => to === 'Synthflow API')?.content ?? '{}';

    expect(JSON.parse(prepared)).toMatchObject({ to_number: labNumbers.called });
    expect(steps.find(({ title }) => title === 'INVITE')?.content).toContain(`INVITE sip:${labNumbers.called}@`);
  });

  test('that is joined to a person comes back to the own host of the region, whatever termination was dialled', async () => {
    const { steps } = await lab.place(scenarios['transfer-warm']);
    const documents = steps.filter(({ from, to }) => from === 'function' && to === 'Twilio');

    // The lab dials its trunk by a custom termination.
    expect(documents[0]?.content).toContain('@127.0.0.1:');
    expect(documents[1]?.content).toContain('sip:0875704225817263@sipin.synthflow.ai:32681');
  });

  test('dialled directly brings the CallSid alone', async () => {
    const { steps, callSid } = await lab.place(scenarios['direct-dial']);
    const invite = steps.find(({ title }) => title === 'INVITE')?.content ?? '';

    expect(invite.split('\r\n')).toContain(`X-EI: E.${callSid};`);
  });

  test('cancels the INVITE that rings too long', async () => {
    const { steps } = await lab.place(scenarios['no-answer']);
    const sip = steps
      .filter(({ from, to }) => from === 'Synthflow SIP' || to === 'Synthflow SIP')
      .map(({ title }) => title);

    expect(sip).toEqual(expect.arrayContaining(['INVITE', '180 Ringing', 'CANCEL', '487 Request Terminated']));
    expect(sip.indexOf('CANCEL')).toBeGreaterThan(sip.indexOf('180 Ringing'));
  });

  test('shows neither the key nor the signing token in anything that it tells', async () => {
    const told = JSON.stringify(await lab.place(scenarios.unauthorized));

    expect(told).not.toContain('lab-api-key');
    expect(told).not.toContain(labAuthToken);
  });
});

/** Whether a server that listens at this port of 127.0.0.1 also listens at another address of this machine. */
function isOpenElsewhere(port: number): Promise<boolean> {
  // All of 127.0.0.0/8 is this machine on Linux; only a server on every interface listens there.
  const socket = connect({ port, host: '127.0.0.2' });
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

describe('What the lab starts', () => {
  test('listens on this machine only: page, gateway, emulator, API and SIP', async () => {
    const synthflow = await startSynthflow('key');
    const emulator = await startEmulator({ env: {}, warm: true });
    const gateway = await startGateway(emulator);
    const sip = await startSipAgent(
      'test',
      () => undefined,
      (invite) => invite.refuse(403, 'Forbidden'),
    );
    const page = await startLabServer(lab, { settings: async () => settings, source: 'its own', pace: 25 });
    const open = createServer();
    await new Promise<void>((done) => open.listen(0, done));
    const { port } = open.address() as AddressInfo;
    const ports = [synthflow.apiUrl, emulator.url, gateway.url, `http://${sip.address}`, page.url].map((url) =>
      Number(new URL(url).port),
    );
    const found = await Promise.all([port, ...ports].map(isOpenElsewhere));
    open.close();
    sip.stop();
    await Promise.all([page.stop(), gateway.stop(), emulator.stop(), synthflow.stop()]);

    // The first one is open on purpose, to show that the test can tell.
    expect(found).toEqual([true, ...ports.map(() => false)]);
  });
});

describe('The first call of a lab', () => {
  test('waits as long as any other for an API that does not answer', async () => {
    const fresh = await startLab({ secondMs: 40 });
    const { warnings, log } = await fresh.place(scenarios.slow).finally(fresh.stop);

    expect(warnings).toEqual([]);
    expect(log).toEqual([expect.stringContaining('"reason":"timeout"')]);
  });
});

describe('The lab', () => {
  test('starts a process for each request when asked for a cold instance', async () => {
    const { reached, log } = await lab.place(scenarios.answered, { cold: true });

    expect(reached).toBe(true);
    expect(log).toHaveLength(2);
  });

  test('places the call between the parties that it is given', async () => {
    const { steps } = await lab.place(scenarios.outage, {
      caller: 'anonymous',
      called: '+15550100177',
      forwardedFrom: '+15550100155',
    });

    expect(steps.find(({ title }) => title.startsWith('POST /inbound'))?.content.split('\n')).toEqual(
      expect.arrayContaining(['From=anonymous', 'To=+15550100177', 'ForwardedFrom=+15550100155']),
    );
  });

  test('talks to the real API of the settings when asked to, with its key, and plays the faults with the stand-in', async () => {
    const apiKey = 'real-api-key-9876543210';
    const realApi = await startSynthflow(apiKey);
    const env = {
      SYNTHFLOW_API_KEY: apiKey,
      SYNTHFLOW_MODEL_ID: 'real-agent',
      SYNTHFLOW_WORKSPACE_ID: 'real-workspace',
      SYNTHFLOW_API_URL: realApi.apiUrl,
    };
    const realLab = await startLab({ secondMs: 40, settings: async () => ({ environment: env, numbers: {} }) });
    const good = await realLab.place(scenarios.answered, { realApi: true });
    const bad = await realLab.place(scenarios.unauthorized, { realApi: true });
    await realLab.stop();
    await realApi.stop();

    expect(good.reached).toBe(true);
    expect(outcomesOf(bad)).toEqual(['message unauthorized']);
    expect(realApi.exchanges.map(({ body }) => JSON.parse(body))).toMatchObject([
      { model_id: 'real-agent', workspace_id: 'real-workspace' },
    ]);
    expect(JSON.stringify([good, bad])).not.toContain(apiKey);
  });

  test('masks the key of the real API, which an API that describes the request gives back', async () => {
    const apiKey = 'real-api-key-9876543210';
    const echo = createHttpServer(({ headers }, response) => {
      response.writeHead(422, { 'content-type': 'application/json' }).end(JSON.stringify({ detail: headers }));
    });
    const apiUrl = `http://127.0.0.1:${await listen(echo)}/v2`;
    const env = { SYNTHFLOW_API_KEY: apiKey, SYNTHFLOW_MODEL_ID: 'real-agent', SYNTHFLOW_API_URL: apiUrl };
    const realLab = await startLab({ secondMs: 40, settings: async () => ({ environment: env, numbers: {} }) });
    const told = JSON.stringify(await realLab.place(scenarios.answered, { realApi: true }).finally(realLab.stop));
    echo.close();
    echo.closeAllConnections();

    expect(told).toContain('Bearer •••');
    expect(told).not.toContain(apiKey);
  });
});
