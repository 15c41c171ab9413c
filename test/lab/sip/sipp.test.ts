import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import axios from 'axios';
import { startCallTime, startClock } from '../../../lab/clock';
import { freePort } from '../../../lab/http';
import { startLab } from '../../../lab/lab';
import { startSynthflow } from '../../../lab/synthflow/api';
import { startTrunk } from '../../../lab/synthflow/trunk';
import { createRecorder } from '../../../tools/story/recorder';

const installed = spawnSync('sipp', ['-v']).error === undefined;
if (!installed) console.warn("skipped: sipp is not installed; it is Debian's package sip-tester");
const withSipp = installed ? describe : describe.skip;
let folder: string;
beforeEach(() => {
  // The package `sip` tells the console of every TCP connection that its peer closes.
  jest.spyOn(console, 'log').mockImplementation();
  folder = mkdtempSync(join(tmpdir(), 'bridge-sipp-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs one call of sipp, bounded to 60 s; resolves with its exit status and all messages that it saw. */
async function sipp(
  ...args: readonly string[]
): Promise<{ exitStatus: number | null; messages: string; errors: string }> {
  const [log, errors] = [join(folder, 'messages.log'), join(folder, 'errors.log')];
  const traces = ['-trace_msg', '-message_file', log, '-trace_err', '-error_file', errors];
  const bounds = ['-m', '1', '-timeout', '60s', '-timeout_error', '-nostdin'];
  const child = spawn('sipp', [...args, '-i', '127.0.0.1', ...bounds, ...traces], { cwd: folder, stdio: 'ignore' });
  const exitStatus = await new Promise<number | null>((done) => child.on('close', done));
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  return { exitStatus, messages: read(log), errors: read(errors) };
}

withSipp('An independent SIP program', () => {
  test.each([
    ['udp', 'u1'],
    ['tcp', 't1'],
  ])("as the trunk takes the carrier's INVITE over %s, with X-EI byte for byte", async (transport, mode) => {
    const port = await freePort();
    const trunk = sipp('-sn', 'uas', '-p', `${port}`, '-t', mode);
    const lab = await startLab({ secondMs: 200 });
    const env = { SYNTHFLOW_SIP_TERMINATION: `127.0.0.1:${port}`, SYNTHFLOW_SIP_TRANSPORT: transport };
    const { callSid, steps, heard } = await lab.place({
      title: 'sipp is the trunk',
      hears: 'rings, agent',
      env,
      hangsUpAfterSeconds: 10,
    });
    const { exitStatus, messages, errors } = await trunk;
    await lab.stop();

    expect({ exitStatus, errors }).toEqual({ exitStatus: 0, errors: '' });
    const answer = steps.find(({ from }) => from === 'Synthflow API')?.content ?? '{}';
    expect(heard.map(({ what }) => what)).toEqual(['ringing', 'the agent']);
    expect(messages.split(/\r?\n/)).toContain(`X-EI: S.${JSON.parse(answer).synthflow_call_id};E.${callSid};`);
    expect(messages).toMatch(/^BYE /m);
  });

  describe('as the caller', () => {
    const apiKey = 'test-api-key-0123456789';
    const body = { from_number: '+15550100142', to_number: '+15550100100', model_id: 'agent', custom_variables: {} };

    async function callSynthflow(token: (prepared: string) => string, times = 1) {
      const synthflow = await startSynthflow(apiKey);
      const prepared = { claim: (id: string) => synthflow.claim(id), directDial: () => false };
      const clock = startClock(200);
      const trunk = await startTrunk(
        prepared,
        () => ({ kind: 'talks', seconds: 5 }),
        clock,
        () => createRecorder([], startCallTime(clock)),
      );
      const { data } = await axios.post(`${synthflow.apiUrl}/prepare_inbound`, body, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      writeFileSync(
        join(folder, 'calls.csv'),
        `SEQUENTIAL\n${token(data.synthflow_call_id)};CA0123456789abcdef0123456789abcdef\n`,
      );
      const scenario = resolve(__dirname, '../../fixtures/sipp-caller.xml');
      const runs = [];
      for (let run = 0; run < times; run += 1) {
        runs.push(
          await sipp('-sf', scenario, '-inf', join(folder, 'calls.csv'), '-p', `${await freePort()}`, trunk.address),
        );
      }
      clock.stop();
      trunk.stop();
      await synthflow.stop();
      return runs;
    }

    test('reaches the Synthflow user agent with the id of a prepared call', async () => {
      const [run] = await callSynthflow((prepared) => prepared);

      expect(run?.messages).toContain('SIP/2.0 200 OK');
      expect(run?.exitStatus).toBe(0);
    });

    test('is refused with 404 for an unknown id, and for one that was used', async () => {
      const [unknown] = await callSynthflow(() => 'unknown');
      const [, reused] = await callSynthflow((prepared) => prepared, 2);

      for (const run of [unknown, reused]) {
        expect(run?.errors).toContain('SIP/2.0 404 Not Found');
        expect(run?.exitStatus).toBe(1);
      }
    });
  });
});
