import { commandLineFor } from '../../../tools/command';
import { checkVariables, foreignVariables, staleVariables } from '../../../tools/twilio/variables';

const command = commandLineFor({ production: true, env: '.env' });
const variable = (key: string, value: string) => ({ sid: `ZV${key}`, key, value });
const deployed = [
  variable('SYNTHFLOW_API_KEY', 'old-secret'),
  variable('TRANSFER_NUMBERS', '+15550100191'),
  variable('DIRECT_DIAL', 'true'),
  // Of an earlier version.
  variable('NOTES', 'mine'),
  variable('THEIRS', 'x'),
];

describe('Variables that are deployed', () => {
  test("are stale when they are the bridge's and no longer set", () => {
    const environment = { SYNTHFLOW_API_KEY: 'k', DIRECT_DIAL: '', NOTES: 'mine' };

    expect(staleVariables(deployed, environment).map(({ key }) => key)).toEqual(['TRANSFER_NUMBERS', 'DIRECT_DIAL']);
    expect(foreignVariables(deployed, environment)).toEqual(['THEIRS']);
  });

  test('are compared with the settings, and of a secret only whether it differs', () => {
    const environment = {
      SYNTHFLOW_API_KEY: 'new-secret',
      DIRECT_DIAL: 'true',
      SYNTHFLOW_REGION: 'eu',
      NOTES: 'other',
    };
    const findings = checkVariables([...deployed, variable('MORE', 'x')], environment, command);

    expect(findings).toEqual([
      {
        subject: 'SYNTHFLOW_API_KEY',
        result: 'failed',
        detail: 'in the cloud it differs from the settings',
        fix: 'npm run deploy -- --production',
      },
      {
        subject: 'SYNTHFLOW_REGION',
        result: 'failed',
        detail: 'in the cloud it is unset, in the settings "eu"',
        fix: 'npm run deploy -- --production',
      },
      {
        subject: 'TRANSFER_NUMBERS',
        result: 'failed',
        detail: 'in the cloud it is "+15550100191", in the settings unset',
        fix: 'npm run deploy -- --production',
      },
      { subject: 'variables', result: 'not checked', detail: 'not set by the bridge: THEIRS, MORE' },
    ]);
    expect(JSON.stringify(findings)).not.toContain('secret');
  });

  test('match the settings if an empty setting is not deployed', () => {
    const environment = { SYNTHFLOW_API_KEY: 'k', DIRECT_DIAL: 'true' };

    expect(
      checkVariables([variable('SYNTHFLOW_API_KEY', 'k'), variable('DIRECT_DIAL', 'true')], environment, command),
    ).toEqual([{ subject: 'variables', result: 'ok', detail: 'the deployed ones match the settings' }]);
  });
});
