import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeNumber } from '../../tools/live/number';
import { presets } from '../fields';
import type { Lab } from '../lab';
import type { LocalServer } from '../port';
import { readBody } from '../request';
import { changesOf, partiesOf, scenarios } from '../scenarios';
import { firstNumber, type PlayedSettings } from '../settings';
import { lanes } from '../story';
import { placeForPage } from './calls';
import { createPageCalls } from './news';
import { isJson, parsePlaceRequest } from './request';
import { sendJson, startPageServer } from './server';

/** What the page says about the lab. */
export interface LabServerOptions {
  /** Gives the settings as they are now. */
  readonly settings: () => Promise<PlayedSettings>;
  /** Where the settings come from, in a few words. */
  readonly source: string;
  /** How many times as fast as a real call a call runs here. */
  readonly pace: number;
  /** The page's port; a free one unless given. */
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
    const known = Object.entries(scenarios).map(([name, scenario]) => {
      const parties = partiesOf(scenario, firstNumber(numbers));
      return { name, title: scenario.title, changes: changesOf(scenario), ...parties };
    });
    const [callers, called] = [Object.keys(presets), Object.keys(numbers)];
    return { source, pace, lanes, problem, callers, numbers: called, scenarios: known };
  };

  const place = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    const request = isJson(incoming.headers['content-type'])
      ? parsePlaceRequest(body)
      : { field: 'scenario', problem: 'expected content-type application/json' };
    if ('problem' in request) return sendJson(response, request, 400);
    const parties = partiesOf(scenarios[request.scenario], firstNumber((await readSettings()).numbers));
    return sendJson(response, placeForPage(lab, calls, request, parties, body));
  };

  const routes = {
    'GET /api/number': async (_incoming: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
      const { environment, numbers, problem } = await readSettings();
      sendJson(response, problem ?? describeNumber(environment, numbers, query.get('called') ?? ''));
    },
    'POST /api/calls': place,
  };
  return startPageServer({ calls, describe, saved: { lanes, pace }, routes, port });
}
