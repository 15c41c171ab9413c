import { defineCommand, deploymentOptions, flag, runCommand, suffixOf, textOr } from '../tools/command';
import { readEnvironment } from '../tools/environment';
import type { Shell } from '../tools/shell';
import { lanes } from '../tools/story/recorder';
import { alignColumns, type Mask, maskUnless } from '../tools/text';
import { requireAccount } from '../tools/twilio/account';
import { openService } from '../tools/twilio/service';
import { startLab } from './lab';
import { startLabServer } from './page/lab-server';
import { createPageCalls } from './page/page-calls';
import { sendJson, startPageServer } from './page/server';
import { type Watch, watchService } from './page/watch';
import { followSettings, hasOwnSettings, sourceOf } from './settings';

/** Milliseconds between two requests to Twilio. */
const askMs = 10_000;

/** Serves the page on the calls of a deployment, until Ctrl-C. */
async function serveLive(shell: Shell, env: string, suffix: string, port: number, mask: Mask): Promise<never> {
  // A missing login shows before there is a page.
  requireAccount(readEnvironment(shell, env), shell.env);
  const calls = createPageCalls();
  let watch: Watch | undefined;
  const about = { live: true, lanes, source: `the deployed environment ${suffix || 'production'}` };
  const server = await startPageServer({
    calls,
    port,
    saved: about,
    describe: () => about,
    routes: {
      'GET api/record': (_incoming, response, query) => {
        const callSid = query.get('call') ?? '';
        if (calls.find(callSid) !== undefined) watch?.want(callSid);
        sendJson(response, {});
      },
    },
  });
  shell.atEnd(server.stop);
  shell.stdout.write(`Page   ${server.url}\nShows  ${about.source}\n\n`);
  shell.stdout.write('It asks Twilio once in 10 s, so the first calls take half a minute. Ctrl-C ends it.\n');
  const service = await openService(shell, { env, suffix, everyMs: askMs });
  watch = watchService(service, calls, mask);
  return watch.run();
}

/** Serves the page from which calls are placed, until Ctrl-C. */
async function serveLab(shell: Shell, env: string, pace: number, port: number): Promise<never> {
  const settings = followSettings(shell, env);
  await settings();
  const source = (): string => sourceOf(hasOwnSettings(readEnvironment(shell, env)), env);
  const lab = await startLab({ secondMs: 1000 / pace, settings });
  shell.atEnd(lab.stop);
  const server = await startLabServer(lab, { settings, source, pace, port });
  shell.atEnd(server.stop);
  const rows = [
    ['Lab', server.url],
    ['Settings', source()],
    ['Synthflow', 'a stand-in'],
  ];
  shell.stdout.write(`${alignColumns(rows)}\n\nCtrl-C ends it.\n`);
  return new Promise(() => undefined);
}

/** `npm run lab` */
export const lab = defineCommand({
  name: 'lab',
  usage: '[options]',
  summary: 'Serves a page on this machine from which you place calls with your settings and watch them.',
  options: {
    port: textOr('0', 'N', "the page's port (default: a free one)"),
    pace: textOr('5', 'N', 'how many times as fast as real time a call runs (default: 5)'),
    live: flag('show the calls of a deployment instead, as they come; it changes nothing there'),
    numbers: flag('with --live: full phone numbers (default: masked)'),
    environment: deploymentOptions.environment,
    production: deploymentOptions.production,
    env: deploymentOptions.env,
  },
  notes: ['It runs until Ctrl-C. A change of the env file or of the source counts from the next call.'],
  failure: 'The lab could not be started',
  run: (values, _positionals, shell) => {
    const { port, pace, env, live, numbers } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
      throw new Error(`--port: expected a number up to 65535; found "${port}"`);
    if (!(Number(pace) > 0 && Number(pace) <= 100))
      throw new Error(`--pace: expected a number from above 0 to 100; found "${pace}"`);
    if (live) return serveLive(shell, env, suffixOf(values, shell), Number(port), maskUnless(numbers));
    return serveLab(shell, env, Number(pace), Number(port));
  },
});

if (require.main === module) void runCommand(lab);
