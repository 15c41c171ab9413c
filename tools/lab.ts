import { startLab } from '../lab/lab';
import { startLabServer } from '../lab/page/server';
import { deploymentOptions, runCommand } from './command';
import { followSettings } from './settings';
import { alignColumns } from './table';

void runCommand({
  name: 'lab',
  usage: '[options]',
  summary: 'Serves a page on this machine from which you place calls with your settings and watch them.',
  options: {
    port: { type: 'string', default: '0', value: 'N', help: "the page's port; a free one unless given" },
    pace: {
      type: 'string',
      default: '5',
      value: 'N',
      help: 'how many times as fast as real time a call runs; 5 unless given',
    },
    env: deploymentOptions.env,
  },
  notes: 'It runs until Ctrl-C. A change of the env file or of the source counts from the next call.',
  failure: 'The lab could not be started',
  run: async ({ port, pace, env }) => {
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
      throw new Error(`--port: expected a number up to 65535; found "${port}"`);
    if (!(Number(pace) > 0 && Number(pace) <= 100))
      throw new Error(`--pace: expected a number from above 0 to 100; found "${pace}"`);
    const settings = followSettings(env);
    const { areOwn } = await settings();
    const source = areOwn ? `${env} and your number table` : `the lab's own, since ${env} has none`;
    const lab = await startLab({ secondMs: 1000 / Number(pace), settings });
    const server = await startLabServer(lab, { settings, source, pace: Number(pace), port: Number(port) });
    const rows = [
      ['Lab', server.url],
      ['Settings', source],
      ['Synthflow', 'a stand-in; the page can switch to the real API'],
    ];
    process.stdout.write(`${alignColumns(rows)}\n\nCtrl-C ends it.\n`);
    return new Promise(() => undefined);
  },
});
