import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getListOfFunctionsAndAssets } from '@twilio-labs/serverless-api/dist/utils';
import { validateRequest } from 'twilio';
import { forPrograms, type LocalServer, readBody, serve } from '../http';
import type { Emulator } from './emulator';
import { labAuthToken } from './webhook';

/** Milliseconds that Twilio gives a function (twilio.com/docs/serverless/functions-assets). */
const functionLimitMs = 10_000;

/** A function or an asset, as the toolkit reads it from its file name. */
interface Route {
  readonly path: string;
  readonly access: 'private' | 'protected' | 'public';
}

/** The emulator behind what the cloud adds to it: signatures, access, limits. */
export interface Gateway extends LocalServer {
  /** Makes the functions of these paths fail as if they had crashed, and lets all others work. */
  crash(paths: readonly string[]): void;
  /** Sets the clock of the functions this many milliseconds ahead of the real one. */
  setClock(aheadMs: number): void;
}

/** Starts the gateway in front of an emulator. */
export async function startGateway(emulator: Emulator, limitMs = functionLimitMs): Promise<Gateway> {
  const access = await readAccess(emulator.folder);
  let crashed: readonly string[] = [];
  let clockAheadMs = 0;

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = access.get((incoming.url ?? '').replace(/\?.*/, ''));
    const body = await readBody(incoming);
    const refusal = refusalStatus(route, isSigned(incoming, body), crashed.includes(route?.path ?? ''));
    if (refusal !== undefined) return void response.writeHead(refusal, { 'content-type': 'text/html' }).end();
    const headers = { ...emulator.headers, 'x-lab-clock-ahead-ms': `${clockAheadMs}` };
    await forward({ url: emulator.url, headers }, body, response, limitMs);
  };
  const server = await serve(forPrograms(answer));
  return {
    ...server,
    crash: (paths) => {
      crashed = paths;
    },
    setClock: (aheadMs) => {
      clockAheadMs = aheadMs;
    },
  };
}

/** The status with which the cloud itself refuses a request; `undefined` lets it through. */
function refusalStatus(route: Route | undefined, isSigned: boolean, hasCrashed: boolean): number | undefined {
  if (route === undefined || route.access === 'private') return 404;
  if (route.access === 'protected' && !isSigned) return 403;
  return hasCrashed ? 500 : undefined;
}

/** The access of each path, which the toolkit's own code reads from the file names. */
async function readAccess(folder: string): Promise<ReadonlyMap<string, Route>> {
  const names = { functionsFolderNames: ['functions'], assetsFolderNames: ['assets'] };
  const { functions, assets } = await getListOfFunctionsAndAssets(join(folder, 'dist'), names);
  return new Map<string, Route>([
    ...functions.map(({ path, access }): [string, Route] => [path, { path, access }]),
    ...assets.map(({ path, access }): [string, Route] => [path, { path, access }]),
  ]);
}

function isSigned(incoming: IncomingMessage, body: string): boolean {
  const signature = String(incoming.headers['x-twilio-signature'] ?? '');
  const url = `http://${incoming.headers.host}${incoming.url}`;
  const form = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? body : '';
  return validateRequest(labAuthToken, signature, url, Object.fromEntries(new URLSearchParams(form)));
}

/** Where a request goes on, and the headers that it gets. */
type Target = Pick<Emulator, 'url' | 'headers'>;

async function forward(target: Target, body: string, response: ServerResponse, requestMs: number): Promise<void> {
  const { req: incoming } = response;
  const late = AbortSignal.timeout(requestMs);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const options = {
      method: incoming.method,
      // A new connection: a keep-alive one may still have the idle timeout of its last request.
      agent: false,
      headers: { ...incoming.headers, ...target.headers, connection: 'close' },
      signal: AbortSignal.any([late, gone.signal]),
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${target.url}${incoming.url}`, options, resolve).on('error', reject).end(body);
    });
    response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
    await pipeline(answer, response);
  } catch {
    const [status, text] = late.aborted ? ([504, 'gateway timeout'] as const) : ([502, 'bad gateway'] as const);
    // An answer that has begun can only be cut.
    if (response.headersSent) response.destroy();
    else response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  }
}
