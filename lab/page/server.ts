import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Lab } from '../lab';
import { listen } from '../port';
import { guarded, readBody } from '../request';
import { partiesOf, scenarios } from '../scenarios';
import { lanes, type Story } from '../story';
import { isJson, isOwnHost, type PlaceRequest, parsePlaceRequest } from './request';

/** A call as the page knows it. */
export interface LabCall {
  readonly id: string;
  readonly scenario: string;
  readonly caller: string;
  readonly called: string;
  /** Time of day at which it was placed, ISO 8601. */
  readonly placed: string;
  readonly state: 'running' | 'reached' | 'not reached' | 'broken';
  readonly story: Story;
}

/** The page and what it talks to. */
export interface LabServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Calls that are kept; the oldest one goes first. */
const keptCalls = 100;

/** Serves the page on loopback; port 0 lets the system choose. `api` says which API the lab talks to. */
export async function startLabServer(lab: Lab, api: string, port = 0): Promise<LabServer> {
  const calls = new Map<string, LabCall>();
  const listeners = new Set<ServerResponse>();

  const keep = (call: LabCall): void => {
    calls.set(call.id, call);
    for (const id of [...calls.keys()].slice(0, -keptCalls)) calls.delete(id);
    for (const listener of listeners) listener.write(eventOf(call));
  };

  const place = (request: PlaceRequest): LabCall => {
    const id = randomUUID();
    let call: LabCall = { ...request, id, placed: new Date().toISOString(), state: 'running', story: emptyStory };
    keep(call);
    const update = (changes: Partial<LabCall>): void => {
      call = { ...call, ...changes };
      keep(call);
    };
    lab
      .place(scenarios[request.scenario], request, (story) => update({ story: { ...story } }))
      .then(
        ({ reached, ...story }) => update({ story, state: reached ? 'reached' : 'not reached' }),
        (error: unknown) => {
          const text = error instanceof Error ? error.message : String(error);
          update({
            state: 'broken',
            story: { ...call.story, warnings: [...call.story.warnings, { at: 0, code: 0, text }] },
          });
        },
      );
    return call;
  };

  const routes: Readonly<Record<string, (incoming: IncomingMessage, response: ServerResponse) => unknown>> = {
    'GET /': (_incoming, response) => sendFile(response, 'page.html', 'text/html; charset=utf-8'),
    'GET /page.js': (_incoming, response) => sendFile(response, 'page.js', 'text/javascript; charset=utf-8'),
    'GET /page.css': (_incoming, response) => sendFile(response, 'page.css', 'text/css; charset=utf-8'),
    // Without an icon of its own, a browser asks for one, and its console shows the 404.
    'GET /favicon.ico': (_incoming, response) => response.writeHead(204).end(),
    'GET /api/lab': (_incoming, response) => {
      const known = Object.entries(scenarios).map(([name, one]) => ({ name, title: one.title, ...partiesOf(one) }));
      const state = { api, lanes, scenarios: known, calls: [...calls.values()] };
      send(response, 200, JSON.stringify(state));
    },
    'GET /api/events': (_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).flushHeaders();
      // A page that connects late, or again, has missed events.
      for (const call of calls.values()) response.write(eventOf(call));
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    },
    'POST /api/calls': async (incoming, response) => {
      const request = isJson(incoming.headers['content-type'])
        ? parsePlaceRequest(await readBody(incoming))
        : 'expected content-type application/json';
      if (typeof request === 'string') send(response, 400, request);
      else send(response, 200, JSON.stringify(place(request)));
    },
  };
  const answer = (incoming: IncomingMessage, response: ServerResponse): unknown => {
    const route = isOwnHost(incoming.headers.host) ? routes[`${incoming.method} ${incoming.url}`] : undefined;
    return route ? route(incoming, response) : send(response, 404, 'not found');
  };
  const server = createServer(guarded(answer));
  const taken = (error: Error): never => {
    throw 'code' in error && error.code === 'EADDRINUSE'
      ? new Error(`port ${port} is taken; choose another one with --port, or leave it out for a free one`)
      : error;
  };
  const chosen = await listen(server, port).catch(taken);
  return {
    url: `http://127.0.0.1:${chosen}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A call as a server-sent event. */
const eventOf = (call: LabCall): string => `data: ${JSON.stringify(call)}\n\n`;

const emptyStory: Story = { steps: [], heard: [], warnings: [], log: [], printed: [] };

function sendFile(response: ServerResponse, file: string, type: string): void {
  send(response, 200, readFileSync(join(__dirname, file), 'utf8'), type);
}

function send(response: ServerResponse, status: number, body: string, type = 'application/json'): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'self'",
  });
  response.end(body);
}
