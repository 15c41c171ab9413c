import type { Twilio } from 'twilio';
import { e164 } from '../../src/assets/twilio/address.private';
import { describeTwilioError } from './account';
import type { Wiring } from './deployment';
import { type Finding, failed, ok } from './report';
import type { Saved } from './saved';

/** A phone number of the account, as Twilio's API shows it. */
export type TwilioNumber = Awaited<ReturnType<Twilio['incomingPhoneNumbers']['list']>>[number];

/** What may hold a number, so that its voice URL is not used. */
export type NumberHolders = Pick<TwilioNumber, 'phoneNumber' | 'trunkSid' | 'voiceApplicationSid'>;

/** A number with what it points at. */
export type NumberWiring = Pick<TwilioNumber, 'phoneNumber'> & Partial<Wiring>;

/** A number with what it should point at. */
export interface Change {
  readonly number: TwilioNumber;
  readonly target: Wiring;
}

/** What a number points at now. */
export const currentWiring = (number: TwilioNumber): Wiring => ({
  voiceUrl: number.voiceUrl ?? '',
  voiceMethod: number.voiceMethod ?? 'POST',
  voiceFallbackUrl: number.voiceFallbackUrl ?? '',
  voiceFallbackMethod: number.voiceFallbackMethod ?? 'POST',
});

/** The change of a number, or why it can't be made. Never throws. */
export async function findChange(
  client: Twilio,
  phoneNumber: string,
  target: Wiring | undefined,
  undo: boolean,
): Promise<Change | Finding> {
  if (!e164.test(phoneNumber)) return failed(phoneNumber, "isn't a number in E.164", 'write it as +15550101001');
  if (target === undefined) {
    return failed(phoneNumber, '.wired.json does not say what was there before', 'set it by hand in the Console');
  }
  try {
    const [number] = await client.incomingPhoneNumbers.list({ phoneNumber, limit: 1 });
    if (number === undefined) return failed(phoneNumber, 'not in this account', 'check the number, and ACCOUNT_SID');
    return refusalOf(number, undo) ?? { number, target };
  } catch (error) {
    return failed(phoneNumber, describeTwilioError(error), 'run the same command again');
  }
}

/** Why a number can't be wired; what it was before can always be put back. */
export function refusalOf(number: NumberHolders, undo: boolean): Finding | undefined {
  const holder = holderOf(number);
  if (holder === undefined || undo) return undefined;
  const { phoneNumber } = number;
  return failed(
    phoneNumber,
    `${holder} holds it, so its voice URL would not be used`,
    'take it out of there in the Console first',
  );
}

/** Which settings of a number differ from what they should be, as `name is … instead of …`. */
export function differences(found: Partial<Wiring>, target: Wiring): readonly string[] {
  return Object.entries(target)
    .map(([name, value]) => ({ name, value, was: Object.entries(found).find(([key]) => key === name)?.[1] || 'unset' }))
    .filter(({ value, was }) => was !== (value || 'unset'))
    .map(({ name, value, was }) => `${name} is ${was} instead of ${value}`);
}

/** Whether a number is wired as it should be, and whether calls to it would go in a circle. */
export function checkNumber(number: NumberWiring, target: Wiring, fallbackNumber: string | undefined): Finding[] {
  const { phoneNumber } = number;
  const wrong = differences(number, target);
  const finding =
    wrong.length === 0
      ? ok(phoneNumber, 'is wired to this deployment')
      : failed(phoneNumber, wrong.join(', '), `npm run wire -- ${phoneNumber}`);
  if (phoneNumber !== fallbackNumber) return [finding];
  const circle = 'is FALLBACK_NUMBER and wired to this deployment: callers would go in a circle';
  return [finding, failed(phoneNumber, circle, 'choose a number where a person answers')];
}

function holderOf({ trunkSid, voiceApplicationSid }: NumberHolders): string | undefined {
  if (trunkSid) return `the SIP trunk ${trunkSid}`;
  return voiceApplicationSid ? `the TwiML app ${voiceApplicationSid}` : undefined;
}

/** Changes the numbers one by one; a failure on one does not stop the others. */
export async function applyChanges(
  client: Twilio,
  changes: readonly Change[],
  saved: Saved,
  undo: boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { number, target } of changes) {
    findings.push(await applyChange(client, number, target, saved, undo));
  }
  return findings;
}

async function applyChange(
  client: Twilio,
  number: TwilioNumber,
  target: Wiring,
  saved: Saved,
  undo: boolean,
): Promise<Finding> {
  const { phoneNumber, sid } = number;
  const same = differences(number, target).length === 0;
  try {
    // Kept before the change, so that a failure after it loses nothing.
    if (!same && !undo) saved.keep(phoneNumber, currentWiring(number));
    if (!same) await client.incomingPhoneNumbers(sid).update({ ...target });
    if (undo) saved.forget(phoneNumber);
  } catch (error) {
    return failed(phoneNumber, describeTwilioError(error), 'run the same command again');
  }
  if (same) return ok(phoneNumber, 'already points there');
  return ok(phoneNumber, `voice URL ${target.voiceUrl || 'unset'}, fallback URL ${target.voiceFallbackUrl || 'unset'}`);
}
