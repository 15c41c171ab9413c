import { type CustomVariables, lookUp } from '../../src/assets/lookup.private';
import { type NumberTable, readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { parseCall } from '../../src/assets/twilio/call.private';
import { placeInTable } from '../build/number-table';
import type { Environment } from '../environment';
import { type Finding, ok, warning } from '../finding';

const place = { FromCity: 'SPRINGFIELD', FromState: 'IL', FromZip: '62701', FromCountry: 'US' } as const;

/** A caller whom Twilio knows well, and one who hides the number: then Twilio sends no place and no name. */
const sampleCallers = [
  { who: 'a caller', parameters: { From: '+15550100142', ...place, CallerName: 'SAMPLE CALLER' } },
  { who: 'a caller who hides the number', parameters: { From: 'anonymous' } },
] as const;
type Sample = (typeof sampleCallers)[number];

/** Tries the lookup of each number in the table with sample calls. A caller would reach the agent all the same. */
export async function checkLookups(environment: Environment, numbers: NumberTable): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const number of Object.keys(numbers)) {
    const lookup = readSettings(environment, numbers, parseAddress(number)).api?.lookup;
    if (lookup?.customVariables === undefined) continue;
    const tried: Finding[] = [];
    for (const sample of sampleCallers) {
      tried.push(...(await tryLookup(number, sample, lookup.customVariables, lookup.timeoutMs)));
    }
    if (tried.length === 0) tried.push(ok(number, 'its customVariables were looked up for two sample calls'));
    findings.push(...tried);
  }
  return findings;
}

async function tryLookup(number: string, sample: Sample, customVariables: CustomVariables, timeoutMs: number) {
  const { who, parameters } = sample;
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
  const { lookup, omitted } = await lookUp({ variables: {}, customVariables: watched, timeoutMs }, call);
  const message = thrown instanceof Error ? thrown.message : 'it gave no object';
  const failures = { timeout: `took longer than ${timeoutMs} ms`, failed: `failed (${message})` };
  const detail = lookup ? failures[lookup] : omitted && `gave values that can't be sent (${omitted.join(', ')})`;
  if (detail === undefined) return [];
  const fix = `look at ${placeInTable(thrown)}: the agent gets the call without`;
  return [warning(number, `customVariables ${detail} for ${who}`, fix)];
}
