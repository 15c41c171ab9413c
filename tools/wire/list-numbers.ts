import type { Twilio } from 'twilio';
import type { NumberTable } from '../../src/assets/settings.private';
import { e164 } from '../../src/assets/twilio/address.private';
import type { CommandLine } from '../command';
import { alignColumns } from '../text';
import { explained } from '../twilio/service';
import { type Domains, isSwitched, pointsAt, refusalOf, showUrl, type TwilioNumber } from '../twilio/wiring';

/** A number that could be wired. */
export interface ListedNumber {
  /** In E.164. */
  readonly number: string;
  /** Where its calls go, without what may be secret in a URL. */
  readonly pointsAt: string;
  /** Whether that's this deployment. */
  readonly isWired: boolean;
  /** Whether the number table has an entry for it. */
  readonly hasEntry: boolean;
}

/** The numbers of the account and of the number table; `domains` is `undefined` where nothing is deployed. */
export async function listNumbers(
  client: Twilio,
  domains: Domains | undefined,
  numbers: NumberTable,
): Promise<readonly ListedNumber[]> {
  const owned = await explained(client.incomingPhoneNumbers.list({ pageSize: 1000 }));
  const known = owned.map(({ phoneNumber }) => phoneNumber);
  const missing = Object.keys(numbers).filter((number) => e164.test(number) && !known.includes(number));
  return [
    ...owned.map((number) => ({
      number: number.phoneNumber,
      pointsAt: targetOf(number, domains),
      isWired: domains !== undefined && refusalOf(number) === undefined && pointsAt(number, domains),
      hasEntry: Object.hasOwn(numbers, number.phoneNumber),
    })),
    ...missing.map((number) => ({ number, pointsAt: 'not in this account', isWired: false, hasEntry: true })),
  ].sort((a, b) => a.number.localeCompare(b.number));
}

function targetOf(number: TwilioNumber, domains: Domains | undefined): string {
  if (domains !== undefined && isSwitched(number, domains)) return '/fallback.xml alone: the outage switch is on';
  return refusalOf(number)?.detail ?? (showUrl(number.voiceUrl ?? '') || 'nothing');
}

/** The numbers for a terminal, and what to type next. */
export function formatNumbers(
  listed: readonly ListedNumber[],
  width: number | undefined,
  command: CommandLine,
): string {
  const rows = listed.map(({ number, pointsAt: target, isWired, hasEntry }) => [
    number,
    isWired ? 'wired here' : '',
    hasEntry ? 'in the number table' : '',
    target,
  ]);
  const next = `Nothing was changed. Name the numbers to wire: ${command('wire', '+15550100100')}`;
  return listed.length === 0 ? `The account has no number. ${next}` : `${alignColumns(rows, width)}\n\n${next}`;
}
