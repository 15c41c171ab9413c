import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { credentials, secrets, settings, useStandIn } from '../setup/live';
import { listsProcesses, processesWith } from '../setup/processes';
import { domain, numberOf } from '../setup/twilio-api';

const { api, place, deployed } = useStandIn();
if (!listsProcesses) console.warn('skipped: only Linux lists the environment of processes');
const onLinux = listsProcesses ? describe : describe.skip;

const number = '+15550101001';
const wired = '+15550101002';
const live = ['--live', wired, '--yes'];
const callSid = `CA${'5'.repeat(32)}`;
const hook = 'https://hooks.example.com/services/canary-hook';
const service = '^serverless\\.twilio\\.com/v1/Services';

/** The steps of each command: the requests that it makes, by what it does. A deployment also compiles. */
const steps: readonly (readonly [command: string, args: readonly string[], step: string, request: RegExp])[] = [
  ['deploy', [], 'compiles', /^never$/],
  ['deploy', [], 'looks for the service', new RegExp(`${service}(\\?|$)`)],
  ['deploy', [], 'looks for the environment', new RegExp(`${service}/\\w+/Environments(\\?|$)`)],
  ['deploy', [], 'looks at the variables, or sets them', new RegExp(`${service}/\\w+/Environments/\\w+/Variables`)],
  ['deploy', [], 'makes the functions', new RegExp(`${service}/\\w+/Functions$`)],
  ['deploy', [], 'makes the assets', new RegExp(`${service}/\\w+/Assets$`)],
  ['deploy', [], 'uploads', /^serverless-upload\.twilio\.com/],
  ['deploy', [], 'builds', new RegExp(`${service}/\\w+/Builds$`)],
  ['deploy', [], 'waits for the build', new RegExp(`${service}/\\w+/Builds/\\w+/Status`)],
  ['deploy', [], 'activates', new RegExp(`${service}/\\w+/Environments/\\w+/Deployments`)],
  ['check', [], 'asks Synthflow', /synthflow\.ai/],
  ['check', [], 'compiles', /^never$/],
  ['check', [], 'asks Twilio', new RegExp(service)],
  ['check', [], 'asks the deployed routes', new RegExp(`^${domain}`)],
  ['check', [], 'looks at the alerts', /^monitor\.twilio\.com/],
  ['wire', [number, '--yes'], 'looks for the deployment', new RegExp(service)],
  ['wire', [number, '--yes'], 'looks for the number', /IncomingPhoneNumbers\.json/],
  ['wire', [number, '--yes'], 'changes the number', /IncomingPhoneNumbers\/\w+\.json/],
  ['wire', ['--undo', number, '--yes'], 'looks for the number', /IncomingPhoneNumbers\.json/],
  ['wire', ['--undo', number, '--yes'], 'puts the number back', /IncomingPhoneNumbers\/\w+\.json/],
  ['lab', [], 'compiles', /^never$/],
  ['calls', [], 'looks for the deployment', new RegExp(`${service}(\\?|$)`)],
  ['calls', [], 'reads the log', new RegExp(`${service}/\\w+/Environments/\\w+/Logs`)],
  ['calls', [], "reads Twilio's calls", /Calls\.json/],
  ['calls', ['--call', callSid], "reads Twilio's record", /Calls\/\w+\.json/],
  ['calls', ['--call', callSid], 'reads the webhooks', /Events\.json/],
  ['calls', ['--call', callSid], 'asks Synthflow', /synthflow\.ai/],
  ['calls', ['--follow'], 'looks for new calls', /Calls\.json/],
  ['calls', ['--min-agent-share', '95', '--notify', hook], 'posts a message', /^hooks\.example\.com/],
  ['lab', ['--live'], 'looks for the deployment', new RegExp(`${service}(\\?|$)`)],
  ['call', live, 'looks for the deployment', new RegExp(`${service}(\\?|$)`)],
  ['call', live, 'looks for the numbers', /IncomingPhoneNumbers\.json/],
  ['call', live, 'places the call', /Calls\.json$/],
  ['call', live, 'holds the line', /Calls\/\w+\.json/],
];

/** The texts of a folder's files, those of packages apart. */
function textOf(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

onLinux('A command that is interrupted leaves no process, no folder and no secret', () => {
  test.each(steps)('%s %j while it %s', async (command, args, step, request) => {
    if (command !== 'deploy') deployed();
    api().numbers.push(numberOf(number, 0), { ...numberOf(wired, 1), voice_url: `https://${domain}/inbound` });
    const missed = { event: 'inbound', outcome: 'message', missedAgent: true, callSid, synthflowCallId: 'an-id' };
    api().logs.push({ message: JSON.stringify(missed), date_created: new Date().toISOString() });
    api().onCall = (call) => Object.assign(call, { status: 'in-progress' });
    // Twilio may have placed a call although its answer is lost.
    api().fail(request, step === 'places the call' ? 'lost' : 'hang', 1);
    const mark = `INTERRUPTED_MARK=${randomUUID()}`;
    const workplace = place({ ...settings, ...credentials, SYNTHFLOW_SIP_TERMINATION: '127.0.0.1:9' }, true);
    const [name = '', value = ''] = mark.split('=');
    const before = { voiceUrl: 'https://example.com/older', voiceMethod: 'POST', voiceFallbackUrl: '' };
    const after = { ...before, voiceUrl: 'https://example.com/old', voiceMethod: 'GET', voiceFallbackMethod: 'POST' };
    const record = { [number]: [{ before: { ...before, voiceFallbackMethod: 'POST' }, after }] };
    writeFileSync(join(dirname(workplace.envFile), '.wired.json'), JSON.stringify(record));
    const running = workplace.start(command, args, { [name]: value });
    const isThere = (): boolean =>
      request.source === '^never$'
        ? processesWith(mark).some((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--outDir'))
        : api().arrivals.some(({ host, path }) => request.test(`${host}${path}`));
    let hasEnded = false;
    void running.ended.then(() => (hasEnded = true));
    while (!isThere() && !hasEnded) await pause(20);
    const endedBefore = hasEnded;
    running.kill('SIGINT');
    const { exitStatus, stderr } = await running.ended;
    const folder = join(workplace.project, '.tmp');

    expect(endedBefore).toBe(false);
    expect({ exitStatus, stderr }).toMatchObject({ exitStatus: 130, stderr: expect.stringContaining('Stopped;') });
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
    for (const secret of [...secrets, hook]) expect(textOf(workplace.project)).not.toContain(secret);
    // A call that was placed is hung up, whether or not its id had come back.
    expect(api().calls.filter(({ status }) => status !== 'completed')).toEqual([]);
    // A killed process is listed until the system has taken it away.
    while (processesWith(mark).length > 0) await pause(20);
  });
});
