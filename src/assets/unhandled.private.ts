import { AsyncLocalStorage } from 'node:async_hooks';

/** The errors of one request that nobody awaits, such as a rejection of the owner's code without a `catch`. */
export interface Unhandled {
  /** The first one; `undefined` as long as there is none. */
  first(): { readonly error: unknown } | undefined;
  /** Runs the owner's code; rejects as it does, or with the first such error that comes before it has ended. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The request is over: what still comes from its code is dropped. */
  end(): void;
}

type Take = (error: unknown) => void;

/** Whose code is running, where Node.js knows it: before version 24 it doesn't for `queueMicrotask`. */
const current = new AsyncLocalStorage<Take>();

/** The requests under way: one at a time in the cloud, more in the emulator. */
const underWay = new Set<Take>();

/** Watches for such errors, which would end the process, until `end`. */
export function watchUnhandled(): Unhandled {
  comeFirst();
  let first: { readonly error: unknown } | undefined;
  let reject: Take = () => undefined;
  const take: Take = (error) => {
    first ??= { error };
    reject(error);
  };
  underWay.add(take);
  return {
    first: () => first,
    run: (work) => {
      const failed = new Promise<never>((_resolve, fail) => {
        reject = fail;
      });
      return Promise.race([current.run(take, work), failed]);
    },
    end: () => void underWay.delete(take),
  };
}

/** Gives an error to the request whose code raised it, or else to the ones under way; returns whether there are any. */
function isTaken(error: unknown): boolean {
  const own = current.getStore();
  const takers = own === undefined ? [...underWay] : [own].filter((take) => underWay.has(take));
  for (const take of takers) take(error);
  return own !== undefined || takers.length > 0;
}

/** What listened before us, and still gets what belongs to no request. */
const rejectionListeners: NodeJS.UnhandledRejectionListener[] = [];
const exceptionListeners: NodeJS.UncaughtExceptionListener[] = [];

function onRejection(error: unknown, promise: Promise<unknown>): void {
  if (isTaken(error)) return;
  if (rejectionListeners.length === 0) throw error;
  for (const listener of rejectionListeners) listener(error, promise);
}

function onException(error: Error, origin: NodeJS.UncaughtExceptionOrigin): void {
  if (isTaken(error)) return;
  if (exceptionListeners.length === 0) throw error;
  for (const listener of exceptionListeners) listener(error, origin);
}

/**
 * Puts our listeners in the place of all others. Twilio's cloud runs a function in AWS Lambda, whose runtime has
 * listeners that end the process, whatever else listens.
 */
function comeFirst(): void {
  if (process.listeners('unhandledRejection')[0] === onRejection) return;
  rejectionListeners.push(...process.listeners('unhandledRejection'));
  exceptionListeners.push(...process.listeners('uncaughtException'));
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', onRejection);
  process.removeAllListeners('uncaughtException').on('uncaughtException', onException);
}
