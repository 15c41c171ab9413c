import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readEnvFile } from '../../tools/environment';
import { inTerminal } from '../setup/command';
import { useStandIn } from '../setup/live';

const { place } = useStandIn();
const key = 'canary-of-the-setup';

describe('npm run setup', () => {
  inTerminal('asks for key, agent, region and a fallback, and writes a new env file for this user alone', async () => {
    const workplace = place({});
    rmSync(workplace.envFile);
    const { exitStatus, stdout } = await workplace.runInTerminal(
      'setup',
      [],
      'API key',
      `${key}\nagent-1\neu\n+15550100190\n`,
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

  inTerminal('asks again for what is not accepted, and takes an empty answer as the default', async () => {
    const workplace = place({ SYNTHFLOW_API_KEY: key });
    const { stdout } = await workplace.runInTerminal('setup', [], 'Id of the agent', 'a b\nagent-1\nmars\n\n\n');

    expect(stdout).toContain('Expected the id of a Synthflow agent, without spaces.');
    expect(stdout).toContain('Expected global, us or eu.');
    expect(readEnvFile(workplace.envFile)).toEqual({
      SYNTHFLOW_API_KEY: key,
      SYNTHFLOW_MODEL_ID: 'agent-1',
      SYNTHFLOW_REGION: 'us',
      CALL_ROUTE: 'agent',
    });
  });

  test('changes nothing that has a value', async () => {
    const full = { SYNTHFLOW_API_KEY: key, SYNTHFLOW_MODEL_ID: 'a', SYNTHFLOW_REGION: 'eu', CALL_ROUTE: 'voicemail' };
    const workplace = place(full);
    const { exitStatus, stdout } = await workplace.run('setup');

    expect({ exitStatus, stdout }).toEqual({
      exitStatus: 0,
      stdout: `${workplace.envFile} has them all: npm run check\n`,
    });
    expect(readEnvFile(workplace.envFile)).toEqual(full);
  });

  test('says what to do where there is no terminal, and writes nothing', async () => {
    const workplace = place({});
    rmSync(workplace.envFile);
    const { exitStatus, stderr } = await workplace.run('setup');

    expect(exitStatus).toBe(1);
    expect(stderr).toContain('expected a terminal to ask on; else copy .env.example to .env and fill it in');
    expect(existsSync(workplace.envFile)).toBe(false);
  });
});
