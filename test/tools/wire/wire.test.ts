import { execFileSync } from 'node:child_process';
import fs, { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommandRun, inTerminal } from '../../setup/command';
import { credentials, nowhere, resultOf, settings, useStandIn } from '../../setup/live';
import { domain, numberOf } from '../../setup/twilio-api';

const { api, place, deployed } = useStandIn();
const full = { ...settings, ...nowhere, ...credentials };

describe('npm run wire', () => {
  const first = '+15550101001';
  const wired = {
    voice_url: `https://${domain}/inbound`,
    voice_method: 'POST',
    voice_fallback_url: `https://${domain}/fallback.xml`,
    voice_fallback_method: 'GET',
  };
  beforeEach(() => {
    deployed();
    api().numbers.push(...Array.from({ length: 200 }, (_, index) => numberOf(`+1555010${1001 + index}`, index)));
  });

  test('points a number at the deployment, keeps what was there, and puts it back', async () => {
    const workplace = place(full);
    const done = await workplace.run('wire', [first, '--yes']);

    expect(done.exitStatus).toBe(0);
    expect(api().numbers[0]).toMatchObject(wired);
    const saved = JSON.parse(readFileSync(join(dirname(workplace.envFile), '.wired.json'), 'utf8'));
    expect(saved[first]).toEqual({
      before: {
        voiceUrl: 'https://example.com/old',
        voiceMethod: 'GET',
        voiceFallbackUrl: '',
        voiceFallbackMethod: 'POST',
      },
      after: {
        voiceUrl: `https://${domain}/inbound`,
        voiceMethod: 'POST',
        voiceFallbackUrl: `https://${domain}/fallback.xml`,
        voiceFallbackMethod: 'GET',
      },
    });

    const undone = await workplace.run('wire', ['--undo', '--yes']);
    expect(undone.exitStatus).toBe(0);
    expect(api().numbers[0]).toMatchObject({
      voice_url: 'https://example.com/old',
      voice_method: 'GET',
      voice_fallback_url: '',
    });
  });

  test("without numbers lists the account's and the table's, and where each points, and changes nothing", async () => {
    api().numbers.splice(0, 200, numberOf('+15550101002', 0), { ...numberOf(first, 1), ...wired });
    // A trunk holds it, so that its voice URL is not used.
    api().numbers.push({ ...numberOf('+15550101004', 3), ...wired, trunk_sid: 'TK1' });
    api().numbers.push({ ...numberOf('+15550101003', 2), voice_url: 'https://me:canary@example.com/?token=canary' });
    const workplace = place(full, true);
    const table = join(workplace.project, 'src/assets/numbers.private.ts');
    const entries = `{ '${first}': {}, '+15550101099': {} }`;
    writeFileSync(table, readFileSync(table, 'utf8').replace('= {}', `= ${entries}`));
    const { exitStatus, stdout } = await workplace.run('wire');
    const json = JSON.parse((await workplace.run('wire', ['--json'])).stdout);

    expect(exitStatus).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `${first}  wired here  in the number table  https://${domain}/inbound`,
      '+15550101002                                   https://example.com/old',
      '+15550101003                                   https://…@example.com/?…',
      '+15550101004                                   the SIP trunk TK1 holds it, so its voice URL would not be used',
      '+15550101099              in the number table  not in this account',
      '',
      `Nothing was changed. Name the numbers to wire: npm run wire -- +15550100100 --env ${workplace.envFile}`,
      '',
    ]);
    expect(json.numbers[0]).toEqual({
      number: first,
      pointsAt: `https://${domain}/inbound`,
      isWired: true,
      hasEntry: true,
    });
    expect(api().arrivals.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test('says in JSON what was there before, without a password', async () => {
    Object.assign(api().numbers[0] ?? {}, { voice_url: 'https://me:canary@example.com/old' });
    const { stdout } = await place(full).run('wire', [first, '--yes', '--json']);

    expect(JSON.parse(stdout).before).toEqual({
      [first]: {
        voiceUrl: 'https://…@example.com/old',
        voiceMethod: 'GET',
        voiceFallbackUrl: '',
        voiceFallbackMethod: 'POST',
      },
    });
  });

  test('changes nothing the second time, and keeps what was there before the first', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '--yes']);
    const before = api().arrivals.length;
    const { exitStatus, stdout } = await workplace.run('wire', [first, '--yes']);

    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/^ok +\+15550101001 +already points at the deployment\n$/);
    expect(
      api()
        .arrivals.slice(before)
        .filter(({ method }) => method === 'POST'),
    ).toEqual([]);
    expect(readFileSync(join(dirname(workplace.envFile), '.wired.json'), 'utf8')).toContain('example.com/old');
  });

  test('keeps what was there before the first wiring, however often it is wired', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '--yes']);
    await workplace.run('wire', [first, '--domain', 'voice.example.com', '--yes']);
    await workplace.run('wire', ['--undo', '--yes']);

    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  test('keeps what somebody has set meanwhile, when the number is wired again', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '--yes']);
    Object.assign(api().numbers[0] ?? {}, { voice_url: 'https://example.com/meanwhile' });
    await workplace.run('wire', [first, '--yes']);
    await workplace.run('wire', ['--undo', '--yes']);

    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/meanwhile' });
  });

  test('names a record that it cannot read, or cannot write', async () => {
    const workplace = place(full);
    const file = join(dirname(workplace.envFile), '.wired.json');
    const odd = [
      '{"+1555',
      'null',
      '[null]',
      '7',
      '{"+15550101001":null}',
      '{"+15550101001":{"before":{},"after":{}}}',
    ];
    const unread: CommandRun[] = [];
    for (const text of odd) {
      writeFileSync(file, text);
      unread.push(await workplace.run('wire', ['--undo', '--yes']));
    }
    rmSync(file);
    mkdirSync(file);
    unread.push(await workplace.run('wire', [first, '--yes']));
    rmSync(file, { recursive: true });
    execFileSync('mkfifo', [file]);
    unread.push(await workplace.run('wire', [first, '--yes']));

    const sentence = expect.stringContaining('.wired.json: expected a record of npm run wire; remove it');
    expect(unread).toMatchObject([...odd, 'a folder', 'a pipe'].map(() => ({ exitStatus: 1, stderr: sentence })));
    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  test('keeps its record when the disk is full, and changes nothing', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '--yes']);
    const file = join(dirname(workplace.envFile), '.wired.json');
    const before = readFileSync(file, 'utf8');
    const writeAll = fs.writeFileSync;
    const write = jest.spyOn(fs, 'writeFileSync').mockImplementation((path, text) => {
      writeAll(path, String(text).slice(0, 5));
      throw new Error('ENOSPC: no space left on device');
    });
    const { exitStatus, stdout } = await workplace.run('wire', ['+15550101002', '--yes', '--json']);
    write.mockRestore();

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, '+15550101002')).toMatchObject({
      result: 'failed',
      detail: 'was not changed: .wired.json could not be written (ENOSPC: no space left on device)',
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(api().numbers[1]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  test('says which numbers it has put back although it cannot forget them', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '+15550101002', '--yes']);
    const write = jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw new Error('EROFS: read-only file system');
    });
    const { exitStatus, stdout, stderr } = await workplace.run('wire', ['--undo', '--yes', '--json']);
    write.mockRestore();

    expect(exitStatus).toBe(1);
    expect(stderr).not.toContain('Nothing was changed');
    for (const number of [first, '+15550101002']) {
      expect(resultOf(stdout, number)).toMatchObject({
        result: 'failed',
        detail: 'is put back, but .wired.json could not be written (EROFS: read-only file system)',
      });
    }
    expect(api().numbers[1]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  test('puts back the numbers that it is given, and then knows nothing of them', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '+15550101002', '--yes']);
    await workplace.run('wire', ['--undo', first, '--yes']);

    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
    expect(api().numbers[1]).toMatchObject(wired);
    await workplace.run('wire', ['--undo', '--yes']);
    expect(api().numbers[1]).toMatchObject({ voice_url: 'https://example.com/old' });
    const { exitStatus, stderr } = await workplace.run('wire', ['--undo', '--yes']);
    expect({ exitStatus, stderr }).toEqual({
      exitStatus: 1,
      stderr: 'Nothing was changed: expected numbers to put back: .wired.json has none\n',
    });
  });

  test('puts nothing back over what somebody has set since', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '--yes']);
    Object.assign(api().numbers[0] ?? {}, { voice_url: 'https://me:canary-url-password@example.com/new' });
    const { exitStatus, stdout } = await workplace.run('wire', ['--undo', '--yes', '--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, first)).toEqual({
      subject: first,
      result: 'failed',
      detail: 'somebody has pointed it at https://…@example.com/new since it was changed here',
      fix: 'leave it so, or set it by hand in the Console',
    });
    expect(api().numbers[0]?.voice_url).toContain('example.com/new');
  });

  test('shows no password of an old URL, and keeps it where only this user can read', async () => {
    const workplace = place(full);
    const file = join(dirname(workplace.envFile), '.wired.json');
    writeFileSync(file, '{}', { mode: 0o644 });
    Object.assign(api().numbers[0] ?? {}, { voice_url: 'https://me:canary-url-password@example.com/old' });
    const asked = await workplace.run('wire', [first]);
    const done = await workplace.run('wire', [first, '--yes']);
    const saved = readFileSync(file, 'utf8');
    const { mode } = statSync(file);
    const undone = await workplace.run('wire', ['--undo', '--yes']);

    expect(asked.stderr).toContain('voiceUrl            https://…@example.com/old → ');
    expect(JSON.stringify([asked, done, undone])).not.toContain('canary-url-password');
    expect(saved).toContain('canary-url-password');
    expect(mode & 0o077).toBe(0);
    expect(api().numbers[0]?.voice_url).toBe('https://me:canary-url-password@example.com/old');
  });

  test('switches numbers to the static fallback in an outage, and back to the bridge', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '+15550101002', '--yes']);
    const on = await workplace.run('wire', ['--outage', first, '--yes']);
    const again = await workplace.run('wire', ['--outage', first, '--yes', '--json']);
    const switched = { ...api().numbers[0] };
    const check = await workplace.run('check', ['--json']);
    const calls = await workplace.run('calls');
    const callsJson = await workplace.run('calls', ['--json']);

    expect([on.exitStatus, resultOf(again.stdout, first)?.detail]).toEqual([
      0,
      'already points at /fallback.xml alone',
    ]);
    expect(switched).toMatchObject({
      voice_url: `https://${domain}/fallback.xml`,
      voice_method: 'GET',
      voice_fallback_url: `https://${domain}/fallback.xml`,
      voice_fallback_method: 'GET',
    });
    expect(resultOf(check.stdout, first)).toMatchObject({
      result: 'warning',
      detail: 'the outage switch is on: callers get /fallback.xml, and no agent',
    });
    expect(calls.stdout).toContain(`The outage switch is on, no agent answers: ${first}\n`);
    expect(JSON.parse(callsJson.stdout).outage).toEqual([first]);

    // The switch alone, and of that number alone.
    await workplace.run('wire', ['--undo', '--yes']);
    expect(api().numbers.slice(0, 2)).toMatchObject([wired, wired]);
    expect((await workplace.run('calls')).stdout).not.toContain('outage');
    // Then the wiring.
    await workplace.run('wire', ['--undo', '--yes']);
    expect(api().numbers.slice(0, 2)).toMatchObject([
      { voice_url: 'https://example.com/old' },
      { voice_url: 'https://example.com/old' },
    ]);
  });

  test('ends an outage when the number is wired again, and still knows what was there before all', async () => {
    const workplace = place(full);
    await workplace.run('wire', [first, '--yes']);
    await workplace.run('wire', ['--outage', first, '--yes']);
    await workplace.run('wire', [first, '--yes']);
    expect(api().numbers[0]).toMatchObject(wired);
    await workplace.run('wire', ['--undo', '--yes']);

    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  test('puts back what an outage replaced on a number that was not wired', async () => {
    const workplace = place(full);
    await workplace.run('wire', ['--outage', first, '--yes']);
    expect(api().numbers[0]?.voice_url).toBe(`https://${domain}/fallback.xml`);
    await workplace.run('wire', ['--undo', '--yes']);

    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  test('takes --undo or --outage, not both', async () => {
    const { exitStatus, stderr } = await place(full).run('wire', ['--undo', '--outage', first, '--yes']);

    expect({ exitStatus, stderr }).toMatchObject({
      exitStatus: 1,
      stderr: expect.stringContaining("--undo and --outage can't be combined"),
    });
    expect(api().arrivals).toEqual([]);
  });

  test('points a number at a custom domain', async () => {
    const { exitStatus } = await place(full).run('wire', [first, '--domain', 'Voice.Example.com', '--yes']);

    expect(exitStatus).toBe(0);
    expect(api().numbers[0]).toMatchObject({
      ...wired,
      voice_url: 'https://voice.example.com/inbound',
      voice_fallback_url: 'https://voice.example.com/fallback.xml',
    });
  });

  test.each(['', 'example', 'https://voice.example.com', 'voice.example.com/inbound', 'a b.example.com', '10.0.0.1'])(
    'points nothing at %j, which is no host name',
    async (name) => {
      const { exitStatus, stderr } = await place(full).run('wire', [first, '--domain', name, '--yes']);

      expect(exitStatus).toBe(1);
      expect(stderr).toContain(`--domain: expected a host name such as voice.example.com; found "${name}"`);
      expect(api().arrivals).toEqual([]);
    },
  );

  test('leaves connection overrides of a wired number alone', async () => {
    Object.assign(api().numbers[0] ?? {}, { ...wired, voice_url: `${wired.voice_url}#rc=2` });
    const { stdout } = await place(full).run('wire', [first, '--yes', '--json']);

    expect(resultOf(stdout, first)).toMatchObject({ detail: 'already points at the deployment' });
    expect(api().arrivals.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test('shows the change and does nothing without --yes and without a terminal', async () => {
    const { exitStatus, stderr } = await place(full).run('wire', [first]);

    expect(exitStatus).toBe(1);
    expect(stderr).toContain(`voiceUrl            https://example.com/old → https://${domain}/inbound`);
    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
  });

  inTerminal('shows the change in a terminal, and does it once yes is typed', async () => {
    const { exitStatus, stdout } = await place(full).runInTerminal('wire', [first], 'Type yes', 'yes\n');

    expect(stdout).toContain(`voiceUrl            https://example.com/old → https://${domain}/inbound`);
    expect(exitStatus).toBe(0);
    expect(api().numbers[0]).toMatchObject(wired);
  });

  test.each([
    ['Enter', '\n'],
    ['y', 'y\n'],
    ['YES', 'YES\n'],
  ])('changes nothing when %s is typed, and exits with 1', async (_key, typed) => {
    const workplace = place(full);
    const { exitStatus } = await workplace.run('wire', [first], { typed });

    expect(exitStatus).toBe(1);
    expect(api().arrivals.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(existsSync(join(dirname(workplace.envFile), '.wired.json'))).toBe(false);
  });

  test.each(['911', '5550101001', '+1 555'])('asks nobody about %j, which is not in E.164', async (number) => {
    const { exitStatus, stderr } = await place(full).run('wire', [first, number, '--yes']);

    expect(exitStatus).toBe(1);
    expect(stderr).toBe(`Nothing was changed: "${number}": expected a number in E.164, such as +15550101001\n`);
    expect(api().arrivals).toEqual([]);
  });

  test('refuses numbers held by a SIP trunk or TwiML app and numbers of other accounts, and wires the rest', async () => {
    Object.assign(api().numbers[1] ?? {}, { trunk_sid: 'TK1' });
    Object.assign(api().numbers[2] ?? {}, { voice_application_sid: 'AP1' });
    const { exitStatus, stdout } = await place(full).run('wire', [
      '+15550101002',
      '+15550101003',
      '+15550109999',
      first,
      '--yes',
      '--json',
    ]);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, '+15550101002')?.detail).toContain('the SIP trunk TK1 holds it');
    expect(resultOf(stdout, '+15550101003')?.detail).toContain('the TwiML app AP1 holds it');
    expect(resultOf(stdout, '+15550109999')?.detail).toBe('not in this account');
    expect(resultOf(stdout, first)).toMatchObject({ result: 'ok' });
    expect(api().numbers[0]).toMatchObject(wired);
  });

  test('goes on after a failure on one number, and the exit status tells', async () => {
    api().fail(/IncomingPhoneNumbers\/PN0*1\.json/, 500);
    const { exitStatus, stdout } = await place(full).run('wire', [first, '+15550101002', '--yes', '--json']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, first)).toMatchObject({ result: 'failed', detail: expect.stringContaining('HTTP 500') });
    expect(resultOf(stdout, '+15550101002')).toMatchObject({ result: 'ok' });
  });

  test('refuses a number whose calls Twilio processes in another region, and wires one that it may not ask about', async () => {
    api().voiceRegions[first] = 'ie1';
    const { exitStatus, stdout } = await place(full).run('wire', [first, '--yes', '--json']);
    api().fail(/^routes\.twilio\.com/, 403);
    const unasked = await place(full).run('wire', ['+15550101002', '--yes']);

    expect(exitStatus).toBe(1);
    expect(resultOf(stdout, first)).toMatchObject({
      result: 'failed',
      detail: 'Twilio processes its calls in ie1, and this deployment is in us1',
    });
    expect(api().numbers[0]).toMatchObject({ voice_url: 'https://example.com/old' });
    expect(unasked.exitStatus).toBe(0);
  });

  test('finds every wired one of 200 numbers over several pages', async () => {
    Object.assign(api().numbers[199] ?? {}, wired);
    const { stdout } = await place(full).run('check', ['--json']);

    expect(resultOf(stdout, '+15550101200')).toMatchObject({ result: 'ok' });
  });
});
