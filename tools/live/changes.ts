import type { Twilio } from 'twilio';
import { twilioFailure } from './account';
import type { Wiring } from './deployment';
import { type Finding, failed, ok } from './report';
import { keepChanges, readSaved, type SavedChange } from './saved';
import { currentWiring, differences, refusalOf, showUrl, type TwilioNumber } from './wiring';

/** What to do with a number: point it at the bridge, or at `/fallback.xml` alone, or take the last of these back. */
export type Request = { readonly kind: 'wire' | 'outage'; readonly wiring: Wiring } | { readonly kind: 'undo' };

/** A number with what it should point at, and what can be undone after the change. */
export type Change = ReturnType<typeof changeTo>;

/** The change of a number, by what this file has saved, or why it can't be made. */
export async function findChange(client: Twilio, phoneNumber: string, request: Request, savedFile: string) {
  const known = readSaved(savedFile)[phoneNumber] ?? [];
  const last = known.at(-1);
  if (request.kind === 'undo' && last === undefined) {
    return failed(phoneNumber, '.wired.json does not say what was there before', 'set it by hand in the Console');
  }
  try {
    const [number] = await client.incomingPhoneNumbers.list({ phoneNumber, limit: 1 });
    if (number === undefined) return failed(phoneNumber, 'not in this account', 'check the number, and ACCOUNT_SID');
    if (request.kind !== 'undo') return refusalOf(number) ?? changeTo(number, request, known);
    const { before, after } = last ?? { before: currentWiring(number), after: undefined };
    return changedSince(number, after, before) ?? { number, target: before, undoable: known.slice(0, -1) };
  } catch (error) {
    return twilioFailure(phoneNumber, error);
  }
}

function changeTo(
  number: TwilioNumber,
  { kind, wiring }: Exclude<Request, { kind: 'undo' }>,
  known: readonly SavedChange[],
) {
  const before = currentWiring(number);
  if (differences(before, wiring).length === 0) return { number, target: wiring, undoable: known };
  // What was there before the first wiring counts, however often a number is wired; unless somebody has set it since.
  const isOurs = known.some(({ after }) => after !== undefined && differences(before, after).length === 0);
  const first = isOurs ? (known[0]?.before ?? before) : before;
  const undoable = kind === 'outage' ? [...known, { before, after: wiring }] : [{ before: first, after: wiring }];
  return { number, target: wiring, undoable };
}

/** What somebody has set since is not overwritten. */
function changedSince(number: TwilioNumber, after: Wiring | undefined, before: Wiring): Finding | undefined {
  const found = currentWiring(number);
  // A record of version 0.1 doesn't say what the number was wired to.
  const isOurs = after === undefined ? found.voiceUrl.endsWith('/inbound') : differences(found, after).length === 0;
  if (isOurs || differences(found, before).length === 0) return undefined;
  const detail = `somebody has pointed it at ${showUrl(found.voiceUrl) || 'nothing'} since it was changed here`;
  return failed(number.phoneNumber, detail, 'leave it so, or set it by hand in the Console');
}

/** Changes the numbers one by one; a failure on one does not stop the others. */
export async function applyChanges(client: Twilio, changes: readonly Change[], savedFile: string) {
  const findings: Finding[] = [];
  for (const change of changes) findings.push(await applyChange(client, change, savedFile));
  return findings;
}

async function applyChange(client: Twilio, { number, target, undoable }: Change, savedFile: string): Promise<Finding> {
  const { phoneNumber, sid } = number;
  const same = differences(number, target).length === 0;
  const isUndo = undoable.length < (readSaved(savedFile)[phoneNumber] ?? []).length;
  // Kept before the change, so that a failure after it loses nothing; forgotten only after it.
  if (!isUndo) keepChanges(savedFile, phoneNumber, undoable);
  try {
    if (!same) await client.incomingPhoneNumbers(sid).update({ ...target });
  } catch (error) {
    return twilioFailure(phoneNumber, error);
  }
  if (isUndo) keepChanges(savedFile, phoneNumber, undoable);
  if (same) return ok(phoneNumber, 'already points there');
  const [voiceUrl, fallbackUrl] = [target.voiceUrl, target.voiceFallbackUrl].map((url) => showUrl(url) || 'unset');
  return ok(phoneNumber, `voice URL ${voiceUrl}, fallback URL ${fallbackUrl}`);
}
