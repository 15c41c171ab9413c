import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useStandIn } from '../../setup/live';

const { place } = useStandIn();

describe('npm run build', () => {
  test('fails for a number table that throws, and says where', async () => {
    const { project, run } = place({}, true);
    const table = "import type { NumberTable } from './settings.private';\n\nthrow new Error('boom');\n";
    const rest = 'export const numbers: NumberTable = {};\n';
    writeFileSync(join(project, 'src/assets/numbers.private.ts'), table + rest);

    expect(await run('build')).toMatchObject({
      exitStatus: 1,
      stderr: 'Nothing was built: src/assets/numbers.private.ts:3:7: expected a number table that can be read; boom\n',
    });
  });

  test("says what /fallback.xml lacks, since it can't be changed in the cloud", async () => {
    const { project, run } = place({}, true);
    writeFileSync(join(project, '.env'), 'FALLBACK_LANGUAGE=english\nSYNTHFLOW_REGION=mars\n');

    expect((await run('build')).stdout).toMatch(
      /^\/fallback\.xml: FALLBACK_LANGUAGE: expected a language such as en-GB; found "english"\. .*\nBuilt dist\.\n$/,
    );
  });
});
