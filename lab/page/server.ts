import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import type { NumberTable } from '../../src/assets/settings.private';
import { describeNumber, type SettingRow } from '../../tools/live/number';
import { tell } from '../../tools/story';
import { presets } from '../fields';
import type { Lab } from '../lab';
import { type LocalServer, serve } from '../port';
import { readBody } from '../request';
import { changesOf, partiesOf, type ScenarioName, scenarios } from '../scenarios';
import { firstNumber, type PlayedSettings } from '../settings';
import { lanes, type Story } from '../story';
import { isJson, isOwnHost, type PlaceRequest, parsePlaceRequest } from './request';

/** A call as the page knows it. */
export interface LabCall {
  readonly id: string;
  /** Grows with each change of any call, so that a page can ask for what it doesn't know. */
  readonly version: number;
  readonly scenario: ScenarioName;
  readonly title: string;
  /** What the scenario plays in place of one's own settings. */
  readonly changes: readonly string[];
  readonly caller: string;
  readonly called: string;
  /** Time of day at which it was placed, ISO 8601. */
  readonly placed: string;
  readonly state: 'waiting' | 'running' | 'reached' | 'not reached' | 'broken';
  /** The request for it as it came, so that it can be placed again. */
  readonly asked: string;
  readonly story: Story;
  /** What happened, why, and what to do, one sentence each. */
  readonly told: readonly string[];
}

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

/** Calls that are kept; the oldest one goes first. */
const keptCalls = 100;
/** Milliseconds that a page waits for news before it asks again: less than it takes a proxy to give up. */
const newsMs = 10_000;

