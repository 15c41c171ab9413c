import type { Twilio } from 'twilio';
import { e164 } from '../../src/assets/twilio/address.private';
import { describeTwilioError } from './account';
import type { Wiring } from './deployment';
import { type Finding, failed, ok } from './report';
import type { Saved } from './saved';
import { currentWiring, differences, refusalOf, type TwilioNumber } from './wiring';

/** A number with what it should point at. */
export interface Change {
  readonly number: TwilioNumber;
  readonly target: Wiring;
}

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
