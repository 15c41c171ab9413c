import { build } from './build';
import { runCommand } from './command';

void runCommand({
  name: 'build',
  usage: '',
  summary: 'Builds what is deployed into dist.',
  options: {},
  notes: 'Exit status: 0 when dist is complete, 1 otherwise.',
  failure: 'Nothing was built',
  run: async () => {
    await build();
    return { text: 'Built dist.', exitStatus: 0 };
  },
});
