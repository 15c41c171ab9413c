import type { Address } from './twilio/address.private';

/** Callers whom an owner may refuse: a number in E.164, all that begin alike, such as `+1900*`, or who hide theirs. */
export const refusable = /^(anonymous|\+[1-9]\d{6,14}|\+[1-9]\d{0,13}\*)$/;

/** Whether the owner doesn't take this caller, whatever the kind of address that has the number. */
export function isRefused(caller: Address, refused: readonly string[]): boolean {
  if (caller.kind === 'hidden') return refused.includes('anonymous');
  if (caller.kind !== 'number') return false;
  const { number } = caller;
  return refused.some((one) => (one.endsWith('*') ? number.startsWith(one.slice(0, -1)) : number === one));
}
