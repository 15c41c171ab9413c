import { describeError } from './log.private';
import type { Call } from './twilio/call.private';

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
  /** Class and place of what it threw. */
  readonly error?: string;
  /** Names of the values that can't be sent. */
  readonly omitted?: readonly string[];
}

/** Looks up the variables of a call. Never rejects; a lookup that takes too long is aborted, and its result dropped. */
export async function lookUp(settings: LookupSettings, call: Call): Promise<LookupResult> {
  const { found, ...failure } = await runLookup(settings, call);
  const values = { ...settings.variables, ...found };
  const sent = Object.entries(values).filter(([, value]) => isSendable(value));
  const omitted = Object.keys(values).filter((name) => !isSendable(values[name]));
  return {
    variables: Object.fromEntries(sent.map(([name, value]) => [name, String(value)])),
    ...failure,
    ...(omitted.length > 0 && { omitted }),
  };
}

type Found = Omit<LookupResult, 'variables' | 'omitted'> & { readonly found?: OwnerVariables };

async function runLookup({ customVariables, timeoutMs }: LookupSettings, call: Call): Promise<Found> {
  if (customVariables === undefined) return {};
  const budget = new AbortController();
  const timer = setTimeout(() => budget.abort(), timeoutMs);
  const late = new Promise<never>((_resolve, reject) => budget.signal.addEventListener('abort', reject));
  // Asynchronous, so that an error is a rejection even where the lookup throws at once.
  const lookup = async (): Promise<OwnerVariables> => customVariables(call, { signal: budget.signal });
  return Promise.race([lookup(), late])
    .then(toFound)
    .catch((error: unknown): Found => {
      return budget.signal.aborted ? { lookup: 'timeout' } : { lookup: 'failed', error: describeError(error) };
    })
    .finally(() => clearTimeout(timer));
}

/** Plain JavaScript may return anything. */
function toFound(found: unknown): Found {
  return typeof found === 'object' && found !== null ? { found: { ...found } } : { lookup: 'failed' };
}

function isSendable(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
