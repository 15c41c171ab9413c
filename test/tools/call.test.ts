import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { scenarios } from '../../lab/scenarios';
import { listsProcesses, processesWith } from '../setup/processes';

const root = resolve(__dirname, '../..');
interface Run {
  readonly exitStatus: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command behind `npm run call`, which `npm run` precedes by a build. */
function run(
  args: readonly string[],
  env: Record<string, string> = {},
  onStderr: (child: ChildProcess, stderr: string) => void = () => undefined,
): Promise<Run> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tools/call.ts', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr(child, stderr);
  });
  return new Promise((done) => child.on('close', (exitStatus) => done({ exitStatus, stdout, stderr })));
}

describe('npm run call', () => {
  test('shows a call that reaches the agent, step by step, and exits with 0', async () => {
    const { exitStatus, stdout } = await run([]);

    expect(exitStatus).toBe(0);
    const steps = [
      'POST /inbound, signed',
      'POST /v2/prepare_inbound',
      '"call_status":"registered"',
      '<Dial ',
      'INVITE',
    ];
    const places = steps.map((step) => stdout.indexOf(step));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout).toMatch(/X-EI: S\.[0-9a-f-]{36};E\.CA[0-9a-f]{32};\n/);
    expect(stdout).toMatch(/Heard +ringing\n +the agent\nLog +\{/);
  });

  test('exits with 1 when the caller gets the fallback, and prints one JSON object for machines', async () => {
    const { exitStatus, stdout } = await run(['--scenario', 'outage', '--json']);

    expect(exitStatus).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      scenario: 'outage',
      reached: false,
      heard: [{ what: expect.stringContaining('We are sorry') }],
    });
    expect(stdout).not.toContain('Bearer');
  });

  test('exits with 2 and the list of scenarios for a name that does not exist', async () => {
    const { exitStatus, stdout, stderr } = await run(['--scenario', 'nonsense', '--json']);

    expect(exitStatus).toBe(2);
    expect(stderr).toContain('--scenario: expected one of the list below; found "nonsense".');
    for (const name of Object.keys(scenarios)) expect(stderr).toContain(`  ${name} `);
    expect(JSON.parse(stdout)).toEqual({ ok: false, error: stderr.trimEnd() });
  });

  test('exits with 2 and says that the call could not be placed, for an option that does not exist', async () => {
    const { exitStatus, stderr } = await run(['--nonsense']);

    expect(exitStatus).toBe(2);
    expect(stderr).toMatch(/^The call could not be placed: .*--nonsense/);
  });

  const onLinux = listsProcesses ? test : test.skip;
  if (!listsProcesses) console.warn('skipped: only Linux lists the environment of processes');

  onLinux.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing running after %s in the middle of a call',
    async (signal) => {
      // The emulator and all that it starts inherit this mark.
      const value = randomUUID();
      const interrupt = async (child: ChildProcess): Promise<void> => {
        while (processesWith(`LAB_MARK=${value}`).length < 2) await new Promise((done) => setTimeout(done, 20));
        child.kill(signal);
      };
      let asked = false;
      const { exitStatus, stdout, stderr } = await run(['--scenario', 'slow'], { LAB_MARK: value }, (child) => {
        if (!asked) void interrupt(child);
        asked = true;
      });

      expect({ exitStatus, stdout }).toEqual({ exitStatus: 130, stdout: '' });
      expect(stderr).toMatch(/Stopped; nothing is left running\.\n$/);
      // A killed process is listed until the system has taken it away.
      while (processesWith(`LAB_MARK=${value}`).length > 0) await new Promise((done) => setTimeout(done, 20));
    },
  );
});
