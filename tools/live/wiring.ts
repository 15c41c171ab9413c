import type { Twilio } from 'twilio';
import type { Wiring } from './deployment';
import { type Finding, failed, ok } from './report';

/** A phone number of the account, as Twilio's API shows it. */
export type TwilioNumber = Awaited<ReturnType<Twilio['incomingPhoneNumbers']['list']>>[number];

/** What may hold a number, so that its voice URL is not used. */
export type NumberHolders = Pick<TwilioNumber, 'phoneNumber' | 'trunkSid' | 'voiceApplicationSid'>;

/** A number with what it points at. */
export type NumberWiring = Pick<TwilioNumber, 'phoneNumber'> & Partial<Wiring>;

/** What a number points at now. */
export const currentWiring = (number: TwilioNumber): Wiring => ({
  voiceUrl: number.voiceUrl ?? '',
  voiceMethod: number.voiceMethod ?? 'POST',
  voiceFallbackUrl: number.voiceFallbackUrl ?? '',
  voiceFallbackMethod: number.voiceFallbackMethod ?? 'POST',
});

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
