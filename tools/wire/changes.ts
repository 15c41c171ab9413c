import type { Twilio } from 'twilio';
import { type Finding, failed, ok } from '../finding';
import { messageOf } from '../text';
import { twilioFailure } from '../twilio/account';
import { outageWiringOf, type Wiring } from '../twilio/deployment';
import { currentWiring, differences, findRegionProblem, refusalOf, showUrl, type TwilioNumber } from '../twilio/wiring';
import { type SavedChange, saveChange } from './saved';

/** What to do with a number: point it at the bridge, or at `/fallback.xml` alone, or take the last of these back. */
export type Request = { readonly kind: 'wire' | 'outage'; readonly wiring: Wiring } | { readonly kind: 'undo' };

/** A number with what it should point at. */
export interface Change {
  readonly number: TwilioNumber;
  readonly target: Wiring;
  /** What `--undo` takes back after the change; `undefined` for nothing. */
  readonly saved: SavedChange | undefined;
  /** Whether it ends an outage: `--undo` without numbers prefers these. */
  readonly endsOutage: boolean;
  /** What to say of a number that needs no change. */
  readonly already: string;
}

/** Finds the change of a number, or why it can't be made; `saved` is its last change. */
export async function findChange(
  client: Twilio,
  phoneNumber: string,
  request: Request,
  saved: SavedChange | undefined,
): Promise<Change | Finding> {
  try {
    const [number] = await client.incomingPhoneNumbers.list({ phoneNumber, limit: 1 });
    if (number === undefined) return failed(phoneNumber, 'not in this account', 'check the number, and ACCOUNT_SID');
    if (request.kind !== 'undo') {
      // A login that may not ask for this may still wire.
      const elsewhere = await findRegionProblem(client, phoneNumber).catch(() => undefined);
      return refusalOf(number) ?? elsewhere ?? changeTo(number, request, saved);
    }
    return undo(number, saved);
  } catch (error) {
    return twilioFailure(phoneNumber, error);
  }
}

const isSame = (found: Wiring, wiring: Wiring): boolean => differences(found, wiring).length === 0;

/** How the outage switch points a number with this wiring. */
const outageFor = ({ voiceFallbackUrl }: Wiring): Wiring => outageWiringOf(new URL(voiceFallbackUrl).host);

function changeTo(
  number: TwilioNumber,
  { kind, wiring: target }: Exclude<Request, { kind: 'undo' }>,
  saved: SavedChange | undefined,
): Change {
  const already = kind === 'wire' ? 'already points at the deployment' : 'already points at /fallback.xml alone';
  const found = currentWiring(number);
  if (isSame(found, target)) return { number, target, saved, endsOutage: false, already };
  const isOurs = saved !== undefined && (isSame(found, saved.after) || isSame(found, outageFor(saved.after)));
  // The wiring before the bridge counts, however often a number is wired; unless somebody has set another one since.
  const before = isOurs ? saved.before : found;
  // After an outage, `--undo` goes back to the bridge, and only then to what was there before it.
  const isSwitch = isOurs && isSame(target, outageFor(saved.after));
  return { number, target, saved: isSwitch ? saved : { before, after: target }, endsOutage: false, already };
}

/** What somebody has set since is not overwritten. */
function undo(number: TwilioNumber, saved: SavedChange | undefined): Change | Finding {
  const { phoneNumber } = number;
  if (saved === undefined) {
    return failed(phoneNumber, '.wired.json does not say what was there before', 'set it by hand in the Console');
  }
  const { before, after } = saved;
  const found = currentWiring(number);
  const isSwitched = isSame(found, outageFor(after));
  const already = 'is already as it was before';
  if (isSwitched && !isSame(after, found)) return { number, target: after, saved, endsOutage: true, already };
  if (isSame(found, after) || isSame(found, before)) {
    return { number, target: before, saved: undefined, endsOutage: isSwitched, already };
  }
  const detail = `somebody has pointed it at ${showUrl(found.voiceUrl) || 'nothing'} since it was changed here`;
  return failed(phoneNumber, detail, 'leave it so, or set it by hand in the Console');
}

/** Changes the numbers one by one; a failure on one does not stop the others. */
export async function applyChanges(
  client: Twilio,
  changes: readonly Change[],
  savedFile: string,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const change of changes) findings.push(await applyChange(client, change, savedFile));
  return findings;
}

const saveFix = 'make room there, or let this user write, and run it again';

/** Saves a change; returns why it couldn't be saved. */
function findSaveProblem(file: string, number: string, change: SavedChange | undefined): string | undefined {
  try {
    saveChange(file, number, change);
    return undefined;
  } catch (error) {
    return `.wired.json could not be written (${messageOf(error)})`;
  }
}

async function applyChange(
  client: Twilio,
  { number, target, saved, already }: Change,
  savedFile: string,
): Promise<Finding> {
  const { phoneNumber, sid } = number;
  const isAlready = isSame(currentWiring(number), target);
  // Saved before the change, so that a failure after it loses nothing; forgotten only after it.
  const unsaved = saved && findSaveProblem(savedFile, phoneNumber, saved);
  if (unsaved !== undefined) return failed(phoneNumber, `was not changed: ${unsaved}`, saveFix);
  try {
    if (!isAlready) await client.incomingPhoneNumbers(sid).update({ ...target });
  } catch (error) {
    return twilioFailure(phoneNumber, error);
  }
  const unforgotten = saved ? undefined : findSaveProblem(savedFile, phoneNumber, undefined);
  if (unforgotten !== undefined) return failed(phoneNumber, `is put back, but ${unforgotten}`, saveFix);
  if (isAlready) return ok(phoneNumber, already);
  const [voiceUrl, fallbackUrl] = [target.voiceUrl, target.voiceFallbackUrl].map((url) => showUrl(url) || 'unset');
  return ok(phoneNumber, `voice URL ${voiceUrl}, fallback URL ${fallbackUrl}`);
}
