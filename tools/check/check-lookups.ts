import { types } from 'node:util';
import { type CustomVariables, type LookupResult, lookUp } from '../../src/assets/lookup.private';
import { type NumberTable, readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { parseCall } from '../../src/assets/twilio/call.private';
import { type Unhandled, watchUnhandled } from '../../src/assets/unhandled.private';
import { placeInTable, withoutSecrets } from '../build/number-table';
import { withVariables } from '../build/owner-variables';
import type { Environment } from '../environment';
import { type Finding, ok, warning } from '../finding';
import type { Shell } from '../shell';
import { messageOf } from '../text';

const place = { FromCity: 'SPRINGFIELD', FromState: 'IL', FromZip: '62701', FromCountry: 'US' } as const;

/** A caller whom Twilio knows well, and one who hides the number: then Twilio sends no place and no name. */
const sampleCallers = [
  { who: 'a caller', parameters: { From: '+15550100142', ...place, CallerName: 'SAMPLE CALLER' } },
  { who: 'a caller who hides the number', parameters: { From: 'anonymous' } },
] as const;
type Sample = (typeof sampleCallers)[number];

/** A lookup that has ended, while what it started may go on. */
interface Trial {
  readonly number: string;
  readonly who: string;
  readonly timeoutMs: number;
  readonly result: LookupResult;
  readonly thrown: unknown;
  readonly unhandled: Unhandled;
}

/** Milliseconds in which what a lookup started may still fail: about as long as a call waits for Synthflow. */
const lateMs = 1000;

/**
 * Tries the lookup of each number in the table with sample calls, and with the variables that it has in the cloud. A
 * caller would reach the agent all the same.
 */
export async function checkLookups(
  shell: Pick<Shell, 'clock' | 'stderr'>,
  environment: Environment,
  numbers: NumberTable,
): Promise<readonly Finding[]> {
  const trials = await withVariables(environment, () => tryLookups(shell, environment, numbers));
  const tried = new Set(trials.map(({ number }) => number));
  return [...tried].flatMap((number) => {
    const all = trials.filter((trial) => trial.number === number).flatMap(warningsOf);
    const warnings = all.map((one) => ({ ...one, detail: withoutSecrets(one.detail, environment) }));
    return warnings.length > 0 ? warnings : [ok(number, 'its customVariables were looked up for two sample calls')];
  });
}

async function tryLookups(
  { clock, stderr }: Pick<Shell, 'clock' | 'stderr'>,
  environment: Environment,
  numbers: NumberTable,
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (const number of Object.keys(numbers)) {
    const lookup = readSettings(environment, numbers, parseAddress(number)).api?.lookup;
    if (lookup?.customVariables === undefined) continue;
    const { customVariables, timeoutMs } = lookup;
    // A lookup that never gives way would leave nobody else to say so.
    stderr.write(`running the customVariables of ${number} …\n`);
    for (const sample of sampleCallers) {
      trials.push(await tryLookup(number, sample, customVariables, timeoutMs));
    }
  }
  if (trials.length > 0) await clock.pause(lateMs);
  return trials;
}

async function tryLookup(
  number: string,
  { who, parameters }: Sample,
  customVariables: CustomVariables,
  timeoutMs: number,
): Promise<Trial> {
  const call = parseCall({ CallSid: `CA${'0'.repeat(32)}`, CallStatus: 'ringing', To: number, ...parameters });
  let thrown: unknown;
  const watched: CustomVariables = async (...given) => {
    try {
      return await customVariables(...given);
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  const unhandled = watchUnhandled();
  const result = await lookUp({ variables: {}, customVariables: watched, timeoutMs }, call, unhandled);
  return { number, who, timeoutMs, result, thrown, unhandled };
}

function warningsOf({ number, who, timeoutMs, result, thrown, unhandled }: Trial): readonly Finding[] {
  unhandled.end();
  const error = thrown ?? unhandled.first()?.error;
  const detail = describeTrial(result, error, timeoutMs);
  if (detail === undefined) return [];
  const further = result.lookup === 'timeout' ? ', or raise LOOKUP_TIMEOUT_MS' : '';
  const fix = `correct ${placeInTable(error)}${further}: the agent gets the call without these variables`;
  return [warning(number, `customVariables ${detail} for ${who}`, fix)];
}

/** What a failed `fetch` keeps apart from its message, such as the host that wasn't found. */
const causeOf = (error: unknown): unknown => (types.isNativeError(error) ? error.cause : undefined);

function describeTrial({ lookup, omitted, ...result }: LookupResult, error: unknown, timeoutMs: number) {
  // Once the time is over, the signal makes what it was handed to fail.
  if (lookup === 'timeout') return `took longer than ${timeoutMs} ms`;
  if (error !== undefined) return `failed (${[error, causeOf(error)].filter(Boolean).map(messageOf).join(': ')})`;
  if (lookup === 'failed') return `failed (${result.error})`;
  return omitted && `gave values that can't be sent (${omitted.join(', ')})`;
}
