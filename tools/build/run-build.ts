import { join } from 'node:path';
import { sentenceOf } from '../../src/assets/environment.private';
import { readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { defineCommand, runCommand } from '../command';
import { readEnvironment } from '../environment';
import { build } from './build';
import { loadNumberTable } from './number-table';

/** `npm run build` */
export const runBuild = defineCommand({
  name: 'build',
  usage: '',
  summary: 'Builds what is deployed into dist.',
  options: {},
  notes: ['Exit status: 0 when dist is complete, 1 otherwise.'],
  failure: 'Nothing was built',
  run: async (_values, _positionals, shell) => {
    const environment = readEnvironment(shell, '.env');
    await build(shell.project, join(shell.project, 'dist'), environment);
    // The functions would do without a table that throws, and only their log would say so.
    await loadNumberTable(shell.project, environment);
    const { problems } = readSettings(environment, {}, parseAddress(''));
    // `/fallback.xml` is made now: no setting in the cloud can correct it.
    const lacks = problems.filter(({ setting }) => /^(FALLBACK_|CALL_ROUTE|CALLER_ID)/.test(setting));
    const lines = lacks.map((problem) => `/fallback.xml: ${sentenceOf(problem)}`);
    return { text: [...lines, 'Built dist.'].join('\n'), exitStatus: 0 };
  },
});

if (require.main === module) void runCommand(runBuild);
