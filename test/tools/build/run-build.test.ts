import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

  test.each([
    ['assets/crm.ts', 'it would be public in the cloud; call it src/assets/crm.private.ts'],
    ['assets/crm/api.ts', 'it would be public in the cloud; call it src/assets/api.private.ts'],
    ['assets/crm.protected.ts', 'it would be public in the cloud; call it src/assets/crm.private.ts'],
    [
      'assets/customers.json',
      'it would be public in the cloud; move what it holds into src/assets/customers.private.ts',
    ],
    [
      'assets/numbers.private_BACKUP_4711.ts',
      'it would be public in the cloud; call it src/assets/numbers_BACKUP_4711.private.ts',
    ],
    ['assets/numbers.private.copy.ts', 'it would be public in the cloud; call it src/assets/numbers-copy.private.ts'],
    ['functions/admin.ts', 'it would be public in the cloud; call it src/functions/admin.protected.ts'],
    ['functions/crm.private.ts', 'it would be public in the cloud; call it src/functions/crm.protected.ts'],
    ['lib/crm.private.ts', 'it would not be uploaded; call it src/assets/crm.private.ts'],
    ['crm.ts', 'it would not be uploaded; call it src/assets/crm.private.ts'],
  ])('refuses %s, and leaves dist alone: %s', async (file, problem) => {
    const { project, run } = place({}, true);
    const path = join(project, 'src', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{}');

    expect(await run('build')).toMatchObject({
      exitStatus: 1,
      stderr: `Nothing was built: src/${file}: ${problem}, or remove it\n`,
    });
    expect(existsSync(join(project, 'dist'))).toBe(false);
  });

  test.each(['a file', 'a folder'])('refuses a link, whatever it leads to: %s', async (what) => {
    const { project, run } = place({}, true);
    const target = join(project, what === 'a file' ? 'package.json' : 'docs');
    symlinkSync(target, join(project, 'src/assets/linked.private.ts'));

    expect(await run('build')).toMatchObject({
      exitStatus: 1,
      stderr: expect.stringContaining('src/assets/linked.private.ts: it is a link or a device'),
    });
  });

  test('takes comments that only speak of what it refuses', async () => {
    const { project, run } = place({}, true);
    const code = '// Not require("./x"), and no __dirname.\nexport const data = 1;\n';
    writeFileSync(join(project, 'src/assets/crm.private.ts'), code);

    expect((await run('build')).exitStatus).toBe(0);
  });

  test('takes a file that an editor or a system hides', async () => {
    const { project, run } = place({}, true);
    writeFileSync(join(project, 'src/assets/.DS_Store'), '');

    expect((await run('build')).exitStatus).toBe(0);
  });

  test('refuses what the cloud could not load, with file and line', async () => {
    const { project, run } = place({}, true);
    const code = [
      "import { readFileSync } from 'node:fs';",
      "import { createHash } from 'node:crypto';",
      "import axios from 'axios';",
      "import { parse } from 'dotenv';",
      "import { globSync } from '@swc/jest/lib';",
      "import { handler } from '../functions/inbound.protected';",
      "import { e164 } from './twilio/address.private';",
      'export const all = [readFileSync, createHash, axios, parse, globSync, handler, e164, __dirname];',
      "export const later = import('fast-check');",
      "export const old = require('htm');",
    ];
    writeFileSync(join(project, 'src/assets/crm.private.ts'), `// @ts-nocheck, without dotenv\n${code.join('\n')}\n`);
    const { exitStatus, stderr } = await run('build');

    expect(exitStatus).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      'Nothing was built: src/assets/crm.private.ts:2: node:fs: files have no path in the cloud; put the data into a .private.ts module',
      'src/assets/crm.private.ts:5: dotenv: only dependencies are installed in the cloud: npm install --save-exact dotenv',
      'src/assets/crm.private.ts:6: @swc/jest/lib: only dependencies are installed in the cloud: npm install --save-exact @swc/jest',
      'src/assets/crm.private.ts:7: ../functions/inbound.protected: only modules that are called .private can be imported',
      'src/assets/crm.private.ts:10: fast-check: only dependencies are installed in the cloud: npm install --save-exact fast-check',
      'src/assets/crm.private.ts:11: htm: only dependencies are installed in the cloud: npm install --save-exact htm',
      'src/assets/crm.private.ts:9: __dirname: the cloud has other paths; import what you need',
    ]);
  });

  test("says what /fallback.xml lacks, since it can't be changed in the cloud", async () => {
    const { project, run } = place({}, true);
    writeFileSync(join(project, '.env'), 'FALLBACK_LANGUAGE=english\nSYNTHFLOW_REGION=mars\n');

    expect((await run('build')).stdout).toMatch(
      /^\/fallback\.xml: FALLBACK_LANGUAGE: expected a language such as en-GB; found "english"\. .*\nBuilt dist\.\n$/,
    );
  });
});
