import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getListOfFunctionsAndAssets } from '@twilio-labs/serverless-api/dist/utils';
import { validateRequest } from 'twilio';
import { type LocalServer, readBody, serve } from '../http';
import type { Emulator } from './emulator';
import { labAuthToken } from './webhook';

/** Limits of Twilio Functions (twilio.com/docs/serverless/functions-assets). */
export const cloudLimits = { requestMs: 10_000, concurrent: 30, requestBytes: 1_048_576 } as const;

/** A function or an asset, as the toolkit reads it from its file name. */
export interface Route {
  readonly path: string;
  readonly kind: 'function' | 'asset';
  readonly access: 'private' | 'protected' | 'public';
}

/** What Twilio's cloud looks at before it lets a request through. */
export interface Arrival {
  /** `undefined` when nothing is deployed at the path. */
  readonly route: Route | undefined;
  readonly isTooLarge: boolean;
  /** Whether the signature fits this URL and these parameters. */
  readonly isSigned: boolean;
  readonly hasCrashed: boolean;
  /** Functions that are running. */
  readonly running: number;
  /** Functions that may run at once. */
  readonly maxRunning: number;
}

/** The status with which the cloud itself refuses a request; `undefined` lets it through. */
export function refusalStatus(arrival: Arrival): number | undefined {
  const { route } = arrival;
  if (route === undefined || route.access === 'private') return 404;
  if (arrival.isTooLarge) return 413;
  if (route.access === 'protected' && !arrival.isSigned) return 403;
  if (route.kind === 'asset') return undefined;
  if (arrival.hasCrashed) return 500;
  return arrival.running >= arrival.maxRunning ? 429 : undefined;
}

/** The emulator behind what the cloud adds to it: signatures, access, limits. */
export interface Gateway extends LocalServer {
  /** Makes the functions of these paths fail as if they had crashed, and lets all others work. */
  crash(paths: readonly string[]): void;
}

/** Starts the gateway in front of an emulator. */
export async function startGateway(
  emulator: Emulator,
  limits: Readonly<Record<keyof typeof cloudLimits, number>> = cloudLimits,
): Promise<Gateway> {
  const access = await readAccess(emulator.folder);
  let running = 0;
  let crashed: readonly string[] = [];

  const server = await serve(async (incoming, response) => {
    const route = access.get((incoming.url ?? '').replace(/\?.*/, ''));
    const body = await readBody(incoming, limits.requestBytes).catch(() => undefined);
    const refusal = refusalStatus({
      route,
      isTooLarge: body === undefined,
      isSigned: isSigned(incoming, body ?? ''),
      hasCrashed: crashed.includes(route?.path ?? ''),
      running,
      maxRunning: limits.concurrent,
    });
    if (refusal !== undefined || body === undefined) {
      response.writeHead(refusal ?? 413, { 'content-type': 'text/html' }).end();
      return;
    }
    running += 1;
    response.on('close', () => {
      running -= 1;
    });
    await forward(emulator, body, response, limits.requestMs);
  });
  return {
    ...server,
    crash: (paths) => {
      crashed = paths;
    },
  };
}

/** Who may ask for what, read from the file names by the toolkit's own code. */
async function readAccess(folder: string): Promise<ReadonlyMap<string, Route>> {
  const names = { functionsFolderNames: ['functions'], assetsFolderNames: ['assets'] };
  const { functions, assets } = await getListOfFunctionsAndAssets(join(folder, 'dist'), names);
  return new Map<string, Route>([
    ...functions.map(({ path, access }): [string, Route] => [path, { path, kind: 'function', access }]),
    ...assets.map(({ path, access }): [string, Route] => [path, { path, kind: 'asset', access }]),
  ]);
}

function isSigned(incoming: IncomingMessage, body: string): boolean {
  const signature = String(incoming.headers['x-twilio-signature'] ?? '');
  const url = `http://${incoming.headers.host}${incoming.url}`;
  const form = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? body : '';
  return validateRequest(labAuthToken, signature, url, Object.fromEntries(new URLSearchParams(form)));
}

async function forward(emulator: Emulator, body: string, response: ServerResponse, requestMs: number): Promise<void> {
  const { req: incoming } = response;
  const late = AbortSignal.timeout(requestMs);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const options = {
      method: incoming.method,
      // A connection of its own: a kept one may still have the idle timeout of whoever used it before.
      agent: false,
      headers: { ...incoming.headers, ...emulator.headers, connection: 'close' },
      signal: AbortSignal.any([late, gone.signal]),
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${emulator.url}${incoming.url}`, options, resolve).on('error', reject).end(body);
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
