import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { isOwnHost, type LocalServer, serve } from '../http';
import type { PageCall, PageCalls } from './page-calls';

/** Answers a request of the page. */
type Answer = (incoming: IncomingMessage, response: ServerResponse, query: URLSearchParams) => unknown;

/** What the page shows. */
export interface PageServerOptions {
  readonly calls: PageCalls;
  /** What the page is about: the lab, or a line. */
  describe(): Promise<object> | object;
  /** What a saved page has to know of that: it may go to anybody. */
  readonly saved: object;
  /** Further routes, by method and path. */
  readonly routes: Readonly<Record<string, Answer>>;
  /** The page's port (default: a free one). */
  readonly port?: number;
}

/** Serves the page on loopback. Its address holds a token, so that no other user of this machine finds it. */
export async function startPageServer(options: PageServerOptions): Promise<LocalServer> {
  const { calls, describe, saved, routes, port = 0 } = options;
  const all: Readonly<Record<string, Answer>> = {
    'GET api/lab': async (_incoming, response) => sendJson(response, await describe()),
    'GET api/news': async (_incoming, response, query) => {
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      sendJson(response, await calls.news(query.get('instance'), Number(query.get('version')), gone.signal));
    },
    'GET api/page': (_incoming, response, query) => {
      const call = calls.find(query.get('call') ?? '');
      if (call === undefined) return send(response, 404, 'this lab has no such call');
      const name = `attachment; filename="call-${call.called.replace(/\W/g, '')}-${call.id.slice(0, 8)}.html"`;
      response.setHeader('content-disposition', name);
      return send(response, 200, savedPage(call, saved), types['.html']);
    },
    ...routes,
  };
  const base = `/${randomBytes(16).toString('hex')}/`;
  const answer = (incoming: IncomingMessage, response: ServerResponse): unknown => {
    // Not as the base of a URL, in which `//` begins a host.
    const { pathname, searchParams } = new URL(`http://127.0.0.1${incoming.url}`);
    const isOwn = isOwnHost(incoming.headers.host) && pathname.startsWith(base);
    if (!isOwn) return send(response, 404, 'not found');
    const path = pathname.slice(base.length);
    const file = Object.hasOwn(pageFiles, path) ? pageFiles[path] : undefined;
    if (file !== undefined) return send(response, 200, readFileSync(file, 'utf8'), types[extname(file)]);
    const route = all[`${incoming.method} ${path}`];
    return route ? route(incoming, response, searchParams) : send(response, 404, 'not found');
  };
  const server = await serve(answer, port).catch((error: Error) => {
    if (!('code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(`port ${port} is taken; choose another one with --port, or leave it out for a free one`);
  });
  return { ...server, url: `${server.url}${base}` };
}

/** The files of the page: its own, and the files of its packages. */
const pageFiles: Readonly<Record<string, string>> = {
  '': join(__dirname, 'page.html'),
  'pico.css': require.resolve('@picocss/pico/css/pico.min.css'),
  'page.css': join(__dirname, 'page.css'),
  'htm.js': join(dirname(require.resolve('htm')), '../preact/standalone.umd.js'),
  'page.js': join(__dirname, 'page.js'),
};
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };

/** The page with one call in it, which needs neither the lab nor a network. */
function savedPage(call: PageCall, about: object): string {
  // Inside a script, `<` could begin a tag; JSON has another way to write it.
  const data = JSON.stringify({ ...about, calls: [call] }).replaceAll('<', '\\u003c');
  const contentOf = (path: string): string => readFileSync(pageFiles[path] ?? '', 'utf8');
  const scripts = ['htm.js', 'page.js'].map((path) => `<script>${contentOf(path)}</script>`).join('');
  return contentOf('')
    .replace(/<link rel="stylesheet" href="(.*)">/g, (_link, path: string) => `<style>${contentOf(path)}</style>`)
    .replace(/<script src=.*\n/g, '')
    .replace('</body>', () => `<script type="application/json" id="saved">${data}</script>${scripts}</body>`);
}

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, value: unknown, status = 200): void =>
  send(response, status, JSON.stringify(value), 'application/json');

function send(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' };
  const policy = { 'content-security-policy': "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'" };
  response.writeHead(status, { ...headers, ...policy }).end(body);
}
