import { spawn, spawnSync } from 'node:child_process';
import fs, { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { startEmulator } from '../../lab/twilio/emulator';
import { makeTemporaryFolder, programFile, removeLeftOvers, runProgram } from '../../tools/program';

const root = resolve(__dirname, '../..');
const cwd = root;
const temporary = join(root, '.tmp');
const run = (code: string, deadlineMs = 110_000) =>
  runProgram('the program', ['--eval', code], { cwd, deadlineMs, env: { PROGRAM_TEST: 'seen' } });

describe('A program', () => {
  test('gets variables, and no colours, whatever the terminal', async () => {
    const code = 'process.exit(process.env.PROGRAM_TEST === "seen" && process.env.FORCE_COLOR === "0" ? 0 : 1)';

    await expect(run(code)).resolves.toBeUndefined();
  });

  test('that fails shows its whole output', async () => {
    await expect(run('console.log("one"); console.error("two"); process.exitCode = 3')).rejects.toThrow(
      /^the program ended with 3:\n(one\ntwo|two\none)\n$/,
    );
  });

  test('that does not end is killed at its deadline, with what it started, and shows its output', async () => {
    const code = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1000)']);
      child.once('spawn', () => console.log(child.pid));
      setInterval(() => undefined, 1000)`;
    const failure = await run(code, 5000).then(() => '', String);

    expect(failure).toMatch(/^Error: the program did not end within 5 s:\n\d+\n$/);
    await untilEnded(Number(/\n(\d+)\n/.exec(failure)?.[1]));
  });

  test('of a package is found where Node.js finds the package', () => {
    expect(programFile('twilio-run')).toBe(require.resolve('twilio-run/bin/twilio-run.js'));
    expect(programFile('typescript', 'tsc')).toMatch(/[/\\]typescript[/\\]bin[/\\]tsc$/);
  });
});

/** Resolves once no process has this id. */
async function untilEnded(pid: number): Promise<void> {
  const isRunning = (): boolean => spawnSync('kill', ['-0', `${pid}`]).status === 0;
  while (isRunning()) await new Promise((done) => setTimeout(done, 20));
}

describe('The emulator', () => {
  test('that does not serve in time is stopped, with its output in the error and no folder left', async () => {
    const before = readdirSync(temporary);

    await expect(startEmulator({ env: {}, warm: true, deadlineMs: 1 })).rejects.toThrow(
      /^twilio-run did not serve within 0.001 s:\n/,
    );
    expect(
      readdirSync(temporary).filter((name) => !before.includes(name) && name.includes(`-${process.pid}-`)),
    ).toEqual([]);
  });
});

describe('A temporary folder', () => {
  test('can be read by this user alone, and is gone once it is removed', () => {
    const folder = makeTemporaryFolder('test');
    const { mode } = statSync(folder.path);
    folder.remove();

    expect(mode & 0o077).toBe(0);
    expect(existsSync(folder.path)).toBe(false);
  });

  const inChild = (code: string) => {
    const module = join(root, 'tools/program.ts');
    const script = `const { makeTemporaryFolder } = require(${JSON.stringify(module)}); const { path } = makeTemporaryFolder('test'); console.log(path); ${code}`;
    return spawn(process.execPath, ['--import', 'tsx', '--eval', script], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };
  const pathOf = async (child: ReturnType<typeof inChild>): Promise<string> =>
    String(await new Promise((done) => child.stdout?.once('data', done))).trim();

  test.each(['process.exit(1)', 'throw new Error("on purpose")'])(
    'is gone once its process has ended: %s',
    async (code) => {
      const child = inChild(code);
      const path = await pathOf(child);
      await new Promise((done) => child.once('close', done));

      expect(existsSync(path)).toBe(false);
    },
  );

  test('of a process that was killed is removed by the next one', async () => {
    const child = inChild('setInterval(() => undefined, 1000)');
    const path = await pathOf(child);
    writeFileSync(join(path, 'env'), 'SECRET=x');
    child.kill('SIGKILL');
    await new Promise((done) => child.once('close', done));
    const wasLeft = existsSync(path);
    removeLeftOvers();

    expect([wasLeft, existsSync(path)]).toEqual([true, false]);
  });

  test('of a process that is running stays', async () => {
    const child = inChild('setInterval(() => undefined, 1000)');
    const path = await pathOf(child);
    removeLeftOvers();
    const isThere = existsSync(path);
    child.kill('SIGKILL');

    expect(isThere).toBe(true);
  });

  test.each([
    ['another host', (name: string) => name.replace(/-[0-9a-f]{8}-/, '-00000000-')],
    ['nobody who can be found', () => 'a-folder-of-somebody'],
  ])('of %s stays, although no process here has its id', async (_whose, rename) => {
    const child = inChild('process.kill(process.pid, "SIGKILL")');
    const path = await pathOf(child);
    await new Promise((done) => child.once('close', done));
    const other = join(dirname(path), rename(basename(path)));
    renameSync(path, other);
    removeLeftOvers();
    const isThere = existsSync(other);
    rmSync(other, { recursive: true });

    expect(isThere).toBe(true);
  });

  test('of an earlier process with the id of this one is removed', () => {
    const { path, remove } = makeTemporaryFolder('test');
    const earlier = path.replace(/-\d+-([^-]+)$/, '-1-$1');
    renameSync(path, earlier);
    removeLeftOvers();
    remove();

    expect(existsSync(earlier)).toBe(false);
  });

  test("that can't be removed is left, and stops nothing", () => {
    const remove = jest.spyOn(fs, 'rmSync').mockImplementation(() => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    });
    const { path } = makeTemporaryFolder('test');
    renameSync(path, path.replace(/-\d+-([^-]+)$/, '-1-$1'));
    expect(removeLeftOvers).not.toThrow();
    remove.mockRestore();
    removeLeftOvers();
  });

  test('is never committed, nor is any env file but the example', () => {
    const ignored = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');

    expect(ignored).toEqual(expect.arrayContaining(['.tmp/', '.env*', '*.env', '!.env.example']));
  });
});
