import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeNumber } from '../../tools/check/describe-number';
import { tell } from '../../tools/story/format';
import { emptyStory, lanes, type Story } from '../../tools/story/recorder';
import { presets } from '../fields';
import { type LocalServer, readBody } from '../http';
import type { Lab } from '../lab';
import { changesOf, partiesOf, type Scenario, scenarioGroups, scenarios } from '../scenarios';
import { firstNumber, type PlayedSettings } from '../settings';
import { createPageCalls, type PageCall } from './page-calls';
import { isJson, type PlaceRequest, parsePlaceRequest } from './place-request';
import { sendJson, startPageServer } from './server';

/** What the page says about the lab. */
export interface LabServerOptions {
  /** Gives the settings as they are now. */
  readonly settings: () => Promise<PlayedSettings>;
  /** Where the settings come from now, in a few words. */
  readonly source: () => string;
  /** How many times as fast as a real call a call runs here. */
  readonly pace: number;
  /** The page's port (default: a free one). */
  readonly port?: number;
}

/** Serves the page on which calls of the lab are placed. */
export function startLabServer(lab: Lab, { settings, source, pace, port = 0 }: LabServerOptions): Promise<LocalServer> {
  const calls = createPageCalls();

  /** The settings, or what keeps them from being read. */
  const readSettings = (): Promise<PlayedSettings & { readonly problem?: string }> =>
    settings().catch((error: unknown) => {
      return { environment: {}, numbers: {}, problem: error instanceof Error ? error.message : String(error) };
    });

  const describe = async (): Promise<object> => {
    const { numbers, problem = '' } = await readSettings();
    const known = Object.entries(scenarioGroups).flatMap(([group, members]) =>
      Object.entries<Scenario>(members).map(([name, scenario]) => {
        const parties = partiesOf(scenario, firstNumber(numbers));
        return { name, group, title: scenario.title, changes: changesOf(scenario), ...parties };
      }),
    );
    const groups = Object.keys(scenarioGroups);
    const [callers, called] = [Object.keys(presets), Object.keys(numbers)];
    return { source: source(), pace, lanes, problem, callers, numbers: called, groups, scenarios: known };
  };

  /** Places a call and keeps it for the page; `asked` is the request for it as it came. */
  const keepPlaced = (request: PlaceRequest, numbers: PlayedSettings['numbers'], asked: string): PageCall => {
    const scenario = scenarios[request.scenario];
    const { caller, called } = { ...partiesOf(scenario, firstNumber(numbers)), ...request };
    const isWaiting = calls.all().some(({ state }) => state === 'waiting' || state === 'running');
    let call = calls.keep({
      id: randomUUID(),
      name: request.scenario,
      title: scenario.title,
      changes: changesOf(scenario),
      caller,
      called,
      asked,
      placed: new Date().toISOString(),
      state: isWaiting ? 'waiting' : 'running',
      story: emptyStory(),
      told: [],
    });
    const update = (changes: Partial<PageCall>): void => {
      call = calls.keep({ ...call, ...changes });
    };
    const grow = (story: Story): void => {
      // What a function prints may come after the call has ended.
      const state = call.state === 'waiting' ? 'running' : call.state;
      update({ story: { ...story }, told: tell(story), state });
    };
    lab.place(scenario, request, grow).then(
      ({ reached, callSid: _callSid, ...ended }) => update({ story: ended, told: tell(ended), state: reached }),
      (error: unknown) => update({ told: [error instanceof Error ? error.message : String(error)], state: 'broken' }),
    );
    return call;
  };

  const place = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    const request = isJson(incoming.headers['content-type'])
      ? parsePlaceRequest(body)
      : { field: 'scenario', problem: 'expected content-type application/json' };
    if ('problem' in request) return sendJson(response, request, 400);
    return sendJson(response, keepPlaced(request, (await readSettings()).numbers, body));
  };

  const routes = {
    'GET api/number': async (_incoming: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
      const { environment, numbers, problem } = await readSettings();
      sendJson(response, problem ?? describeNumber(environment, numbers, query.get('called') ?? ''));
    },
    'POST api/calls': place,
  };
  return startPageServer({ calls, describe, saved: { lanes, pace }, routes, port });
}
