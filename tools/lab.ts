import { startLab } from '../lab/lab';
import { startLabServer } from '../lab/page/lab-server';
import { createPageCalls } from '../lab/page/news';
import { sendJson, startPageServer } from '../lab/page/server';
import { lanes } from '../lab/story';
import { deploymentOptions, flag, runCommand, suffixOf, textOr } from './command';
import { readEnvironment } from './environment';
import { requireAccount } from './live/account';
import { type Mask, maskUnless } from './live/call/leg';
import { openService } from './live/service';
import { type Watch, watchService } from './live/watch';
import { followSettings } from './settings';
import { alignColumns } from './table';

/** Milliseconds between two requests to Twilio. */
const askMs = 10_000;

/** Serves the page on the calls of a deployment, until Ctrl-C. */
async function serveLive(env: string, suffix: string, port: number, mask: Mask): Promise<never> {
  // Whoever has no login should hear of it before there is a page.
  requireAccount(readEnvironment(env), process.env);
  const calls = createPageCalls();
  let watch: Watch | undefined;
  const about = { live: true, lanes, source: `the deployed environment ${suffix || 'production'}` };
  const server = await startPageServer({
    ...{ calls, port, saved: about },
    describe: () => about,
    routes: {
      'GET /api/record': (_incoming, response, query) => {
        const callSid = query.get('call') ?? '';
        if (calls.find(callSid) !== undefined) watch?.want(callSid);
        sendJson(response, {});
      },
    },
  });
  process.stdout.write(`Page   ${server.url}\nShows  ${about.source}\n\n`);
  process.stdout.write('It asks Twilio once in 10 s, so the first calls take half a minute. Ctrl-C ends it.\n');
  const service = await openService(env, suffix, undefined, askMs);
  watch = watchService(service, calls, mask);
  return watch.run();
}

void runCommand({
  name: 'lab',
  usage: '[options]',
  summary: 'Serves a page on this machine from which you place calls with your settings and watch them.',
  options: {
    port: textOr('0', 'N', "the page's port; a free one unless given"),
    pace: textOr('5', 'N', 'how many times as fast as real time a call runs; 5 unless given'),
    live: flag('show the calls of a deployment instead, as they come; it changes nothing there'),
    numbers: flag('with --live: phone numbers whole; masked unless given'),
    environment: deploymentOptions.environment,
    production: deploymentOptions.production,
    env: deploymentOptions.env,
  },
  notes: 'It runs until Ctrl-C. A change of the env file or of the source counts from the next call.',
  failure: 'The lab could not be started',
  run: async ({ port, pace, env, live, numbers, ...where }) => {
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
      throw new Error(`--port: expected a number up to 65535; found "${port}"`);
    if (!(Number(pace) > 0 && Number(pace) <= 100))
      throw new Error(`--pace: expected a number from above 0 to 100; found "${pace}"`);
    if (live) return serveLive(env, suffixOf(where), Number(port), maskUnless(numbers));
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