/** Serves the page on loopback. */
export async function startLabServer(lab: Lab, options: LabServerOptions): Promise<LocalServer> {
  const calls = new Map<string, LabCall>();
  const waiting = new Set<() => void>();
  // A page that knows the calls of another server has to forget them.
  const instance = randomUUID();
  let version = 0;

  const keep = (call: Omit<LabCall, 'version'>): LabCall => {
    version += 1;
    const kept = { ...call, version };
    calls.set(call.id, kept);
    for (const id of [...calls.keys()].slice(0, -keptCalls)) calls.delete(id);
    for (const tell of waiting) tell();
    return kept;
  };

  const place = async (request: PlaceRequest, asked: string): Promise<LabCall> => {
    const scenario = scenarios[request.scenario];
    const numbers = await options.settings().then(
      (settings) => settings.numbers,
      () => ({}),
    );
    const isWaiting = [...calls.values()].some(({ state }) => state === 'waiting' || state === 'running');
    const {
      forwardedFrom: _forwarded,
      parameters: _parameters,
      at: _at,
      cold: _cold,
      realApi: _real,
      ...named
    } = request;
    let call = keep({
      ...{ ...partiesOf(scenario, firstNumber(numbers)), ...named, id: randomUUID(), placed: new Date().toISOString() },
      ...{ title: scenario.title, changes: changesOf(scenario), state: isWaiting ? 'waiting' : 'running' },
      ...{ asked, story: emptyStory, told: [] },
    });
    const update = (changes: Partial<LabCall>): void => {
      call = keep({ ...call, ...changes });
    };
    lab
      .place(scenario, request, (story) => {
        // What a function prints may come after the call has ended.
        const state = call.state === 'waiting' ? 'running' : call.state;
        update({ story: { ...story }, told: tell(story), state });
      })
      .then(
        ({ reached, callSid: _callSid, ...rest }) =>
          update({ story: rest, told: tell(rest), state: reached ? 'reached' : 'not reached' }),
        (error: unknown) => update({ told: [error instanceof Error ? error.message : String(error)], state: 'broken' }),
      );
    return call;
  };

  /** What a page doesn't know yet, once there is something, or after a while. */
  const news = async (query: URLSearchParams, response: ServerResponse): Promise<void> => {
    const isKnown = query.get('instance') === instance;
    const since = isKnown ? Number(query.get('version')) : -1;
    if (since >= version) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, newsMs);
        waiting.add(end);
        response.on('close', end);
      });
    }
    const changed = [...calls.values()].filter((call) => call.version > since);
    send(response, 200, JSON.stringify({ instance, version, ids: [...calls.keys()], calls: changed }));
  };

  const describeLab = async (): Promise<object> => {
    const settings = await options.settings().catch((error: unknown) => String(error));
    const numbers: NumberTable = typeof settings === 'string' ? {} : settings.numbers;
    return {
      ...{
        source: options.source,
        pace: options.pace,
        lanes,
        numbers: Object.keys(numbers),
        callers: Object.keys(presets),
      },
      problem: typeof settings === 'string' ? settings : '',
      scenarios: Object.entries(scenarios).map(([name, scenario]) => ({
        ...{ name, title: scenario.title, changes: changesOf(scenario) },
        ...partiesOf(scenario, firstNumber(numbers)),
      })),
    };
  };

  const rowsOf = async (called: string): Promise<readonly SettingRow[]> => {
    const { environment, numbers } = await options.settings();
    return describeNumber(environment, numbers, called);
  };

  type Answer = (incoming: IncomingMessage, response: ServerResponse, query: URLSearchParams) => unknown;
  const routes: Readonly<Record<string, Answer>> = {
    'GET /': (_incoming, response) => sendFile(response, pageFile),
    // Without an icon of its own, a browser asks for one, and its console shows the 404.
    'GET /favicon.ico': (_incoming, response) => response.writeHead(204).end(),
    'GET /api/lab': async (_incoming, response) => send(response, 200, JSON.stringify(await describeLab())),
    'GET /api/news': (_incoming, response, query) => news(query, response),
    'GET /api/number': async (_incoming, response, query) => {
      const rows = await rowsOf(query.get('called') ?? '').catch((error: unknown) => String(error));
      send(response, 200, JSON.stringify(rows));
    },
    'GET /api/page': (_incoming, response, query) => {
      const call = calls.get(query.get('call') ?? '');
      if (call === undefined) return send(response, 404, 'this lab has no such call', 'text/plain');
      const name = `attachment; filename="call-${call.called.replace(/\W/g, '')}-${call.id.slice(0, 8)}.html"`;
      return send(response, 200, savedPage(call, options.pace), 'text/html; charset=utf-8', name);
    },
    'POST /api/calls': async (incoming, response) => {
      const body = await readBody(incoming);
      const request = isJson(incoming.headers['content-type'])
        ? parsePlaceRequest(body)
        : { field: 'scenario', problem: 'expected content-type application/json' };
      if ('problem' in request) send(response, 400, JSON.stringify(request));
      else send(response, 200, JSON.stringify(await place(request, body)));
    },
  };
  const answer = (incoming: IncomingMessage, response: ServerResponse): unknown => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    if (!isOwnHost(incoming.headers.host)) return send(response, 404, 'not found');
    const file = pageFiles[pathname];
    if (file !== undefined) return sendFile(response, file);
    const route = routes[`${incoming.method} ${pathname}`];
    return route ? route(incoming, response, searchParams) : send(response, 404, 'not found');
  };
  const { port = 0 } = options;
  const server = await serve(answer, port).catch((error: Error) => {
    if (!('code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(`port ${port} is taken; choose another one with --port, or leave it out for a free one`);
  });
  return { ...server, url: `${server.url}/` };
}

const pageFile = join(__dirname, 'page.html');
const emptyStory: Story = { steps: [], heard: [], warnings: [], log: [], printed: [] };

/** The files of the page: its own, and those of the packages that it uses. */
const pageFiles: Readonly<Record<string, string>> = {
  '/pico.css': require.resolve('@picocss/pico/css/pico.min.css'),
  '/page.css': join(__dirname, 'page.css'),
  '/htm.js': join(dirname(require.resolve('htm')), '../preact/standalone.umd.js'),
  '/page.js': join(__dirname, 'page.js'),
};
const types: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' };

function sendFile(response: ServerResponse, file: string): void {
  send(response, 200, readFileSync(file, 'utf8'), `${types[file.split('.').at(-1) ?? '']}; charset=utf-8`);
}

/** The page with one call in it, which needs neither the lab nor a network. */
function savedPage(call: LabCall, pace: number): string {
  // Inside a script, `<` could begin a tag; JSON has another way to write it.
  const data = JSON.stringify({ lanes, pace, calls: [call] }).replaceAll('<', '\\u003c');
  const contentOf = (path: string): string => readFileSync(pageFiles[path] ?? '', 'utf8');
  const scripts = ['/htm.js', '/page.js'].map((path) => `<script>${contentOf(path)}</script>`).join('');
  return readFileSync(pageFile, 'utf8')
    .replace(/<link rel="stylesheet" href="(.*)">/g, (_link, path: string) => `<style>${contentOf(path)}</style>`)
    .replace(/<script src=.*\n/g, '')
    .replace('</body>', () => `<script type="application/json" id="saved">${data}</script>${scripts}</body>`);
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'application/json',
  disposition = 'inline',
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-disposition': disposition,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'self'; img-src 'self' data:",
  });
  response.end(body);
}
