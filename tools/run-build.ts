import { readSettings } from '../src/assets/settings.private';
import { build } from './build';
import { runCommand } from './command';
import { readEnvironment } from './environment';
import { loadNumberTable } from './number-table';

void runCommand({
  name: 'build',
  usage: '',
  summary: 'Builds what is deployed into dist.',
  options: {},
  notes: 'Exit status: 0 when dist is complete, 1 otherwise.',
  failure: 'Nothing was built',
  run: async () => {
    await build();
    // The functions would do without a table that throws, and only their log would say so.
    await loadNumberTable();
    const { problems } = readSettings(readEnvironment(), {}, '');
    // `/fallback.xml` is made now: what it lacks can't be corrected by a setting in the cloud.
    const lacks = problems.filter((problem) => /^(FALLBACK_|CALL_ROUTE|CALLER_ID)/.test(problem));
    return { text: [...lacks.map((problem) => `/fallback.xml: ${problem}`), 'Built dist.'].join('\n'), exitStatus: 0 };
  },
});
