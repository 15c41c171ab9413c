import { describeError } from './log.private';
import type { Call } from './twilio/call.private';
import type { Unhandled } from './unhandled.private';

/** Prompt variables as an owner's code makes them. */
export type OwnerVariables = Readonly<Record<string, string | number | boolean>>;

/** Looks up prompt variables for the agent. `signal` aborts when the time is over: hand it to what you await. */
export type CustomVariables = (
  call: Call,
  context: { readonly signal: AbortSignal },
) => OwnerVariables | Promise<OwnerVariables>;

/** Where the prompt variables of a called number come from. */
export interface LookupSettings {
  /** Sent with each call, also when the lookup fails. */
  readonly variables: OwnerVariables;
  /** `undefined` when there is nothing to look up. */
  readonly customVariables: CustomVariables | undefined;
  /** Milliseconds for the lookup. */
  readonly timeoutMs: number;
}

/** The variables to send, and what became of the rest. */
export interface LookupResult {
  readonly variables: Readonly<Record<string, string>>;
  /** Why the lookup gave none. */
  readonly lookup?: 'timeout' | 'failed';
  /** Class and place of what it threw, or what it returned instead of values. */
  readonly error?: string;
  /** Names of the values that can't be sent. */
  readonly omitted?: readonly string[];
}

/** Bytes of the longest value, and of all names and values together: beyond them Synthflow may refuse the call. */
const maxValueBytes = 4096;
const maxBytes = 32_768;

/** Looks up the variables of a call. Never rejects; a lookup that takes too long is aborted, and its result dropped. */
export async function lookUp(settings: LookupSettings, call: Call, unhandled: Unhandled): Promise<LookupResult> {
  const { found, ...failure } = await runLookup(settings, call, unhandled);
  const values: Readonly<Record<string, unknown>> = { ...settings.variables, ...found };
  const sent: [string, string][] = [];
  const omitted: string[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(values)) {
    const text = String(isSendable(value) ? value : '');
    const withThis = bytes + Buffer.byteLength(name + text);
    if (isSendable(value) && Buffer.byteLength(text) <= maxValueBytes && withThis <= maxBytes) {
      sent.push([name, text]);
      bytes = withThis;
    } else omitted.push(name);
  }
  return { variables: Object.fromEntries(sent), ...failure, ...(omitted.length > 0 && { omitted }) };
}

type Found = Omit<LookupResult, 'variables' | 'omitted'> & { readonly found?: Readonly<Record<string, unknown>> };

async function runLookup(
  { customVariables, timeoutMs }: LookupSettings,
  call: Call,
  unhandled: Unhandled,
): Promise<Found> {
  if (customVariables === undefined) return {};
  const start = performance.now();
  const budget = new AbortController();
  const timer = setTimeout(() => budget.abort(), timeoutMs);
  const late = new Promise<never>((_resolve, reject) => budget.signal.addEventListener('abort', reject));
  // Asynchronous, so that an error is a rejection even where the lookup throws at once.
  const lookup = async (): Promise<unknown> => customVariables(call, { signal: budget.signal });
  return (
    Promise.race([unhandled.run(lookup), late])
      // A lookup that blocks the function keeps the timer from firing.
      .then((found): Found => (performance.now() - start > timeoutMs ? { lookup: 'timeout' } : toFound(found)))
      .catch((error: unknown): Found => {
        return budget.signal.aborted ? { lookup: 'timeout' } : { lookup: 'failed', error: describeError(error) };
      })
      .finally(() => clearTimeout(timer))
  );
}

/** Plain JavaScript may return anything: a `Map` or a `Response` keeps its values where they aren't read. */
function toFound(found: unknown): Found {
  if (typeof found !== 'object' || found === null) return { lookup: 'failed', error: 'it returned no object' };
  const own: Readonly<Record<string, unknown>> = { ...found };
  const prototype: unknown = Object.getPrototypeOf(found);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (isPlain) return { found: own };
  const [name] = /^[A-Za-z]+$/.exec(found.constructor.name) ?? ['class'];
  if (Object.keys(own).length === 0)
    return { lookup: 'failed', error: `it returned an object (${name}) without values of its own` };
  // A getter of a class is not the object's own, and left out: here it gets a name, and no value.
  const getters = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
    ([, { get }]) => get !== undefined,
  );
  return { found: { ...Object.fromEntries(getters.map(([getter]) => [getter, undefined])), ...own } };
}

function isSendable(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
