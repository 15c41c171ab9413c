import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CommandName } from '../setup/command';
import { credentials, secrets, settings, useStandIn } from '../setup/live';
import { listsProcesses, processesWith } from '../setup/processes';
import { numberOf } from '../setup/twilio-api';

const { api, place, deployed } = useStandIn();
const root = resolve(__dirname, '../..');

describe('package.json', () => {
  test.each<CommandName>(['build', 'deploy', 'check', 'wire', 'calls', 'probe', 'call', 'lab'])(
    'runs %s, whose help begins with its name',
    async (command) => {
      const npm = ['run', '--silent', command, '--', '--help'];
      const { stdout } = await promisify(execFile)('npm', npm, { cwd: root });

      expect(stdout).toMatch(new RegExp(`^npm run ${command} -- `));
    },
  );
});

describe("The owner's code", () => {
  test.each([
    ['process.exit(0);', 'process.exit was called'],
    ["void (async () => { throw new Error('broken'); })();", 'broken'],
    ["setImmediate(() => { throw new Error('broken'); });", 'broken'],
  ])('neither ends a command nor prints into its result: %s', async (code, message) => {
    // A name that means something else in a URL.
    const { project, start } = place(settings, 'project #1 100%');
    const prints = "console.info('printed'); process.stdout.write('printed');";
    writeFileSync(join(project, 'src/assets/numbers.private.ts'), `${prints}\n${code}\nexport const numbers = {};\n`);
    const { exitStatus, stdout, stderr } = await start('check', ['--offline', '--json']).ended;
    const { error } = JSON.parse(stdout);

    expect(exitStatus).toBe(1);
    expect(error).toMatch(
      /^The check could not run: src\/assets\/numbers\.private\.ts:2:\d+: expected a number table /,
    );
    expect(error).toContain(message);
    expect(stderr).toContain('printed');
  });
});

if (!listsProcesses) console.warn('skipped: only Linux lists the environment of processes');
const onLinux = listsProcesses ? describe : describe.skip;

/** The texts of a folder's files. */
function textOf(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

onLinux('Ctrl-C', () => {
  const number = '+15550101001';
  const runs = (program: string) => (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program);

  test.each<[CommandName, readonly string[], string, RegExp | 'compiler' | 'emulator']>([
    ['build', [], 'compiles', 'compiler'],
    ['deploy', [], 'uploads', /^serverless-upload\.twilio\.com/],
    ['check', [], 'requests the agent', /synthflow\.ai/],
    ['wire', [number, '--yes'], 'changes the number', /IncomingPhoneNumbers\/\w+\.json/],
    ['calls', ['--follow'], 'reads the calls', /Calls\.json/],
    ['call', [], 'starts the emulator', 'emulator'],
    ['lab', [], 'serves the page', 'emulator'],
  ])('ends %s %j while it %s, and leaves no process, no folder and no secret', async (command, args, _what, where) => {
    if (command !== 'deploy') deployed();
    api().numbers.push(numberOf(number, 0));
    if (where instanceof RegExp) api().fail(where, 'hang', 1);
    const workplace = place({ ...settings, ...credentials }, true);
    // Another source than any that was compiled before.
    appendFileSync(join(workplace.project, 'src/assets/numbers.private.ts'), `// ${randomUUID()}\n`);
    const mark = randomUUID();
    const running = workplace.start(command, args, { INTERRUPTED_MARK: mark });
    const isThere = (): boolean => {
      if (where instanceof RegExp) return api().arrivals.some(({ host, path }) => where.test(`${host}${path}`));
      if (where === 'compiler') return processesWith(mark).some(runs('--outDir'));
      return command === 'lab' ? hasPrinted : processesWith(mark).some(runs('twilio-run'));
    };
    let hasPrinted = false;
    running.printed(/Ctrl-C ends it/).then(
      () => (hasPrinted = true),
      () => undefined,
    );
    let hasEnded = false;
    void running.ended.then(() => (hasEnded = true));
    while (!isThere() && !hasEnded) await pause(20);
    const endedBefore = hasEnded;
    running.kill('SIGINT');
    const { exitStatus, stderr } = await running.ended;
    const folder = join(workplace.project, '.tmp');

    expect({ endedBefore, exitStatus, stderr }).toMatchObject({ endedBefore: false, exitStatus: 130 });
    expect(stderr).toContain('Stopped; nothing is left running.\n');
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
    for (const secret of secrets) expect(textOf(workplace.project)).not.toContain(secret);
    // A killed process is listed until the system has taken it away.
    while (processesWith(mark).length > 0) await pause(20);
  });

  test('is what a closed pipe does, too', async () => {
    deployed();
    const running = place({ ...settings, ...credentials }).start('calls', ['--follow']);
    api().logs.push({ message: '{"event":"inbound","outcome":"agent"}', date_created: new Date().toISOString() });
    await running.printed(/^time/);
    running.closeStdout();
    api().logs.push({ message: '{"event":"inbound","outcome":"message"}', date_created: new Date().toISOString() });

    expect((await running.ended).stderr).toBe('Stopped; nothing is left running.\n');
  }, 60_000);
});
