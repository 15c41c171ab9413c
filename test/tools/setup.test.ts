import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readEnvFile } from '../../tools/environment';
import { inTerminal } from '../setup/command';
import { useStandIn } from '../setup/live';

const { place } = useStandIn();
const key = 'canary-of-the-setup';
const arrowDown = '\u001b[B';
const backspace = '\u007f';

describe('npm run setup', () => {
  inTerminal('asks for key, agent, region and a fallback, and writes a new env file for this user alone', async () => {
    const workplace = place({});
    rmSync(workplace.envFile);
    const { exitStatus, stdout } = await workplace.runInTerminal(
      'setup',
      [],
      ['API key', `${key}\r`],
      ['Id of the agent', 'agent-1\r'],
      ['Region', `${arrowDown}\r`],
      ["When the agent can't", '+15550100190\r'],
    );

    expect({ exitStatus, stdout }).toMatchObject({
      exitStatus: 0,
      stdout: expect.stringContaining('Wrote 4 settings'),
    });
    expect(stdout).not.toContain(key);
    expect(readEnvFile(workplace.envFile)).toMatchObject({
      SYNTHFLOW_API_KEY: key,
      SYNTHFLOW_MODEL_ID: 'agent-1',
      SYNTHFLOW_REGION: 'eu',
      CALL_ROUTE: 'agent,+15550100190',
    });
    expect(readFileSync(workplace.envFile, 'utf8')).toContain('# Your Synthflow workspace.');
    expect(statSync(workplace.envFile).mode & 0o077).toBe(0);
  });

  inTerminal('asks again for what is not accepted, and only for what has no value', async () => {
    const workplace = place({ SYNTHFLOW_API_KEY: key });
    const { stdout } = await workplace.runInTerminal(
      'setup',
      [],
      ['Id of the agent', 'a b\r'],
      ['Expected the id of a Synthflow agent, without spaces.', `${backspace.repeat(3)}agent-1\r`],
      ['Region', '\r'],
      ["When the agent can't", '4711\r'],
      ['Expected a phone number in E.164', `${backspace.repeat(4)}\r`],
    );

    expect(stdout).not.toContain('API key');
    expect(readEnvFile(workplace.envFile)).toEqual({
      SYNTHFLOW_API_KEY: key,
      SYNTHFLOW_MODEL_ID: 'agent-1',
      SYNTHFLOW_REGION: 'us',
      CALL_ROUTE: 'agent',
    });
  });

  inTerminal('writes nothing when it is interrupted', async () => {
    const workplace = place({ SYNTHFLOW_API_KEY: key });
    const { exitStatus } = await workplace.runInTerminal(
      'setup',
      [],
      ['Id of the agent', 'agent-1\r'],
      ['Region', '\u0003'],
    );

    expect(exitStatus).not.toBe(0);
    expect(readEnvFile(workplace.envFile)).toEqual({ SYNTHFLOW_API_KEY: key });
  });

  inTerminal('changes nothing that has a value', async () => {
    const full = { SYNTHFLOW_API_KEY: key, SYNTHFLOW_MODEL_ID: 'a', SYNTHFLOW_REGION: 'eu', CALL_ROUTE: 'voicemail' };
    const workplace = place(full);
    const { exitStatus, stdout } = await workplace.runInTerminal('setup', []);

    expect({ exitStatus, stdout }).toMatchObject({
      exitStatus: 0,
      stdout: expect.stringContaining('Wrote 0 settings'),
    });
    expect(readEnvFile(workplace.envFile)).toEqual(full);
  });

  test('says what to do where there is no terminal, and writes nothing', async () => {
    const workplace = place({});
    rmSync(workplace.envFile);
    const { exitStatus, stderr } = await workplace.run('setup');

    expect(exitStatus).toBe(1);
    expect(stderr).toContain('expected a terminal; without one, copy .env.example to .env and fill it in');
    expect(existsSync(workplace.envFile)).toBe(false);
  });
});
