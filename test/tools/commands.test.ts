import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { call } from '../../lab/call';
import { lab } from '../../lab/serve';
import { calls } from '../../tools/calls/calls';
import { check } from '../../tools/check/check';
import { ageProblem } from '../../tools/command';
import { deploy } from '../../tools/deploy/deploy';
import { probe } from '../../tools/probe/probe';
import { wire } from '../../tools/wire/wire';
import { type CommandName, commands, shellOf } from '../setup/command';
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

describe('An option before the --, which npm takes for its own,', () => {
  const options: readonly (readonly [CommandName, readonly string[]])[] = [
    ['deploy', Object.keys(deploy.options)],
    ['check', Object.keys(check.options)],
    ['wire', Object.keys(wire.options)],
    ['calls', Object.keys(calls.options)],
    ['probe', Object.keys(probe.options)],
    ['call', Object.keys(call.options)],
    ['lab', Object.keys(lab.options)],
  ];
  // npm takes these two in other ways: as its own log level, which changes no result, and as NODE_ENV.
  const cases = options.flatMap(([command, names]) =>
    names.filter((name) => name !== 'verbose' && name !== 'production').map((option) => ({ command, option })),
  );

  /** The environment that npm gives a script with these options before the `--`. */
  async function environmentAfter(...words: readonly string[]): Promise<Record<string, string>> {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-npm-'));
    const print = 'node -p "JSON.stringify(process.env)"';
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { print } }));
    // Without what the npm that runs the tests was given, such as npx --yes.
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_config_'));
    const options = { cwd: folder, env: Object.fromEntries(own) };
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'print', ...words], options);
    rmSync(folder, { recursive: true });
    return JSON.parse(stdout);
  }

  let left: Record<string, string>;
  beforeAll(async () => {
    const misspelt = ['--outge', '--min=95', '--enviroment=stage', '--scenaro=outage'];
    left = await environmentAfter(...new Set(cases.map(({ option }) => `--${option}=x`)), ...misspelt, '--production');
  });

  test.each(cases)('stops the command: npm run $command --$option', async ({ command, option }) => {
    const name = `npm_config_${option === 'to' ? 'token_description' : option.replaceAll('-', '_')}`;
    const stderr = new PassThrough();
    const exitStatus = await commands[command](shellOf({ env: { [name]: left[name] }, stderr }));

    expect(exitStatus).not.toBe(0);
    expect(String(stderr.read())).toContain(
      `npm took --${option} for an option of its own: write npm run ${command} -- --${option}`,
    );
  });

  test.each<[CommandName, string, string]>([
    ['wire', 'outge', 'outage'],
    ['calls', 'min', 'min-agent-share'],
    ['deploy', 'enviroment', 'environment'],
    ['call', 'scenaro', 'scenario'],
  ])('stops the command also if it is misspelt or cut short: npm run %s --%s', async (command, word, option) => {
    const stderr = new PassThrough();
    const name = `npm_config_${word}`;
    const exitStatus = await commands[command](shellOf({ env: { [name]: left[name] }, stderr }));

    expect(left).toHaveProperty(name);
    expect(exitStatus).not.toBe(0);
    expect(String(stderr.read())).toMatch(new RegExp(`npm run ${command} -- --${option}`));
  });

  test('stops the command also if it has no value', async () => {
    const stderr = new PassThrough();
    const exitStatus = await commands.deploy(shellOf({ env: await environmentAfter('--environment='), stderr }));

    expect(exitStatus).not.toBe(0);
    expect(String(stderr.read())).toContain('npm run deploy -- --environment');
  });

  test('is repeated with all else that was typed, so that the advice is the command that was meant', async () => {
    const stderr = new PassThrough();
    const args = ['+15550101001'];
    const env = { npm_config_outage: 'true', npm_config_yes: 'true', NODE_ENV: 'production' };
    await commands.wire(shellOf({ args, env, stderr }));

    expect(String(stderr.read())).toContain(
      'npm took --yes and --outage for an option of its own: write npm run wire -- +15550101001 --yes --outage --production,',
    );
  });

  test('stops the command under each name that a version of npm gives it', async () => {
    const stderr = new PassThrough();
    const exitStatus = await commands.call(shellOf({ env: { npm_config_to: '+15550100177' }, stderr }));

    expect(exitStatus).toBe(2);
    expect(String(stderr.read())).toContain('npm run call -- --to +15550100177,');
  });

  test('is no obstacle where it is one of npm, whatever the environment that npm gives', async () => {
    const env = await environmentAfter('--cache=/tmp/x', '--loglevel=silent', '--force', '--omit=dev', '--prefix=.');
    const { exitStatus } = await place(settings).run('check', ['--offline'], { env });

    expect(exitStatus).toBe(0);
  });

  test('is no obstacle where it stands behind the --, too', async () => {
    const { exitStatus } = await place(settings).run('check', ['--offline'], { env: { npm_config_offline: 'true' } });

    expect(exitStatus).toBe(0);
  });

  test.each<[CommandName, readonly string[]]>([
    ['deploy', []],
    ['check', []],
    ['wire', ['+15550101001']],
    ['calls', []],
    ['probe', ['+15550101001']],
    ['lab', ['--live']],
  ])('stops the command also as --production, of which npm leaves NODE_ENV: npm run %s', async (command, args) => {
    const { NODE_ENV = '' } = left;
    const unsure = await place({ ...settings, ...credentials }).run(command, args, { env: { NODE_ENV } });

    expect(unsure.exitStatus).not.toBe(0);
    expect(unsure.stderr).toContain(
      'NODE_ENV is production: say which environment, with -- --production or -- --environment dev\n',
    );
    expect(api().arrivals).toEqual([]);
  });
});

test.each([
  ['18.20.4', 'expected Node.js 20.18, 22, 24 or 26; found 18.20.4'],
  ['20.17.0', 'expected Node.js 20.18, 22, 24 or 26; found 20.17.0'],
  ['20.18.0', undefined],
  ['22.13.0', undefined],
  ['26.0.0', undefined],
])('A command needs a Node.js that it runs on: %s', (version, problem) => {
  expect(ageProblem(version)).toBe(problem);
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

  const activation = /\/Deployments$/;
  const stoppedActivation =
    /\nIt may go live all the same, or its settings may count for the code of before: run it again\nStopped\.\n$/;

  test.each<[CommandName, readonly string[], string, RegExp | 'compiler' | 'emulator']>([
    ['build', [], 'compiles', 'compiler'],
    ['deploy', ['--yes'], 'uploads', /^serverless-upload\.twilio\.com/],
    ['deploy', ['--yes'], 'activates the build', activation],
    ['check', [], 'requests the agent', /synthflow\.ai/],
    ['wire', [], 'lists the numbers', /IncomingPhoneNumbers\.json/],
    ['wire', [number, '--yes'], 'looks for the region of a number', /^routes\.twilio\.com/],
    ['wire', [number, '--yes'], 'changes the number', /IncomingPhoneNumbers\/\w+\.json/],
    ['calls', ['--follow'], 'reads the calls', /Calls\.json/],
    ['call', [], 'starts the emulator', 'emulator'],
    ['lab', [], 'serves the page', 'emulator'],
  ])('ends %s %j while it %s, and leaves no process, no folder and no secret', async (command, args, _what, where) => {
    deployed();
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
    expect(stderr).toMatch(where === activation ? stoppedActivation : /Stopped; nothing is left running\.\n/);
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
