import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Lab, startLab } from '../../lab/lab';
import { startLabServer } from '../../lab/page/lab-server';
import { labNumbers, scenarios } from '../../lab/scenarios';
import { labEnvironment } from '../../lab/settings';
import { startSipAgent } from '../../lab/sip/user-agent';
import { startSynthflow } from '../../lab/synthflow/api';
import { startEmulator } from '../../lab/twilio/emulator';
import { startGateway } from '../../lab/twilio/gateway';
import { listsProcesses, processesWith } from '../setup/processes';

const settings = { environment: labEnvironment, numbers: {} };
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ secondMs: 40, settings: async () => settings });
});
afterAll(() => lab.stop());

describe('A call through carrier, gateway, emulator and SIP', () => {
  test('brings the prepared call and the CallSid to the trunk, byte for byte', async () => {
    const { steps, callSid } = await lab.place(scenarios.answered);
    const invite = steps.find(({ title }) => title === 'INVITE')?.content ?? '';
    const answer = steps.find(({ from }) => from === 'Synthflow API')?.content ?? '{}';

    expect(invite.split('\r\n')).toContain(`X-EI: S.${JSON.parse(answer).synthflow_call_id};E.${callSid};`);
    expect(invite.startsWith(`INVITE sip:${labNumbers.called}@127.0.0.1:`)).toBe(true);
  });

  test('posts its voicemail with both numbers, once the call has ended', async () => {
    const { steps, callSid } = await lab.place(scenarios.closed);
    const posted = steps.filter(({ to, title }) => to === 'person' && title === 'POST NOTIFY_URL');
    const ended = steps.findIndex(({ title }) => title === 'ends the call');

    expect(posted.map(({ content }) => JSON.parse(content))).toEqual([
      {
        type: 'voicemail',
        text: expect.stringMatching(
          /^Voicemail for \+15550100105 from \+15550100142, 8 s: https:\/\/api\.twilio\.com\//,
        ),
        called: '+15550100105',
        caller: labNumbers.caller,
        seconds: 8,
        recordingUrl: expect.stringMatching(/\/Recordings\/RE/),
        consoleUrl: `https://console.twilio.com/us1/monitor/logs/calls/${callSid}`,
        callSid,
      },
    ]);
    expect(steps.findIndex(({ title }) => title === 'POST NOTIFY_URL')).toBeGreaterThan(ended);
  });

  test.each([
    [undefined, true],
    [true, false],
  ] as const)(
    'tells the owner of a missed call before the caller hears the message, if it can (%s)',
    async (fails, isTold) => {
      const { steps, log, heard } = await lab.place({ ...scenarios.missed, ...(fails && { noticesFail: fails }) });
      const posted = steps.filter(({ title }) => title === 'POST NOTIFY_URL');
      const lines = log.map((line) => JSON.parse(line));

      expect(posted.map(({ content }) => JSON.parse(content))).toMatchObject([
        { type: 'missed_call', called: '+15550100107', caller: labNumbers.caller, reason: 'busy' },
      ]);
      expect(lines.map(({ outcome, notified }) => [outcome, notified])).toEqual([
        ['word', undefined],
        ['person', undefined],
        ['message', isTold],
      ]);
      expect(heard.at(-1)?.what).toMatch(/^"We are sorry/);
    },
  );

  test("comes back to the region's own host for a warm transfer, whatever termination was dialled", async () => {
    const { steps } = await lab.place(scenarios['transfer-warm']);
    const documents = steps.filter(({ from, to }) => from === 'function' && to === 'Twilio');

    // The lab dials its trunk by a custom termination.
    expect(documents[0]?.content).toContain('@127.0.0.1:');
    expect(documents[1]?.content).toContain('sip:0875704225817263@sipin.synthflow.ai:32681');
  });

  test('cancels the INVITE that rings too long', async () => {
    const { steps } = await lab.place(scenarios['no-answer']);
    const sip = steps
      .filter(({ from, to }) => from === 'Synthflow SIP' || to === 'Synthflow SIP')
      .map(({ title }) => title);

    expect(sip).toEqual(expect.arrayContaining(['INVITE', '180 Ringing', 'CANCEL', '487 Request Terminated']));
    expect(sip.indexOf('CANCEL')).toBeGreaterThan(sip.indexOf('180 Ringing'));
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

describe('The lab', () => {
  test('listens on this machine only: page, gateway, emulator, API and SIP', async () => {
    const synthflow = await startSynthflow('key');
    const emulator = await startEmulator({ env: {}, warm: true });
    const gateway = await startGateway(emulator);
    const sip = await startSipAgent(
      'test',
      () => undefined,
      (invite) => invite.refuse(403, 'Forbidden'),
    );
    const page = await startLabServer(lab, { settings: async () => settings, source: () => 'its own', pace: 25 });
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

  test('starts a process for each request of a cold instance', async () => {
    const { reached, log } = await lab.place(scenarios.answered, { cold: true });

    expect(reached).toBe('agent');
    expect(log).toHaveLength(2);
  });

  const onLinux = listsProcesses ? test : test.skip;
  if (!listsProcesses) console.warn('skipped: only Linux lists the environment of processes');

  onLinux('calls it a fault of its own when its emulator ends during a call, and starts another one', async () => {
    const own = await startLab({ secondMs: 40, settings: async () => settings });
    const before = processesWith('LAB_TOKEN=');
    const isOwn = (pid: string): boolean =>
      !before.includes(pid) && readFileSync(`/proc/${pid}/status`, 'utf8').includes(`PPid:\t${process.pid}\n`);
    let isKilled = false;
    const broken = own.place(scenarios['no-answer'], {}, ({ steps }) => {
      if (isKilled || !steps.some(({ title }) => title === 'INVITE')) return;
      isKilled = true;
      for (const pid of processesWith('LAB_TOKEN=').filter(isOwn)) process.kill(Number(pid), 'SIGKILL');
    });
    const failure = await broken.then(() => '', String);
    const next = await own.place(scenarios.answered).finally(own.stop);

    expect(failure).toContain("Twilio's emulator ended during the call: a fault of the lab, not of the bridge");
    expect(failure).not.toContain('runbook');
    expect(next.reached).toBe('agent');
  });
});
