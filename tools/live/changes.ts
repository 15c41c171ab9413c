import type { Twilio } from 'twilio';
import { explainTwilioError } from './account';
import type { Wiring } from './deployment';
import { type Finding, failed, ok } from './report';
import type { Saved } from './saved';
import { currentWiring, differences, refusalOf, showUrl, type TwilioNumber } from './wiring';

/** A number with what it should point at. */
export interface Change {
  readonly number: TwilioNumber;
  readonly target: Wiring;
  /** Whether the target is what was there before the number was wired. */
  readonly isUndo: boolean;
}

/**
 * The change that points a number at this wiring, or, without one, back at what was there before; or why it can't be
 * made. Never throws.
 */
export async function findChange(
  client: Twilio,
  phoneNumber: string,
  wiring: Wiring | undefined,
  saved: Saved,
): Promise<Change | Finding> {
  const isUndo = wiring === undefined;
  const known = saved.read()[phoneNumber];
  const target = wiring ?? known?.before;
  if (target === undefined) {
    return failed(phoneNumber, '.wired.json does not say what was there before', 'set it by hand in the Console');
  }
  try {
    const [number] = await client.incomingPhoneNumbers.list({ phoneNumber, limit: 1 });
    if (number === undefined) return failed(phoneNumber, 'not in this account', 'check the number, and ACCOUNT_SID');
    const changed = isUndo ? changedSince(number, known?.after, target) : undefined;
    return changed ?? refusalOf(number, isUndo) ?? { number, target, isUndo };
  } catch (error) {
    const { what, fix } = explainTwilioError(error);
    return failed(phoneNumber, what, fix);
  }
}

/** What somebody has set since is not overwritten. */
function changedSince(number: TwilioNumber, after: Wiring | undefined, before: Wiring): Finding | undefined {
  const found = currentWiring(number);
  const isOurs =
    after === undefined || differences(found, after).length === 0 || differences(found, before).length === 0;
  if (isOurs) return undefined;
  const detail = `somebody has pointed it at ${showUrl(found.voiceUrl) || 'nothing'} since it was wired`;
  return failed(number.phoneNumber, detail, 'leave it so, or set it by hand in the Console');
}

/** Changes the numbers one by one; a failure on one does not stop the others. */
export async function applyChanges(
  client: Twilio,
  changes: readonly Change[],
  saved: Saved,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const change of changes) findings.push(await applyChange(client, change, saved));
  return findings;
}

async function applyChange(client: Twilio, { number, target, isUndo }: Change, saved: Saved): Promise<Finding> {
  const { phoneNumber, sid } = number;
  const same = differences(number, target).length === 0;
  try {
    // Kept before the change, so that a failure after it loses nothing.
    if (!same && !isUndo) saved.keep(phoneNumber, currentWiring(number), target);
    if (!same) await client.incomingPhoneNumbers(sid).update({ ...target });
    if (isUndo) saved.forget(phoneNumber);
  } catch (error) {
    const { what, fix } = explainTwilioError(error);
    return failed(phoneNumber, what, fix);
  }
  if (same) return ok(phoneNumber, 'already points there');
  const [voiceUrl, fallbackUrl] = [target.voiceUrl, target.voiceFallbackUrl].map((url) => showUrl(url) || 'unset');
  return ok(phoneNumber, `voice URL ${voiceUrl}, fallback URL ${fallbackUrl}`);
}
